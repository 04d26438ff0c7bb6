import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Coverage, LanInterface, Sighting } from '../../../src/agent/discovery/sighting.ts';
import type { Discovery } from '../../../src/agent/ports.ts';
import { ID_PATTERN } from '../../../src/base/ids.ts';
import { stableId } from '../../../src/cli/commands/scan.ts';
import { type Look, lookAtLan } from '../../../src/cli/look.ts';
import { scanDocument } from '../../../src/cli/render/scan-document.ts';
import { readFingerprints } from '../../../src/platform/fingerprint-files.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { openVendorRegistry } from '../../../src/platform/vendor-registry.ts';

const LAN: LanInterface = {
  name: 'eth0',
  mac: 'd8:3a:dd:00:00:02',
  address: '192.168.1.2',
  prefixLength: 24,
  ipv6: [],
  gateway: '192.168.1.1',
  dnsServers: [],
};
const COVERAGE: Coverage = { interface: 'eth0', method: 'neighbour', status: 'ok', asked: 253, answered: 2, refused: 0 };

/** A LAN that answers at once, and a search that ends when told. */
class FakeDiscovery implements Discovery {
  readonly #said: readonly Sighting[];
  readonly #lans: readonly LanInterface[];
  readonly #searched: Promise<void>;
  stopped = false;

  constructor(said: readonly Sighting[], lans: readonly LanInterface[] = [LAN], searched: Promise<void> = Promise.resolve()) {
    this.#said = said;
    this.#lans = lans;
    this.#searched = searched;
  }
  async start(onSighting: (sighting: Sighting) => void): Promise<void> {
    for (const sighting of this.#said) onSighting(sighting);
  }
  async stop(): Promise<void> {
    this.stopped = true;
  }
  async look(): Promise<void> {}

  refresh(): Promise<void> {
    return this.#searched;
  }
  coverage(): readonly Coverage[] {
    return this.#lans.length > 0 ? [COVERAGE] : [{ ...COVERAGE, interface: 'wg0', status: 'skipped', problem: 'is a VPN' }];
  }
  interfaces(): readonly LanInterface[] {
    return this.#lans;
  }
}

const neighbour = (ip: string, mac: string, confirmedAgoMs = 0): Sighting => ({
  method: 'neighbour',
  at: systemClock.now(),
  interface: 'eth0',
  ip,
  mac,
  confirmedAgoMs,
  isRouter: false,
});

const look = (discovery: Discovery, limitMs = 5_000, signal = new AbortController().signal): Promise<Look> => {
  const identify = { fingerprints: readFingerprints(), vendorOf: openVendorRegistry(), newDeviceId: stableId };
  return lookAtLan({ clock: systemClock, discovery, identify, signal, limitMs, onProgress: () => {} });
};

describe('a scan', () => {
  it('says up only of what was proved now', async () => {
    const discovery = new FakeDiscovery([
      neighbour('192.168.1.1', '54:a7:03:00:00:01'),
      neighbour('192.168.1.9', '78:28:ca:1a:2b:3c', 25_000),
    ]);
    const { devices, complete } = await look(discovery);
    expect(devices.map(({ ips, state }) => [ips[0], state])).toEqual([
      ['192.168.1.1', 'up'],
      ['192.168.1.9', 'unknown'],
    ]);
    expect(complete).toBe(true);
    expect(discovery.stopped).toBe(true);
  });

  it('ends at its limit and at Ctrl-C with what it has, and says that it was cut short', async () => {
    const endless = new Promise<void>(() => {});
    const said = [neighbour('192.168.1.1', '54:a7:03:00:00:01')];
    expect(await look(new FakeDiscovery(said, [LAN], endless), 20)).toMatchObject({ complete: false, devices: [{ state: 'up' }] });
    const interrupted = new AbortController();
    setTimeout(() => interrupted.abort(), 20);
    expect(await look(new FakeDiscovery(said, [LAN], endless), 60_000, interrupted.signal)).toMatchObject({ complete: false });
  });

  it('names the interfaces that were left out when there is nothing to look at, and stops', async () => {
    const discovery = new FakeDiscovery([], []);
    await expect(look(discovery)).rejects.toMatchObject({
      code: 'HB_NO_LAN',
      message: expect.stringContaining('wg0 is a VPN'),
      fix: expect.stringContaining('--interface'),
    });
    expect(discovery.stopped).toBe(true);
  });

  it('prints a document as its schema says, with the same ids every time', async () => {
    const schema = z.fromJSONSchema(
      JSON.parse(readFileSync(new URL('../../../config/schemas/devices.schema.json', import.meta.url), 'utf8')),
    );
    const said = [neighbour('192.168.1.1', '54:a7:03:00:00:01'), neighbour('192.168.1.40', '62:1e:9a:4f:12:ad')];
    const [one, other] = [scanDocument(await look(new FakeDiscovery(said))), scanDocument(await look(new FakeDiscovery(said)))];
    expect(schema.parse(JSON.parse(JSON.stringify(one)))).toBeTruthy();
    expect(one.devices).toMatchObject([
      { ip: '192.168.1.1', mac: '54:a7:03:00:00:01', vendor: 'TP-Link', kind: 'router', isGateway: true, privateMac: false },
      { ip: '192.168.1.40', privateMac: true, personal: true },
    ]);
    expect(one.devices.map(({ id }) => id)).toEqual(other.devices.map(({ id }) => id));
    expect(one.devices.every(({ id }) => ID_PATTERN.test(id))).toBe(true);
    expect(schema.safeParse({ devices: [{ ...one.devices[0], state: 'sleeping' }], coverage: [] }).success).toBe(false);
    expect(schema.safeParse({ devices: [{ ...one.devices[0], macs: ['54-A7'] }], coverage: [] }).success).toBe(false);
  });
});
