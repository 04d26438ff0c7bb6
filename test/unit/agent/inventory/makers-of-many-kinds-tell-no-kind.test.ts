/** What a maker mostly makes is a guess where it makes many kinds; a product, a line of numbers or a noun is none. */
import { describe, expect, it } from 'vitest';
import { conclude, type Evidence } from '../../../../src/agent/inventory/fingerprints.ts';
import { readFingerprints, readFingerprintTables } from '../../../../src/platform/fingerprint-files.ts';

const fingerprints = readFingerprints();
const tables = readFingerprintTables();

describe('a maker of many kinds', () => {
  it.each([
    ['snmp', { sysDescr: 'Moxa ZQ-9000' }, 'Moxa'],
    ['snmp', { sysDescr: 'Huawei Versatile Routing Platform Software' }, 'Huawei'],
    ['http', { title: 'Linksys ZQ9000' }, 'Linksys'],
    ['telnet', { banner: 'UBNT login:' }, 'Ubiquiti'],
    ['tls', { subject: 'CN=x,O=Ubiquiti Networks Inc.' }, 'Ubiquiti'],
    ['upnp', { manufacturer: 'Yamaha Corporation', modelName: 'ZQ-900' }, 'Yamaha'],
  ])('is told alone where nothing tells the kind: %s %j', (on, fields, vendor) => {
    expect(said(on, fields)).toEqual({ vendor });
  });

  it.each([
    ['http', { title: 'Linksys' }, 'router'],
    ['snmp', { sysDescr: 'Moxa EDS-510E' }, 'switch'],
    ['snmp', { sysDescr: 'Avocent MergePoint Unity' }, 'kvm'],
    ['http', { title: 'Vertiv rack PDU' }, 'power'],
    ['snmp', { sysDescr: 'Juniper SRX 210H' }, 'firewall'],
  ])('is told with its kind where its line, its product or a noun says so, or it stands alone: %s %j', (on, fields, kind) => {
    expect(said(on, fields)).toMatchObject({ kind });
  });

  it('has no usual kind beside the one it has alone', () => {
    const alone = [...(tables.get('kinds-of-makers-alone')?.keys() ?? [])];
    expect(alone.length).toBeGreaterThan(0);
    expect(alone.filter((maker) => tables.get('maker-kinds')?.has(maker) || tables.get('network-maker-kinds')?.has(maker))).toEqual([]);
    expect(alone.filter((maker) => !tables.get('makers')?.has(maker))).toEqual([]);
  });
});

/** Vendor and kind; models are another matter. */
function said(on: string, fields: Evidence['fields']): Record<string, string> {
  const told = conclude(fingerprints, { on, source: on, fields });
  return Object.fromEntries(told.filter(({ fact }) => fact === 'vendor' || fact === 'kind').map(({ fact, value }) => [fact, value]));
}
