import { describe, expect, it } from 'vitest';
import { parseHikvisionSearch } from '../../../../src/agent/evidence/hikvision-search.ts';
import { hideKasa, kasaReader, parseKasa, showKasa } from '../../../../src/agent/evidence/kasa.ts';
import { lifxReader, parseLifx } from '../../../../src/agent/evidence/lifx.ts';
import { parseMikrotik } from '../../../../src/agent/evidence/mikrotik.ts';
import { parseSddp } from '../../../../src/agent/evidence/sddp.ts';
import { parseTuya } from '../../../../src/agent/evidence/tuya.ts';
import { parseUbiquiti } from '../../../../src/agent/evidence/ubiquiti.ts';
import { parseWiz } from '../../../../src/agent/evidence/wiz.ts';
import { parseWsd, uuidOf, wsDiscoveryReader } from '../../../../src/agent/evidence/ws-discovery.ts';
import { elementText } from '../../../../src/agent/evidence/xml-text.ts';
import { parseYeelight } from '../../../../src/agent/evidence/yeelight.ts';
import * as said from '../../../builders/device-answers.ts';

describe('WS-Discovery', () => {
  it('takes name, hardware and place of a camera out of its scopes, and its MAC and UUID as claims', () => {
    expect(parseWsd(said.WSD_CAMERA)).toEqual({
      fields: {
        types: 'dn:NetworkVideoTransmitter tds:Device',
        scopes: expect.stringContaining('onvif://www.onvif.org/hardware/DS-2CD2143G2-I'),
        name: 'Front door & yard',
        hardware: 'DS-2CD2143G2-I',
        location: 'city/hangzhou, country/china',
      },
      identifiers: [
        { kind: 'udn', value: 'uuid:2419d68a-2dd2-21b2-a205-bcad28770021' },
        { kind: 'mac', value: 'bc:ad:28:77:00:21' },
      ],
    });
  });

  it('reads wsdd, which has other prefixes and no scopes', () => {
    expect(parseWsd(said.WSD_COMPUTER)).toEqual({
      fields: { types: 'wsdp:Device pub:Computer' },
      identifiers: [{ kind: 'udn', value: 'uuid:89ab9562-0605-5015-9a40-2c4d1ba81dbe' }],
    });
  });

  it('learns nothing from a goodbye or from the question of another, and does not take other XML for its own', () => {
    const question = wsDiscoveryReader.questions[0]!.payload;
    expect(parseWsd(said.WSD_BYE)).toEqual({ fields: {} });
    expect(parseWsd(typeof question === 'function' ? question(new Uint8Array(16)) : question)).toEqual({ fields: {} });
    expect(parseWsd(said.HIKVISION_CAMERA)).toBeUndefined();
  });

  it('numbers its questions by what is handed in, so that devices do not take a new one for a repetition', () => {
    expect(uuidOf(new Uint8Array(16).fill(0xab))).toBe('abababab-abab-4bab-abab-abababababab');
    const ids = [1, 2].map((nonce) =>
      wsDiscoveryReader.questions.map(({ payload }) =>
        String((payload as (nonce: Uint8Array) => Uint8Array)(new Uint8Array(16).fill(nonce))),
      ),
    );
    expect(ids[0]).not.toEqual(ids[1]);
  });
});

describe('SDDP', () => {
  it('reads the announcement of a controller and the answer of a projector, whose host names end in their MAC', () => {
    expect(parseSddp(said.SDDP_CONTROLLER)).toEqual({
      fields: {
        type: 'c4:control4_ea3',
        manufacturer: 'Control4',
        model: 'C4-EA3',
        driver: 'control4_ea3.c4i',
        host: 'Living-EA3-000FFF9163CB',
        primaryProxy: 'control4_ea3',
        proxies: 'control4_ea3',
      },
      identifiers: [
        { kind: 'mac', value: '00:0f:ff:91:63:cb' },
        { kind: 'vendor-id', value: 'sddp Living-EA3-000FFF9163CB' },
      ],
    });
    expect(parseSddp(said.SDDP_PROJECTOR)?.fields).toMatchObject({ manufacturer: 'JVCKENWOOD', primaryProxy: 'projector' });
  });

  it('learns nothing from a goodbye or a search', () => {
    expect(parseSddp(said.SDDP_OFFLINE)).toEqual({ fields: {} });
    expect(parseSddp(Buffer.from('SEARCH * SDDP/1.0\r\nHost: "192.168.1.9:1902"\r\n\r\n'))).toEqual({ fields: {} });
    expect(parseSddp(Buffer.from('NOTIFY * HTTP/1.1\r\n\r\n'))).toBeUndefined();
  });
});

