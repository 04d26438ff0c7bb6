import { describe, expect, test } from 'vitest';
import type { CertificateFacts, Target } from '../../../../src/agent/evidence/reader.ts';
import { certificateFinding, tlsReader } from '../../../../src/agent/evidence/tls-certificate.ts';
import { scriptedAsker } from '../../../fakes/scripted-asker.ts';

const DAY_MS = 86_400_000;
const certificate = (over: Partial<CertificateFacts>): CertificateFacts => ({
  subject: 'CN=device',
  issuer: over.subject ?? 'CN=device',
  names: [],
  validFrom: 0,
  validTo: 365 * DAY_MS,
  serialNumber: '01',
  fingerprint: 'ab'.repeat(32),
  ...over,
});

test('A certificate tells for whom it is, by whom and until when', () => {
  const shown = certificate({ subject: 'CN=nas,O=Synology Inc.', issuer: 'CN=CA', names: ['nas', 'nas.local'] });
  expect(certificateFinding(shown, 5001)).toEqual({
    port: 5001,
    fields: {
      subject: 'CN=nas,O=Synology Inc.',
      issuer: 'CN=CA',
      names: 'nas nas.local',
      validFrom: '0',
      validTo: String(365 * DAY_MS),
      selfSigned: 'no',
    },
    identifiers: [],
  });
  expect(certificateFinding(certificate({}), 443).fields.selfSigned).toBe('yes');
});

describe('A certificate identifies', () => {
  test.each([
    'CN=SmartBridge847D94D9,O=Lutron Electronics Co., Inc.,L=Coopersburg',
    'CN=control4_ea3_000FFF9163CB,O=Control4 Corporation',
    'CN=001788fffe4a210f,O=Philips Hue,C=NL',
    'CN=RINCON_7828CA1A2B3C01400',
    'CN=00:11:32:aa:bb:cc',
    'CN=7c6f1b0d-2a9e-48f3-b15d-6a7e8c9f0b12',
  ])('the device it was made for: %s', (subject) => {
    expect(certificateFinding(certificate({ subject }), 443).identifiers).toEqual([{ kind: 'certificate', value: 'ab'.repeat(32) }]);
  });

  test.each([
    'CN=synology,O=Synology Inc.,C=TW',
    'CN=SmartViewSDK,O=Samsung SERI,C=KR',
    'CN=BG2.prod.vizio.com',
    'CN=www.routerlogin.net,O=NETGEAR',
    'CN=DS920',
    'CN=device20240101',
    'CN=192.168.1.1',
    'CN=localhost',
    'CN=deadbeef feedface',
  ])('nobody where it could be on many: %s', (subject) => {
    expect(certificateFinding(certificate({ subject }), 443).identifiers).toEqual([]);
  });

  test('nobody where it lasts two days only, as those of Cast devices', () => {
    const subject = 'CN=7c6f1b0d2a9e48f3b15d6a7e8c9f0b12';
    expect(certificateFinding(certificate({ subject, validTo: 2 * DAY_MS }), 8443).identifiers).toEqual([]);
    expect(certificateFinding(certificate({ subject }), 8443).identifiers).toHaveLength(1);
  });
});

test('Two ports are looked at, of those that speak TLS', async () => {
  const device: Target = { interface: 'eth0', ip: '192.168.1.9', openPorts: [22, 443, 8443, 8083, 8081], services: new Set() };
  const { ask, asked } = scriptedAsker({ certificates: { 443: {}, 8443: { subject: 'CN=b' } } });
  expect(await tlsReader.read(device, ask)).toMatchObject([{ port: 443 }, { port: 8443, fields: { subject: 'CN=b' } }]);
  expect(asked).toEqual(['443 certificate', '8443 certificate']);
  expect(tlsReader.applies(device)).toBe(true);
  expect(tlsReader.applies({ ...device, openPorts: [22, 80] })).toBe(false);
});
