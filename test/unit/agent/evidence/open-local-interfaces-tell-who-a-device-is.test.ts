import { describe, expect, test } from 'vitest';
import { LOCAL_API_READERS } from '../../../../src/agent/evidence/local-api/readers.ts';
import type { Target } from '../../../../src/agent/evidence/reader.ts';
import { LOCAL_API_ANSWERS, PLAYER_IP } from '../../../builders/local-api-answers.ts';
import { scriptedAsker } from '../../../fakes/scripted-asker.ts';

const target = (over: Partial<Target> = {}): Target => ({ interface: 'eth0', ip: PLAYER_IP, openPorts: [], services: new Set(), ...over });
const readerNamed = (name: string) => LOCAL_API_READERS.find((reader) => reader.name === name)!;

describe('Each interface as its devices answer it', () => {
  test.each(LOCAL_API_ANSWERS)('$reader at $at', async ({ reader: name, of, at, body, fields, identifiers }) => {
    const reader = readerNamed(name);
    const device = target(of);
    expect(reader.applies(device)).toBe(true);
    const { ask } = scriptedAsker(name === 'heos' ? { says: { 1255: body } } : { http: { '1400 /info': { status: 404 }, [at]: body } });

    const findings = await reader.read(device, ask);

    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ port: Number(at.split(' ')[0]), fields });
    expect(Object.keys(findings[0]!.fields)).toHaveLength(Object.keys(fields).length);
    expect(findings[0]!.identifiers?.map(({ kind, value }) => `${kind} ${value}`) ?? []).toEqual(identifiers);
  });

  test('keeps nothing of the networks and households that answers name too', () => {
    const told = LOCAL_API_ANSWERS.map(({ parse, body }) => JSON.stringify(parse(new TextEncoder().encode(body)))).join();
    expect(LOCAL_API_ANSWERS.some(({ body }) => body.includes('HomeWiFi'))).toBe(true);
    expect(told).not.toMatch(/HomeWiFi|57696E6B|Sonos_secret|directConnect|margeAccount|1234567"|Vienna/);
  });

  test('has an answer of a device for every reader', () => {
    expect(new Set(LOCAL_API_ANSWERS.map(({ reader }) => reader))).toEqual(new Set(LOCAL_API_READERS.map(({ name }) => name)));
  });
});

describe('Who is asked', () => {
  test('nobody who shows no sign of such an interface', () => {
    const stranger = target({ vendor: 'Acme', kind: 'camera', openPorts: [22, 80, 443], services: new Set(['_http._tcp']) });
    expect(LOCAL_API_READERS.filter((reader) => reader.applies(stranger))).toEqual([]);
  });

  test('the door that is known to be open, and only the first where none is known', async () => {
    const unknown = scriptedAsker({});
    await readerNamed('cast').read(target({ services: new Set(['_googlecast._tcp']) }), unknown.ask);
    expect(unknown.asked).toEqual(['8008 /setup/eureka_info?params=name,device_info,build_info,version']);
    const later = scriptedAsker({});
    await readerNamed('cast').read(target({ openPorts: [8009, 8443], services: new Set(['_googlecast._tcp']) }), later.ask);
    expect(later.asked).toEqual(['8443 tls /setup/eureka_info?params=name,device_info,build_info,version']);
  });

  test('not a second path of a server that does not speak', async () => {
    const { ask, asked } = scriptedAsker({});
    await readerNamed('sonos').read(target({ openPorts: [1400] }), ask);
    expect(asked).toEqual(['1400 /info']);
  });

  test('over TLS where the plain door only points away', async () => {
    const { ask, asked } = scriptedAsker({
      http: {
        '80 /info': { status: 301, headers: { location: 'https://192.168.1.40/info' } },
        '443 tls /info': '<envoy_info><sn>121703001234</sn></envoy_info>',
      },
    });
    const findings = await readerNamed('enphase').read(target({ vendor: 'Enphase', openPorts: [80, 443] }), ask);
    expect(asked).toEqual(['80 /info', '443 tls /info']);
    expect(findings).toMatchObject([{ port: 443, fields: { sn: '121703001234' } }]);
  });
});

describe('What is not believed', () => {
  const told = (name: string, at: string, body: string, of: Partial<Target>) =>
    readerNamed(name).read(target(of), scriptedAsker({ http: { [at]: body }, says: { 1255: body } }).ask);

  test('an answer of another kind, or that is no answer', async () => {
    const sonos = { openPorts: [1400] };
    for (const body of ['', '{', '[]', 'null', '"x"', '{"device":[]}', '{"device":{"id":7}}', '<html>', '{"device":{"id":"other"}}'])
      expect(await told('sonos', '1400 /info', body, sonos)).toEqual([]);
  });

  test('a page behind a login or an error', async () => {
    const { ask } = scriptedAsker({ http: { '80 /api': { status: 403, body: '{"product_type":"HWE-P1","product_name":"x"}' } } });
    expect(await readerNamed('homewizard').read(target({ services: new Set(['_hwenergy._tcp']) }), ask)).toEqual([]);
  });

  test('what one HEOS player says of another', async () => {
    const heos = (ip: string) => JSON.stringify({ payload: [{ ip, model: 'HEOS 1', serial: 'ACNG9180000001' }] });
    const of = { openPorts: [1255] };
    expect(await told('heos', '', heos('192.168.1.41'), of)).toEqual([]);
    expect(await told('heos', '', heos(PLAYER_IP), of)).toHaveLength(1);
  });

  test('control characters, megabytes and numbers that are objects', async () => {
    const body = JSON.stringify({
      bridgeid: '001788FFFE4A210F',
      name: `\u001b[31mred\u202e${'x'.repeat(2_000)}`,
      modelid: { toString: 'no' },
      mac: 'nonsense',
    });
    const [finding] = await told('hue', '80 /api/config', body, { vendor: 'Signify', openPorts: [80] });
    expect(finding?.fields).toEqual({ name: `[31mred${'x'.repeat(505)}`, bridgeid: '001788FFFE4A210F' });
    expect(finding?.identifiers).toEqual([{ kind: 'vendor-id', value: '001788FFFE4A210F' }]);
  });
});
