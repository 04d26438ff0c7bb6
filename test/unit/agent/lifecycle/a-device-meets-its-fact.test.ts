import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSamples } from '../../../../scripts/identify-samples.ts';
import { lifecycleMatches } from '../../../../scripts/lifecycle-matches-of.ts';
import { factsAbout, type Known } from '../../../../src/agent/lifecycle/match.ts';
import { modelWords, revisionOf } from '../../../../src/agent/lifecycle/model-words.ts';
import { readLifecycleCatalogue } from '../../../../src/platform/lifecycle-files.ts';

const catalogue = readLifecycleCatalogue();
const found = (device: Known) =>
  factsAbout(catalogue, device).map((one) => (one.is === 'about' ? one.fact.id : `ask: ${one.facts.map(({ id }) => id)}: ${one.lookFor}`));

describe('the catalogue over all identification samples', () => {
  it('meets exactly the devices that were reviewed by hand', { timeout: 60_000 }, () => {
    const samples = readSamples(readFileSync('test/data/identify/samples.jsonl', 'utf8'));
    const reviewed = readFileSync('test/data/lifecycle-matches.txt', 'utf8').trim().split('\n');
    expect(lifecycleMatches(samples)).toEqual(reviewed);
  });
});

describe('a device', () => {
  it.for([
    [{ vendor: 'AVM', model: 'FRITZ!Box7580' }, ['avm-fritz-box-7580']],
    [{ vendor: 'Netgear', model: 'NETGEAR WNDR3400v3 Wireless Router' }, ['netgear-wndr3400v3']],
    [{ vendor: 'Cisco', model: 'Linksys E1200' }, ['linksys-e1200']],
    [{ vendor: 'Bose', model: 'SoundTouch 20' }, ['bose-soundtouch-20']],
    [{ vendor: 'Apple', model: 'Apple TV (3rd generation)', modelNumber: 'AppleTV3,2' }, ['apple-tv-3rd-generation']],
    [{ vendor: 'Apple', modelNumber: 'iPhone1,2' }, ['apple-iphone-3g']],
    [{ vendor: 'Sonos', model: 'Play:5', modelNumber: 'S5' }, ['sonos-play-5']],
    [{ vendor: 'TP-Link', model: 'TL-WR841N V8' }, ['tp-link-tl-wr841n']],
    [{ vendor: 'MikroTik', model: 'hAP ac2', firmware: '7.10.2' }, ['mikrotik-routeros-7-10']],
    [{ vendor: 'TP-Link', firmware: 'OpenWrt 22.03.5' }, ['openwrt-22-03']],
    [{ vendor: 'Neato', kind: 'vacuum', model: 'Botvac D7' }, ['neato-connected-vacuum']],
  ] as [Known, string[]][])('meets its fact: %j', ([device, ids], { expect }) => {
    expect(found(device)).toEqual(ids);
  });

  it.for([
    { vendor: 'Linksys', model: 'WHE1200AC' },
    { vendor: 'AVM', model: 'FRITZ!Box 7590' },
    { vendor: 'Netgear', model: 'FRITZ!Box 7580' },
    { model: 'FRITZ!Box 7580' },
    { vendor: 'Bose', model: 'SoundTouch' },
    { vendor: 'Sonos', model: 'Play:5', modelNumber: 'S6' },
    { vendor: 'Sonos', model: 'One', modelNumber: 'S18' },
    { vendor: 'Apple', model: 'Apple TV 4K (3rd generation)', modelNumber: 'AppleTV14,1' },
    { vendor: 'Apple', model: 'iPhone 99' },
    { vendor: 'TP-Link', model: 'TL-WR841N V14' },
    { vendor: 'Cisco', model: 'Catalyst', firmware: 'IOS 15.2' },
    { vendor: 'Acme', model: 'X', firmware: '7.10.2' },
    { vendor: 'MikroTik', firmware: '99.1' },
    {},
  ] as Known[])('of another or unknown make meets none: %j', (device, { expect }) => {
    expect(found(device)).toEqual([]);
  });

  it('is asked for what would tell where its revision decides, or only its name speaks', () => {
    expect(found({ vendor: 'TP-Link', model: 'TL-WR841N' })).toEqual([
      'ask: tp-link-tl-wr841n: the hardware version on the label: it is about V8, V10',
    ]);
    expect(found({ vendor: 'Philips', model: 'Hue Bridge' })).toEqual([expect.stringMatching(/^ask: philips-hue-bridge-v1.*round/)]);
    expect(found({ vendor: 'Philips', model: 'Hue Bridge', modelNumber: 'BSB002' })).toEqual([]);
    expect(found({ vendor: 'Bose', name: 'Living room SoundTouch 20' })).toEqual([
      expect.stringMatching(/^ask: bose-soundtouch-20: the model on the label/),
    ]);
    const guessed = [{ fact: 'model', source: 'a host name', confidence: 0.3 }] as const;
    expect(found({ vendor: 'Bose', model: 'SoundTouch 20', because: guessed })).toEqual([expect.stringMatching(/only guessed/)]);
  });

  it('is not asked for what no source says', () => {
    expect(found({ vendor: 'Philips', name: 'BSB001' })).toHaveLength(1);
    expect(found({ vendor: 'DrayTek', name: 'Vigor2960' })).toEqual([]);
  });

  it('never makes matching throw, whatever it says', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('V', 'hw', 'rev', '1st', 'gen')), {
      nil: undefined,
    });
    fc.assert(
      fc.property(
        fc.constantFrom('Apple', 'TP-Link', 'Cisco', 'Sonos'),
        text,
        text,
        text,
        text,
        (vendor, model, modelNumber, firmware, name) => {
          const device = Object.fromEntries(
            Object.entries({ vendor, model, modelNumber, firmware, name }).filter(([, said]) => said !== undefined),
          );
          expect(found(device as Known)).toBeInstanceOf(Array);
        },
      ),
    );
  });
});

describe('a model name', () => {
  it.for([
    ['TL-WR841N V8', 'tlwr841n', 'v8'],
    ['TP-Link TL-WR841N(EU) Ver 8.0', 'tlwr841n', 'v8'],
    ['WGR614v10', 'wgr614', 'v10'],
    ['DIR-600 Rev. B1', 'dir600', 'b1'],
    ['TL-WR841N hardware version 10', 'tlwr841n', 'v10'],
    ['Apple TV (3rd generation)', 'appletv', 'gen3'],
    ['Play:5 (Gen 1)', 'play5', 'gen1'],
    ['DS412+', 'ds412plus', undefined],
    ['Galaxy Tab 7.0 3G', 'galaxytab7.0-3g', undefined],
    ['V8', 'v8', undefined],
  ] as [string, string, string | undefined][])('%s is %s of revision %s', ([text, key, revision], { expect }) => {
    expect(modelWords(text, [['tp', 'link']])).toEqual(revision === undefined ? { key } : { key, revision });
  });

  it('is no revision by itself', () => {
    expect([
      revisionOf('V8'),
      revisionOf('Rev. B'),
      revisionOf('2nd generation'),
      revisionOf('Gen 2'),
      revisionOf('Pro'),
      revisionOf(''),
    ]).toEqual(['v8', 'b', 'gen2', 'gen2', undefined, undefined]);
  });
});
