import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ControllerSighting, LanInterface } from '../../src/agent/discovery/sighting.ts';
import { settingsSchema } from '../../src/config/settings.ts';
import { unifiPlace } from '../../src/platform/settings-file.ts';
import { askConsole, type ConsolePlace } from '../../src/platform/unifi-console.ts';
import { askOnLink, openUnifiWatch } from '../../src/platform/unifi-watch.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { SITE_DEVICES, SITES, STAT_DEVICE } from '../builders/unifi-answers.ts';
import { CERTIFICATE, KEY } from '../fakes/self-signed.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const IP = '127.53.14.21';
const FINGERPRINT = new X509Certificate(CERTIFICATE).fingerprint256.replaceAll(':', '').toLowerCase();
const API_KEY = 'k3y-that-a-person-made';
const STAT = '/proxy/network/api/s/default/stat/device';
const V1 = '/proxy/network/integration/v1/sites';
const LAN: LanInterface = { name: 'lo', mac: '02:00:00:00:00:01', address: '127.53.14.1', prefixLength: 24, ipv6: [], dnsServers: [] };
const MEANS = { localAddress: '127.0.0.1', deadlineMs: 3_000 };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Served = { readonly place: ConsolePlace; readonly requests: IncomingMessage[]; connections: number };

async function serve(respond: (request: IncomingMessage, response: ServerResponse) => void): Promise<Served> {
  const requests: IncomingMessage[] = [];
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
    requests.push(request);
    respond(request, response);
  });
  server.listen(0, IP);
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const place = { ip: IP, port: (server.address() as AddressInfo).port, site: 'default', key: API_KEY };
  const served: Served = { place, requests, connections: 0 };
  server.on('connection', () => served.connections++);
  return served;
}

const pages =
  (answers: Readonly<Record<string, unknown>>) =>
  ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    const path = url.replace(/\?.*/, '');
    if (!(path in answers)) return void response.writeHead(typeof answers.otherwise === 'number' ? answers.otherwise : 404).end('{}');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[path]));
  };

describe('a console with a key', () => {
  it('tells of each device that it manages what has ended, and no secret of it is kept', async () => {
    const { place, requests } = await serve(pages({ [STAT]: STAT_DEVICE }));
    const answer = await askConsole(place, MEANS);
    expect(answer).toEqual({
      outcome: 'told',
      fingerprint: FINGERPRINT,
      leftOut: 0,
      devices: [
        {
          macs: ['24:a4:3c:00:00:01'],
          fields: { model: 'BZ2', type: 'uap', name: 'Attic "old" AP', firmware: '4.3.28', endOfLife: 'yes' },
        },
        { macs: ['f0:9f:c2:00:00:02'], fields: { model: 'US8P60', type: 'usw', name: 'Rack', firmware: '7.1.26.15869', fixesOnly: 'yes' } },
        {
          macs: ['78:45:58:00:00:03'],
          fields: { model: 'U6ENT', type: 'uap', name: 'Hall', firmware: '6.6.65', firmwareOffered: '6.7.10.15600' },
        },
      ],
    });
    expect(JSON.stringify(answer)).not.toContain('SECRET');
    expect(requests.map(({ url, method, headers }) => [method, url, headers['x-api-key']])).toEqual([['GET', STAT, API_KEY]]);
  });

  it('that takes it for the documented interface only tells what that knows, of the right site', async () => {
    const devices = `${V1}/${SITES.data[1]!.id}/devices`;
    const { place } = await serve(pages({ [V1]: SITES, [devices]: SITE_DEVICES, otherwise: 401 }));
    expect(await askConsole({ ...place, site: 'Guest house' }, MEANS)).toMatchObject({
      outcome: 'told',
      devices: [{ fields: { model: 'UAP', firmware: '4.3.28', firmwareOffered: 'newer', unsupported: 'yes' } }],
    });
    expect(await askConsole({ ...place, site: 'elsewhere' }, MEANS)).toEqual({
      outcome: 'unlike',
      why: 'it has no site "elsewhere"',
      fingerprint: FINGERPRINT,
    });
  });

  it('that refuses it says so', async () => {
    const { place } = await serve(pages({ otherwise: 401 }));
    expect(await askConsole(place, MEANS)).toEqual({ outcome: 'refused', why: 'it answers HTTP 401', fingerprint: FINGERPRINT });
  });

  it('that shows another certificate is sent no request, and so no key', async () => {
    const served = await serve(pages({ [STAT]: STAT_DEVICE }));
    const answer = await askConsole({ ...served.place, fingerprint: 'ab'.repeat(32) }, MEANS);
    expect(answer).toEqual({ outcome: 'other-certificate', fingerprint: FINGERPRINT });
    expect(served).toMatchObject({ requests: [], connections: 1 });
  });

  type Respond = Parameters<typeof serve>[0];
  it.each<[string, Respond, string, number]>([
    ['a page', (_, response) => void response.end('<!doctype html><title>UniFi OS</title>'), 'unlike', 3_000],
    ['a list without an end', (_, response) => endless(response), 'unlike', 20_000],
    ['half an answer', (_, response) => void response.write('{"data":[{"mac":"24:a'), 'silent', 400],
    ['nothing', () => {}, 'silent', 400],
  ])('that answers %s is no console', async (_, respond, outcome, deadlineMs) => {
    const { place } = await serve(respond);
    expect(await askConsole(place, { ...MEANS, deadlineMs })).toMatchObject({ outcome });
  });

  it('in no network of this hub is not even connected to', async () => {
    const served = await serve(pages({ [STAT]: STAT_DEVICE }));
    const elsewhere = { interfaces: () => [{ ...LAN, address: '192.168.1.2' }] };
    expect(await askOnLink(served.place, temporaryFolder(), elsewhere)).toEqual({ outcome: 'off-link' });
    expect(served.connections).toBe(0);
  });
});

