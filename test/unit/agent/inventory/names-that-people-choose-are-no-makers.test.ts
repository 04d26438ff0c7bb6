/** People name their boxes after gods, stones and animals; makers and products have such names too. */
import { describe, expect, it } from 'vitest';
import { conclude, type Evidence } from '../../../../src/agent/inventory/fingerprints.ts';
import { readFingerprints } from '../../../../src/platform/fingerprint-files.ts';

const fingerprints = readFingerprints();

const NAMES = [
  'zeus',
  'onyx',
  'blade',
  'tango',
  'atlas',
  'apollo',
  'titan',
  'mercury',
  'galaxy',
  'phoenix',
  'matrix',
  'falcon',
  'orion',
  'pearl',
];

describe('a name that people choose', () => {
  it.each(NAMES)('tells neither maker nor model: %s', (name) => {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const seen: readonly (readonly [on: string, fields: Evidence['fields']])[] = [
      ['snmp', { sysDescr: `Linux ${name} 4.15.0-112-generic #113-Ubuntu SMP Thu Jul 9 23:41:39 UTC 2020 x86_64` }],
      ['snmp', { sysDescr: `FreeBSD ${name}.local 12.1-RELEASE FreeBSD 12.1-RELEASE r354233 GENERIC amd64` }],
      ['telnet', { banner: `${name} login:` }],
      ['ftp', { banner: `220 ${name} FTP server ready.` }],
      ['tls', { subject: `CN=${name}.lan` }],
      ['http', { title }],
      ['dhcp', { hostname: name }],
    ];
    const told = seen.flatMap(([on, fields]) =>
      conclude(fingerprints, { on, source: 'test', fields })
        .filter(({ fact, value }) => (fact === 'vendor' || fact === 'model') && value !== null)
        .map(({ fact, value }) => `${on} ${fact} ${value}`),
    );
    expect(told).toEqual([]);
  });

  it('is no bar to the product of that name where more is said', () => {
    const model = (on: string, fields: Evidence['fields']): unknown =>
      conclude(fingerprints, { on, source: 'test', fields }).find(({ fact }) => fact === 'model')?.value;
    expect(model('_ipp._tcp', { instance: 'HP Tango X' })).toBe('Tango X');
    expect(conclude(fingerprints, { on: 'snmp', source: 'test', fields: { sysDescr: 'Onyx 3.6.8008' } })).toContainEqual(
      expect.objectContaining({ fact: 'vendor', value: 'Mellanox' }),
    );
  });
});
