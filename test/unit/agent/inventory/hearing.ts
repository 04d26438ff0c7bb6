/** Builders for inventory tests: sightings at a second of a virtual day, and an inventory that remembers what it was told. */
import type { LanInterface, MdnsService, Sighting } from '../../../../src/agent/discovery/sighting.ts';
import type { Device } from '../../../../src/agent/inventory/device.ts';
import type { LogRow } from '../../../../src/agent/inventory/identity-log.ts';
import {
  EMPTY_INVENTORY,
  type Inventory,
  type InventoryChange,
  type InventoryContext,
  reduceInventory,
} from '../../../../src/agent/inventory/inventory.ts';
import { readFingerprints } from '../../../../src/platform/fingerprint-files.ts';
import { openVendorRegistry } from '../../../../src/platform/vendor-registry.ts';

const MORNING = Date.UTC(2026, 10, 21, 8);

export const instant = (second: number) => ({ monoMs: second * 1000, wallMs: MORNING + second * 1000 });

export const HUB: LanInterface = {
  name: 'eth0',
  mac: 'd8:3a:dd:00:00:02',
  address: '192.168.1.2',
  prefixLength: 24,
  ipv6: ['fe80::2'],
  gateway: '192.168.1.1',
  dnsServers: [],
};

const fingerprints = readFingerprints();
const vendorOf = openVendorRegistry();

export function context(): InventoryContext {
  let made = 0;
  return { interfaces: [HUB], fingerprints, vendorOf, newDeviceId: () => `device-${String(++made).padStart(5, '0')}` };
}

/** What is heard from one address; every method is at a given second. */
export const from = (ip: string) => {
  const heard = (second: number) => ({ at: instant(second), interface: 'eth0', ip });
  return {
    is: (mac: string, second: number, confirmedAgoMs = 0): Sighting => ({
      ...heard(second),
      method: 'neighbour',
      mac,
      confirmedAgoMs,
      isRouter: false,
    }),
    says: (second: number, host: string, ...services: Partial<MdnsService>[]): Sighting => ({
      ...heard(second),
      method: 'mdns',
      host,
      services: services.map((service) => ({ instance: host, type: '_http._tcp', txt: {}, gone: false, ...service })),
    }),
    describes: (second: number, description: Partial<Extract<Sighting, { method: 'upnp' }>>): Sighting => ({
      ...heard(second),
      method: 'upnp',
      location: `http://${ip}:1400/desc.xml`,
      extra: {},
      ...description,
    }),
  };
};

/** An inventory under test: `hear` works one batch in and answers with the changes. */
export function home() {
  const rules = context();
  let inventory: Inventory = EMPTY_INVENTORY;
  const rows: LogRow[] = [];
  return {
    rows,
    hear(second: number, ...sightings: Sighting[]): readonly InventoryChange[] {
      const result = reduceInventory(inventory, sightings, instant(second), rules);
      inventory = result.inventory;
      rows.push(...result.rows);
      return result.changes;
    },
    get inventory(): Inventory {
      return inventory;
    },
    get devices(): Device[] {
      return [...inventory.devices.values()];
    },
    byMac: (mac: string): Device => {
      const found = [...inventory.devices.values()].find((device) => device.identifiers.some((identifier) => identifier.value === mac));
      if (!found) throw new Error(`no device has ${mac}`);
      return found;
    },
  };
}
