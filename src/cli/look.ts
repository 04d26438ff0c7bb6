/**
 * One look at the LAN: runs a discovery for some seconds and works what it hears into devices, telling the caller as it goes. A deep look then
 * asks each device for evidence.
 */
import type { Coverage, LanInterface, Sighting } from '../agent/discovery/sighting.ts';
import type { Device } from '../agent/inventory/device.ts';
import { EMPTY_INVENTORY, type Inventory, type InventoryContext, reduceInventory } from '../agent/inventory/inventory.ts';
import { summarise } from '../agent/inventory/summary.ts';
import type { Discovery } from '../agent/ports.ts';
import { type Clock, every, sleep } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import { type Asking, type AskingTools, askEveryone, type Found } from './ask-everyone.ts';

export type ScannedDevice = ReturnType<typeof summarise> & {
  /** `up` when something proved during this look that it is there, else `unknown`: one look can not tell that a device is down. */
  readonly state: 'up' | 'unknown';
  /** All statements about it, best first. */
  readonly facts: Device['facts'];
  readonly openPorts: readonly number[];
};

export type Look = {
  readonly devices: readonly ScannedDevice[];
  readonly coverage: readonly Coverage[];
  readonly interfaces: readonly LanInterface[];
  readonly elapsedMs: number;
  /** False when it was cut short, by Ctrl-C or by the time limit. */
  readonly complete: boolean;
  /** How far the asking is, in a deep look. */
  readonly asking?: Asking;
};

export type LookTools = {
  readonly clock: Clock;
  readonly discovery: Discovery;
  readonly identify: Pick<InventoryContext, 'fingerprints' | 'vendorOf' | 'newDeviceId'>;
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** For a deep look. */
  readonly asking?: AskingTools;
  /** Called four times a second, with what is known by then. */
  readonly onProgress: (look: Look) => void;
};

const PROGRESS_MS = 250;

/** Throws HB_NO_LAN when there is no interface to look at. */
export async function lookAtLan({ clock, discovery, identify, signal, limitMs, asking, onProgress }: LookTools): Promise<Look> {
  const startedAt = clock.now();
  const heard: Sighting[] = [];
  let inventory = EMPTY_INVENTORY;
  let asked: Asking | undefined;
  const identified = (): Inventory['devices'] => {
    const interfaces = discovery.interfaces();
    inventory = reduceInventory(inventory, heard.splice(0), clock.now(), { ...identify, interfaces }).inventory;
    return inventory.devices;
  };
  const work = (complete: boolean): Look => ({
    devices: [...identified().values()].map((device) => scanned(device, startedAt.wallMs)),
    coverage: discovery.coverage(),
    interfaces: discovery.interfaces(),
    elapsedMs: clock.now().monoMs - startedAt.monoMs,
    complete,
    ...(asked ? { asking: asked } : {}),
  });
  const found = (): Found => {
    const devices = identified();
    return { devices, isUp: (id) => isProved(devices.get(id), startedAt.wallMs) };
  };
  await discovery.start((sighting) => heard.push(sighting));
  const ticking = every(clock, PROGRESS_MS, () => onProgress(work(false)));
  const over = new AbortController();
  try {
    if (discovery.interfaces().length === 0) throw noLan(discovery.coverage());
    const limit = sleep(clock, limitMs, AbortSignal.any([signal, over.signal])).then(() => over.abort());
    const settled = await Promise.race([discovery.refresh().then(() => true), limit.then(() => false)]);
    if (!settled || !asking) return work(settled);
    const tell = (sighting: Sighting): void => void heard.push(sighting);
    const onAsking = (progress: Asking): void => {
      asked = progress;
    };
    return work(await askEveryone(asking, found, tell, onAsking, over.signal));
  } finally {
    ticking.cancel();
    over.abort();
    await discovery.stop();
  }
}

/** The kernel tells ages in whole seconds: a confirmation may seem to be up to a second older than it is. */
function isProved(device: Device | undefined, startedAt: number): boolean {
  return device !== undefined && device.lastSeenAt >= startedAt - 1_000;
}

function scanned(device: Device, startedAt: number): ScannedDevice {
  return {
    ...summarise(device),
    state: isProved(device, startedAt) ? 'up' : 'unknown',
    facts: device.facts,
    openPorts: device.ports,
  };
}

function noLan(coverage: readonly Coverage[]): HearthbeatError {
  const skipped = coverage.filter(({ status }) => status === 'skipped').map((row) => `${row.interface} ${row.problem ?? ''}`.trim());
  const because = skipped.length === 0 ? '' : ` Left out: ${skipped.join('; ')}.`;
  return new HearthbeatError(
    'HB_NO_LAN',
    `There is no LAN interface to look at.${because}`,
    'Connect a cable or Wi-Fi, or name an interface with --interface. "hearthbeat demo" plays a simulated home instead.',
    { retryable: true },
  );
}
