import { describe, expect, it } from 'vitest';
import { isModel, kindMeans, sameModel, sameVendor } from '../../../scripts/identify-compare.ts';
import { foldOf, readSamples, type Sample, sightingsOf } from '../../../scripts/identify-samples.ts';
import { evidenceIn } from '../../../src/agent/inventory/fingerprints.ts';

describe('a vendor', () => {
  it.each([
    ['TP-LINK', 'TP-Link Corporation Limited', true],
    ['Signify (Philips Hue)', 'Philips', true],
    ['Hewlett-Packard', 'HP', true],
    ['Bang & Olufsen', 'Bang and Olufsen', false],
    ['Weidmuller', 'Weidmüller', true],
    ['Denon', 'Marantz', false],
    ['Apple', 'Applied Materials', false],
  ])('%s said as %s is right: %s', (expected, said, right) => {
    expect(sameVendor(expected, said)).toBe(right);
  });
});

describe('a model', () => {
  it.each([
    ['LaserJet 4250', 'HP LaserJet 4250', 'HP', 'LaserJet', true],
    ['HP LaserJet 4250', 'LaserJet 4250', 'HP', 'LaserJet', true],
    ['LaserJet 4250', 'LaserJet', 'HP', 'LaserJet', false],
    ['LaserJet 4250', 'LaserJet 4200', 'HP', 'LaserJet', false],
    ['iPhone X', 'iPhone XS', 'Apple', 'iPhone', false],
    ['AVR-X2100W', 'AVRX2100W', 'Denon', '', true],
    ['Time Capsule', 'Time Capsule (4th generation)', 'Apple', '', true],
    ['SPA', 'SPA922', 'Cisco', '', true],
    ['SPA', 'SPAN922', 'Cisco', '', false],
    ['SPA5', 'SPA504G', 'Cisco', '', false],
    ['iMac (24-inch, Mid 2007)', 'iMac (20-inch or 24-inch, Mid 2007)', 'Apple', 'iMac', true],
    ['MacBook Pro (Retina, 13-inch, Mid 2014)', 'MacBook Pro (Retina, 13-inch, Late 2013 or Mid 2014)', 'Apple', 'MacBook Pro', true],
    ['MacBook Pro (Retina, 13-inch, Mid 2013)', 'MacBook Pro (Retina, 13-inch, Late 2013 or Mid 2014)', 'Apple', 'MacBook Pro', false],
    ['WNR2000', 'WNR2000v5', 'Netgear', '', true],
    ['VELUX Gateway', 'VELUX Gateway', 'VELUX', '', true],
  ])('%s said as %s is right: %s', (expected, said, vendor, family, right) => {
    expect(sameModel(expected, said, vendor, family)).toBe(right);
  });

  it('that is only a kind is not compared', () => {
    expect(isModel('Wireless Router')).toBe(false);
    expect(isModel('LaserJet Printer')).toBe(true);
  });
});

describe('a kind', () => {
  it('is right where it means the category, and else wrong', () => {
    expect(kindMeans('media-server', 'media-player')).toBe(true);
    expect(kindMeans('display', 'projector')).toBe(true);
    expect(kindMeans('printer', 'camera')).toBe(false);
    expect(kindMeans('a category nobody knows', 'camera')).toBe(false);
  });
});

describe('a sample', () => {
  const fieldsOf = (row: object): Record<string, string>[] => {
    const [sample] = readSamples(`${JSON.stringify({ id: 's1', kind: 'observed', expect: {}, ...row })}\n`) as [Sample];
    return sightingsOf(sample).flatMap((sighting) => evidenceIn(sighting).map(({ on, fields }) => ({ on, ...fields })));
  };

  it('is named by its line where it does not say what it is', () => {
    expect(() => readSamples('no\n{"id":"x"}\n\n{"protocol":"snmp"}\n')).toThrow(
      'line 1 is no JSON object; line 2 has no "protocol"; line 4 has no "expect": what vendor, category and model it should tell',
    );
    expect(readSamples('{"protocol":"snmp","expect":{}}')).toMatchObject([{ id: 'line 1', kind: 'observed' }]);
  });

  it('is the evidence that the agent would have', () => {
    const rows = [
      { protocol: 'mdns', where: '_device-info._tcp.local. TXT', txt: 'model=AppleTV5,3 osxvers=16' },
      { protocol: 'ssdp', manufacturer: 'A & B', modelName: 'X1', ssdp_st: 'upnp:rootdevice' },
      { protocol: 'dhcp', hostname: 'den', vendor_class: 'MSFT 5.0', mac: '00:11:22:33:44:55' },
      { protocol: 'http', where: 'page title', title: 'Tom &amp; Co' },
      { protocol: 'http', where: '/goform/Deviceinfo.xml', BrandCode: '0', ModelName: 'AVR-X1' },
      { protocol: 'sip', where: 'User-Agent header', server: 'Acme/1' },
      { protocol: 'pjl', pjl_id: 'HP LaserJet' },
      { protocol: 'tls', subject: '/C=US/O=Acme Inc./CN=www/3' },
      { protocol: 'tls', subject: 'commonName=nas/organizationName=Acme/stateOrProvinceName=Hesse' },
      { protocol: 'tls', subject: 'CN = nas, O = Acme/Ltd' },
      { protocol: 'ipp', makeAndModel: 'Acme 7' },
      { protocol: 'gopher', banner: 'x' },
    ];
    expect(rows.map(fieldsOf)).toEqual([
      [{ on: '_device-info._tcp', instance: '', 'txt.model': 'AppleTV5,3', 'txt.osxvers': '16' }],
      [
        { on: 'ssdp', target: 'upnp:rootdevice', usn: '' },
        { on: 'upnp', manufacturer: 'A & B', modelName: 'X1' },
      ],
      [{ on: 'dhcp', hostname: 'den', vendorClass: 'MSFT 5.0' }],
      [{ on: 'http', title: 'Tom & Co' }],
      [{ on: 'denon', BrandCode: '0', ModelName: 'AVR-X1' }],
      [{ on: 'sip', userAgent: 'Acme/1' }],
      [{ on: 'pjl', id: 'HP LaserJet' }],
      [{ on: 'tls', subject: 'C=US,O=Acme Inc.,CN=www/3' }],
      [{ on: 'tls', subject: 'CN=nas,O=Acme,ST=Hesse' }],
      [{ on: 'tls', subject: 'CN = nas, O = Acme/Ltd' }],
      [{ on: 'ipp', makeAndModel: 'Acme 7' }],
      [{ on: 'gopher', banner: 'x' }],
    ]);
  });

  it('is in one of five folds, by its id alone', () => {
    const folds = Array.from({ length: 200 }, (_, n) => foldOf({ id: `s${n}` } as Sample));
    expect(new Set(folds)).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(foldOf({ id: 's7' } as Sample)).toBe(folds[7]);
  });
});
