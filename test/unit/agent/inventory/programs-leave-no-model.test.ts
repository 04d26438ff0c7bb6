/** Where a device has a field for its model, programs and makers of their own devices leave a kind of thing, a chip or their own name. */
import { describe, expect, it } from 'vitest';
import { conclude, type Evidence } from '../../../../src/agent/inventory/fingerprints.ts';
import { readFingerprints } from '../../../../src/platform/fingerprint-files.ts';

const fingerprints = readFingerprints();

describe('the field of the model', () => {
  it.each([
    ['_hap._tcp', { 'txt.md': 'Accessory' }],
    ['_hap._tcp', { 'txt.md': 'Smart Bulb' }],
    ['_hap._tcp', { 'txt.md': 'Default-Model' }],
    ['_hap._tcp', { 'txt.md': 'HASS Bridge' }],
    ['_hap._tcp', { 'txt.md': 'ESP32-C3' }],
    ['_raop._tcp', { 'txt.am': 'ShairportSync' }],
    ['_raop._tcp', { 'txt.am': '0,1' }],
    ['_googlecast._tcp', { 'txt.md': 'Philips TV' }],
  ])('is none where it tells no product: %s %j', (on, fields) => {
    expect(model(on, fields)).toBeUndefined();
  });

  it.each([
    ['_hap._tcp', { 'txt.md': 'Eve Energy 20EBO8301' }, 'Eve Energy 20EBO8301'],
    ['_hap._tcp', { 'txt.md': 'Socket' }, 'Socket'],
    ['_hap._tcp', { 'txt.md': 'VELUX gateway' }, 'VELUX gateway'],
    ['_raop._tcp', { 'txt.am': 'RX-V685' }, 'RX-V685'],
  ])('is the model where it does: %s %j', (on, fields, said) => {
    expect(model(on, fields)).toBe(said);
  });

  it('is no serial number of a certificate', () => {
    expect(model('tls', { subject: 'CN=FGT60E4Q16001234,OU=FortiGate,O=Fortinet' })).toBe('FortiGate');
  });
});

function model(on: string, fields: Evidence['fields']): unknown {
  return conclude(fingerprints, { on, source: 'test', fields }).find(({ fact }) => fact === 'model')?.value ?? undefined;
}
