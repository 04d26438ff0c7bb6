/**
 * Homes for identity histories: true boxes with their network cards, what each tells of itself, and what happens to them. A home knows the
 * truth; the inventory only ever sees the sightings.
 */
import type { EvidenceSighting, LanInterface, MdnsService, Sighting } from '../../src/agent/discovery/sighting.ts';
import type { Instant } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';

export const MORNING = Date.UTC(2026, 10, 21, 8);
export const LAN: LanInterface = {
  name: 'eth0',
  mac: 'd8:3a:dd:00:00:02',
  address: '10.0.0.2',
  prefixLength: 22,
  ipv6: [],
  gateway: '10.0.0.1',
  dnsServers: [],
};

type Card = { mac: string; ip: string; live: boolean };

/** What a box is and tells; `behind` is the box whose MAC answers for it. */
export type Box = {
  readonly n: number;
  readonly kind: 'plain' | 'two-cards' | 'private' | 'extender' | 'clone' | 'spoofer';
  readonly cards: Card[];
  readonly host: string;
  readonly serial?: string;
  readonly homekit?: string;
  readonly cast?: string;
  readonly certificate?: string;
  /** It knows the MACs of all its cards and tells them (SNMP ifPhysAddress, vendor APIs). */
  readonly tellsMacs: boolean;
  readonly hasIpv6: boolean;
  readonly udnAtBoot: boolean;
  udn: string;
  behind?: Box;
};

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

export class TrueHome {
  readonly boxes: Box[] = [];
  readonly random: Random;
  /** Every MAC a box ever had, to the box. */
  readonly owners = new Map<string, number>();
  #made = 0;

  constructor(random: Random) {
    this.random = random;
    const count = 3 + this.pick(6);
    for (let n = 0; n < count; n++) this.boxes.push(this.#box(n));
  }

  pick(n: number): number {
    return Math.floor(this.random.fraction() * n);
  }

  chance(p: number): boolean {
    return this.random.fraction() < p;
  }

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!;
  }

  #box(n: number): Box {
    const kind = this.one(['plain', 'plain', 'two-cards', 'private', 'extender', 'clone', 'clone', 'spoofer'] as const);
    const cards = Array.from({ length: kind === 'two-cards' ? 2 : 1 }, () => ({ mac: '', ip: '', live: true }));
    const box: Box = {
      n,
      kind,
      cards,
      // People give two things one name; clones come out of the box with the same one.
      host: kind === 'clone' ? `cam-${n}` : this.chance(0.2) ? 'living-room' : `box-${n}`,
      ...(kind === 'clone'
        ? { serial: '20090804RCR', certificate: 'firmware-default' }
        : this.chance(0.6)
          ? { serial: `SN${n}X${hex(this.pick(65_536), 4)}Q` }
          : {}),
      ...(this.chance(0.4) ? { homekit: `aa:bb:cc:00:00:${hex(n, 2)}` } : {}),
      ...(this.chance(0.3) ? { cast: `ca57${hex(n, 4)}` } : {}),
      tellsMacs: this.chance(0.4),
      hasIpv6: this.chance(0.6),
      udnAtBoot: this.chance(0.5),
      udn: this.#newUdn(),
    };
    for (const card of cards) {
      card.mac = this.newMac(n, kind === 'private');
      card.ip = this.freeIp();
    }
    if (kind === 'two-cards' && this.chance(0.5)) cards[1]!.live = false;
    return box;
  }

  #newUdn(): string {
    return `uuid:${hex(++this.#made, 8)}-0000-4000-8000-000000000000`;
  }

  newMac(n: number, isPrivate: boolean): string {
    const mac = `${isPrivate ? '62' : '00'}:11:32:${hex(n, 2)}:${hex(++this.#made >> 8, 2)}:${hex(this.#made & 255, 2)}`;
    this.owners.set(mac, n);
    return mac;
  }

  freeIp(): string {
    for (;;) {
      const ip = `10.0.${this.pick(2)}.${10 + this.pick(200)}`;
      if (!this.boxes.some((box) => box.cards.some((card) => card.ip === ip))) return ip;
    }
  }

  reboot(box: Box): void {
    if (box.udnAtBoot) box.udn = this.#newUdn();
  }
}

/** What the hub hears when a card of a box answers and speaks now. `mac` is what the neighbour table shows at its address. */
export function heardFrom(home: TrueHome, box: Box, card: Card, at: Instant, mac = box.behind?.cards[0]?.mac ?? card.mac): Sighting[] {
  const heard = { at, interface: 'eth0', ip: card.ip };
  const all: Sighting[] = [{ ...heard, method: 'neighbour', mac, confirmedAgoMs: home.pick(2_000), isRouter: false }];
  if (box.hasIpv6 && box.behind === undefined && home.chance(0.3)) {
    const ip = `fe80::${card.mac.slice(9).replaceAll(':', '')}`;
    all.push({ ...heard, ip, method: 'neighbour', mac: card.mac, confirmedAgoMs: 0, isRouter: false });
  }
  return [...all, ...spokenBy(home, box, card, heard)];
}

type Place = { readonly at: Instant; readonly interface: string; readonly ip: string };

export function spokenBy(home: TrueHome, box: Box, card: Card, heard: Place): Sighting[] {
  const said: Sighting[] = [];
  if (box.kind !== 'spoofer' && home.chance(0.5)) said.push({ ...heard, method: 'mdns', host: box.host, services: servicesOf(box) });
  if (box.kind === 'spoofer' || box.kind === 'extender') return said;
  if (home.chance(0.4))
    said.push({
      ...heard,
      method: 'upnp',
      location: `http://${heard.ip}:1400/d.xml`,
      udn: box.udn,
      extra: {},
      ...(box.serial === undefined ? {} : { serialNumber: box.serial }),
    });
  if (home.chance(0.3)) said.push({ ...heard, method: 'api', reader: 'api', fields: {}, identifiers: identifiersOf(box) });
  if (home.chance(0.1)) said.push({ ...heard, ip: '0.0.0.0', method: 'dhcp', mac: card.mac, fields: { hostname: box.host } });
  return said;
}

function servicesOf(box: Box): MdnsService[] {
  const service = (type: string, id: string): MdnsService => ({ instance: box.host, type, txt: { id }, gone: false, port: 80 });
  return [
    ...(box.homekit === undefined ? [] : [service('_hap._tcp', box.homekit)]),
    ...(box.cast === undefined ? [] : [service('_googlecast._tcp', box.cast)]),
  ];
}

function identifiersOf(box: Box): EvidenceSighting['identifiers'] {
  return [
    ...(box.serial === undefined ? [] : [{ kind: 'serial' as const, value: box.serial }]),
    ...(box.certificate === undefined ? [] : [{ kind: 'certificate' as const, value: box.certificate }]),
    ...(box.cast === undefined ? [] : [{ kind: 'cast-id' as const, value: box.cast }]),
    ...(box.tellsMacs ? box.cards.map(({ mac }) => ({ kind: 'mac' as const, value: mac })) : []),
  ];
}