function endless(response: ServerResponse): void {
  const page = `{"mac":"24:a4:3c:00:00:01","name":"${'x'.repeat(60_000)}"},`;
  response.write('{"data":[');
  const more = (): void => {
    while (!response.destroyed && response.write(page));
  };
  response.on('drain', more);
  more();
}

describe('the hub', () => {
  function watching(place: ConsolePlace, folder = temporaryFolder()) {
    const clock = new VirtualClock();
    const told: ControllerSighting[] = [];
    const said: string[] = [];
    const quiet = (message: string, fields?: object): void => void said.push(`${message} ${JSON.stringify(fields ?? {})}`);
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const tools = {
      clock,
      random: seededRandom(1),
      log,
      interfaces: () => [LAN],
      tell: (sighting: ControllerSighting) => told.push(sighting),
    };
    const watch = openUnifiWatch({ place, folder }, tools);
    closing.push(() => watch.close());
    /** Virtual time, and real time for what is under way meanwhile. */
    const after = async (ms: number, until: () => boolean): Promise<void> => {
      await clock.advance(ms);
      for (let left = 100; left > 0 && !until(); left--) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    return { told, said, folder, after, close: () => watch.close() };
  }
  const HOUR_MS = 3_600_000;

  it('asks once a day, tells what it heard twice, remembers the certificate, and asks no sooner after a restart', async () => {
    const served = await serve(pages({ [STAT]: STAT_DEVICE }));
    const hub = watching(served.place);
    await hub.after(30_000, () => false);
    expect(served.requests).toHaveLength(0);
    await hub.after(2 * 60_000, () => hub.told.length === 3);
    expect(hub.told[0]).toMatchObject({
      method: 'controller',
      ip: IP,
      interface: 'lo',
      reader: 'unifi-console',
      macs: ['24:a4:3c:00:00:01'],
    });
    await hub.after(20 * 60_000, () => hub.told.length === 6);
    expect(hub.told.slice(3).map(({ macs }) => macs)).toEqual(hub.told.slice(0, 3).map(({ macs }) => macs));
    await hub.after(22 * HOUR_MS, () => false);
    expect(served.requests).toHaveLength(1);
    await hub.after(4 * HOUR_MS, () => hub.told.length === 9);
    expect(served.requests).toHaveLength(2);
    hub.close();
    expect(JSON.parse(readFileSync(join(hub.folder, 'unifi-console.json'), 'utf8'))).toMatchObject({ fingerprint: FINGERPRINT });
    expect(readFileSync(join(hub.folder, 'unifi-console.json'), 'utf8')).not.toContain(API_KEY);
    const again = watching(served.place, hub.folder);
    await again.after(22 * HOUR_MS, () => false);
    expect(served.requests).toHaveLength(2);
  });

  it('does not give its key to another that has taken the address, and says it once, without the key', async () => {
    const served = await serve(pages({ [STAT]: STAT_DEVICE }));
    const folder = temporaryFolder();
    const { ip, port } = served.place;
    writeFileSync(join(folder, 'unifi-console.json'), JSON.stringify({ console: `${ip}:${port}`, at: 0, fingerprint: 'cd'.repeat(32) }));
    const hub = watching(served.place, folder);
    await hub.after(4 * 60_000, () => hub.said.length > 0);
    await hub.after(26 * HOUR_MS, () => served.connections > 1);
    expect(served.requests).toHaveLength(0);
    expect(hub.said).toHaveLength(1);
    expect(hub.said[0]).toMatch(/other-certificate/);
    expect(hub.said.join()).not.toContain(API_KEY);
  });

  it.each<[string, Parameters<typeof serve>[0]]>([
    ['refuses', pages({ otherwise: 401 })],
    ['breaks off', (_, response) => void response.destroy()],
    ['is no console', (_, response) => void response.end('<!doctype html>')],
  ])(
    'gives its key to no second certificate, also where the first one %s',
    async (_, respond) => {
      const { place, requests } = await serve(respond);
      const hub = watching(place);
      await hub.after(4 * 60_000, () => requests.length > 0);
      await hub.after(0, () => existsSync(join(hub.folder, 'unifi-console.json')));
      expect(JSON.parse(readFileSync(join(hub.folder, 'unifi-console.json'), 'utf8'))).toMatchObject({ at: 0, fingerprint: FINGERPRINT });
    },
    30_000,
  );

  it('keeps nothing where there is nobody', async () => {
    const folder = temporaryFolder();
    const hub = watching({ ip: '127.53.14.99', port: 443, site: 'default', key: API_KEY }, folder);
    await hub.after(4 * 60_000, () => hub.said.length > 0);
    expect(hub.said).toEqual([expect.stringMatching(/silent/)]);
    expect(existsSync(join(folder, 'unifi-console.json'))).toBe(false);
  });
});

describe('the key', () => {
  const at = (unifi: object, env = {}) => unifiPlace(settingsSchema.parse({ unifi }).unifi, env);
  const url = 'https://192.168.1.1';
  function fileWith(text: string, mode: number): string {
    const file = join(temporaryFolder(), 'unifi.key');
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  it('comes from a file that is closed to others, or from the environment; without an address nothing is asked', () => {
    expect(at({ keyFile: '/nowhere' })).toBeUndefined();
    expect(at({ url: `${url}:11443/`, keyFile: fileWith(`${API_KEY}\n`, 0o640), fingerprint: 'AB:'.repeat(31).concat('AB') })).toEqual({
      ip: '192.168.1.1',
      port: 11_443,
      site: 'default',
      key: API_KEY,
      fingerprint: 'ab'.repeat(32),
    });
    expect(at({ url }, { HEARTHBEAT_UNIFI_KEY: API_KEY })).toMatchObject({ port: 443, key: API_KEY });
  });

  it.each([
    ['everybody may read it', () => at({ url, keyFile: fileWith(API_KEY, 0o644) }), /Every user of this machine may read the key/],
    ['the file holds none', () => at({ url, keyFile: fileWith('two words\n', 0o600) }), /holds no key/],
    ['there is none', () => at({ url }), /no key for it/],
    ['the file is missing', () => at({ url, keyFile: '/nowhere/unifi.key' }), /does not exist/],
  ])('is asked for where %s', (_, read, words) => expect(read).toThrow(words));

  it.each(['http://192.168.1.1', 'https://unifi.local', 'https://192.168.1.1/proxy', 'https://300.1.1.1', '192.168.1.1'])(
    'is for no such place as %s',
    (place) => expect(settingsSchema.safeParse({ unifi: { url: place } }).success).toBe(false),
  );
});