describe('Kasa', () => {
  it('hides and shows what it says with the same key', () => {
    expect(Buffer.from(kasaReader.questions[0]!.payload as Uint8Array).toString('hex')).toMatch(/^d0f281f88bff9af7d5/);
    expect(showKasa(hideKasa('{"ä":1}'))).toBe('{"ä":1}');
  });

  it('tells model, name and firmware of an old plug, and not where the house is', () => {
    const finding = parseKasa(said.KASA_PLUG);
    expect(finding).toEqual({
      fields: {
        model: 'HS110(US)',
        type: 'IOT.SMARTPLUGSWITCH',
        name: 'Fish tank',
        description: 'Wi-Fi Smart Plug With Energy Monitoring',
        hardware: '1.0',
        firmware: '1.2.6 Build 200727 Rel.121701',
      },
      identifiers: [
        { kind: 'mac', value: '50:c7:bf:6a:01:9e' },
        { kind: 'vendor-id', value: '8006E7E9B1C2D3E4F5061728394A5B6C1B2C3D4E' },
      ],
    });
    expect(JSON.stringify(finding)).not.toContain('473769');
  });

  it('tells model and type of a new one, which says no more without a password', () => {
    expect(parseKasa(said.TAPO_PLUG)).toMatchObject({
      fields: { model: 'P110(EU)', type: 'SMART.TAPOPLUG' },
      identifiers: [{ kind: 'mac', value: '9c:53:22:1a:2b:3c' }, { kind: 'vendor-id' }],
    });
  });
});

describe('makers of network gear', () => {
  it('are read in both versions of what Ubiquiti says', () => {
    expect(parseUbiquiti(said.UBIQUITI_AP)).toEqual({
      fields: { model: 'UAP-AC-Pro', platform: 'U7PG2', name: 'Upstairs AP', firmware: 'BZ.qca956x.v6.5.62.14788.230711.1030' },
      identifiers: [{ kind: 'mac', value: '74:83:c2:5e:0d:31' }],
    });
    expect(parseUbiquiti(said.UBIQUITI_SWITCH)?.fields).toEqual({ model: 'US8P60', name: 'Rack', firmware: '6.6.65' });
    expect(parseUbiquiti(Uint8Array.of(1, 0, 0, 0))).toEqual({ fields: {} });
    expect(parseUbiquiti(said.UBIQUITI_AP.subarray(0, 40))).toBeUndefined();
  });

  it('are read in what MikroTik says, but for the question of another hub', () => {
    expect(parseMikrotik(said.MIKROTIK_ROUTER)).toEqual({
      fields: {
        name: 'Attic',
        version: '7.15.3 (stable) 2024-07-24 10:39:01',
        platform: 'MikroTik',
        board: 'RBD52G-5HacD2HnD',
        softwareId: 'H792-MXJ3',
      },
      identifiers: [
        { kind: 'mac', value: '74:4d:28:91:0d:2f' },
        { kind: 'vendor-id', value: 'mikrotik H792-MXJ3' },
      ],
    });
    expect(parseMikrotik(new Uint8Array(4))).toEqual({ fields: {} });
    expect(parseMikrotik(said.NODE_STATUS)).toBeUndefined();
  });
});

describe('lamps, plugs and cameras', () => {
  it.each([
    ['Hikvision', parseHikvisionSearch, said.HIKVISION_CAMERA, { model: 'DS-2CD2143G2-I', firmware: 'V5.7.10build 220411' }],
    ['LIFX, product', parseLifx, said.LIFX_VERSION, { maker: '1', product: '27' }],
    ['LIFX, label', parseLifx, said.LIFX_LABEL, { name: 'Hall' }],
    ['Yeelight', parseYeelight, said.YEELIGHT_LAMP, { model: 'color', firmware: '18', name: 'Desk' }],
    ['WiZ', parseWiz, said.WIZ_LAMP, { module: 'ESP01_SHRGB1C_31', firmware: '1.22.0' }],
    ['Tuya in the clear', parseTuya, said.TUYA_IN_THE_CLEAR, { productKey: 'keyjup78v54myhan', version: '3.3' }],
    ['Tuya hidden', parseTuya, said.TUYA_HIDDEN, { productKey: 'keyjup78v54myhan', version: '3.3' }],
    ['Tuya signed', parseTuya, said.TUYA_SIGNED, { productKey: 'keyjup78v54myhan', version: '3.3' }],
  ] as const)('of %s are read, and only they', (_, parse, datagram, fields) => {
    expect(parse(datagram)).toMatchObject({
      fields,
      identifiers: [expect.anything()].concat(parse === parseHikvisionSearch ? [expect.anything()] : []),
    });
    expect(parse(said.SDDP_CONTROLLER)).toBeUndefined();
    expect(parse(new Uint8Array(0))).toBeUndefined();
  });

  it('of LIFX are asked in one message of 36 bytes each', () => {
    for (const { payload } of lifxReader.questions) {
      expect(parseLifx(payload as Uint8Array)).toEqual({ fields: {}, identifiers: [] });
      expect((payload as Uint8Array).length).toBe(36);
    }
  });
});

describe('a single element of XML', () => {
  it.each([
    ['<a:Types xmlns:x="urn:y">one &amp; two</a:Types>', 'one & two'],
    ['<Typesetter>no</Typesetter><Types>yes</Types>', 'yes'],
    ['<Types>&amp;lt;</Types>', '&lt;'],
    ['<Types/>', undefined],
    ['<!DOCTYPE a [<!ENTITY x "y">]><Types>&x;</Types>', '&x;'],
  ])('in %s is %s', (xml, text) => expect(elementText(xml, 'Types')).toBe(text));

  it.each(['<Types ', '<Types>', '<a:Types b="', '<'.padEnd(33, 'a'), '<Types a<'])(
    'is sought in linear time in %s again and again',
    (part) => {
      const xml = part.repeat(Math.ceil(16_384 / part.length));
      const startedAt = performance.now();
      elementText(xml, 'Types');
      expect(performance.now() - startedAt).toBeLessThan(50);
    },
  );
});
