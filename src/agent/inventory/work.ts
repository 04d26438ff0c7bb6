/** One batch being worked in: the draft of the devices with everything that decides along with them, and the few steps that all deciders share. */
import type { Instant } from '../../base/clock.ts';
import { isLocallyAdministered } from '../../base/mac-address.ts';
import type { DiscoveryMethod, LanInterface } from '../discovery/sighting.ts';
import { MAC_SOURCE } from './account.ts';
import { lendsMac } from './behind.ts';
import type { Merger, Removal } from './changes.ts';
import { type Card, cardFor, dressed, keysPinnedTo, type Pin, pinnedApart, unitedCards, upheld } from './corrections.ts';
import type { Device, Identifier } from './device.ts';
import { type Draft, put, remove } from './draft.ts';
import { withStatements } from './facts.ts';
import { conclude, type Fingerprints } from './fingerprints.ts';
import { identifierKey, macClaim, strengthOf } from './identifiers.ts';
import type { LogRow, NewRow } from './identity-log.ts';
import { inOrder, united } from './merge.ts';
import type { NewcomersDraft } from './newcomers.ts';
import { NO_OFFERS } from './offers.ts';
import { comesLater, stayOf } from './passing.ts';
import { isPersonal } from './personal.ts';
import { likenessOf } from './same-box.ts';
import { withKindsWeighed } from './shouted-kinds.ts';
import { isComponentMaker } from './vendor-name.ts';

const MOST_SUGGESTED = 64;

export type Claimant = { readonly deviceId: string; readonly mac: string; readonly firstAt: number; readonly lastAt: number };

export type Contest = {
  readonly ip: string;
  readonly interface: string;
  /** The owner first, at most four. */
  readonly claimants: readonly Claimant[];
  /** When the address last changed hands, newest last (monotonic milliseconds), within ten minutes. */
  readonly switches: readonly number[];
  /** It was in use when it was taken: its owner had been proved there within five minutes. */
  readonly takenInUse: boolean;
  /** Unix milliseconds; undefined while it may be an honest takeover. */
  readonly declaredAt?: number;
  /** Why it is nobody's fault, in words; then the address stays where it is, and nobody is alarmed. */
  readonly excuse?: string;
};

export type InventoryContext = {
  /** The hub's own places, which are never devices, with their gateways. */
  readonly interfaces: readonly LanInterface[];
  readonly fingerprints: Fingerprints;
  /** The maker a MAC is registered to, undefined for private and unknown ones. */
  readonly vendorOf: (mac: string) => string | undefined;
  /** The id of a device that is first known by this MAC. */
  readonly newDeviceId: (mac: string) => string;
};

export type Work = Draft & {
  readonly now: Instant;
  readonly context: InventoryContext;
  readonly cards: Map<string, Card>;
  pins: readonly Pin[];
  readonly contests: Map<string, Contest>;
  readonly newcomers: NewcomersDraft;
  /** Pairs of devices (`id id`) that people were told may be one, at most 64 between two restarts. */
  readonly suggested: Set<string>;
  nextRow: number;
  readonly rows: LogRow[];
  readonly merged: Merger[];
  readonly removed: Removal[];
};

/** Keeps a device in its new state, with what people said of it in front. */
export function keep(work: Work, device: Device): void {
  put(work, upheld(device));
}

/** Keeps what people said of a device from now on. */
export function keepCard(work: Work, id: string, card: Card | undefined): void {
  if (card && Object.keys(card.says).length > 0) work.cards.set(id, card);
  else work.cards.delete(id);
  const device = work.devices.get(id);
  if (device) put(work, dressed(device, work.cards.get(id)));
}

export function note(work: Work, row: NewRow): LogRow {
  const noted: LogRow = { n: work.nextRow++, at: Math.round(work.now.wallMs), ...row };
  work.rows.push(noted);
  return noted;
}

/** A device that was not known: as a MAC, or as one behind another one's MAC. People may have spoken of it before. */
export function newDevice(work: Work, identifier: Pick<Identifier, 'kind' | 'value'>, mac: string, at: number): Device {
  const isOwn = identifier.kind !== 'behind';
  const vendor = isOwn ? work.context.vendorOf(mac) : undefined;
  const fields = vendor === undefined ? {} : { [isComponentMaker(vendor) ? 'component' : 'vendor']: vendor };
  const statements = conclude(work.context.fingerprints, { on: 'mac', source: MAC_SOURCE, fields });
  const device: Device = {
    id: work.context.newDeviceId(mac),
    identifiers: [{ ...identifier, strength: strengthOf(identifier), source: 'neighbour', firstAt: at, lastAt: at }],
    addresses: [],
    facts: withStatements({}, statements, at, isOwn ? [mac] : []),
    seenBy: {},
    ...NO_OFFERS,
    firstSeenAt: at,
    ...(comesLater(work.devices.values(), at) ? { cameLater: true } : {}),
    lastSeenAt: 0,
    isGateway: false,
    personal: !isOwn || isLocallyAdministered(mac),
  };
  const known = { ...device, personal: isPersonal(device) };
  put(work, known);
  return recalled(work, known);
}

/** With the words of people that belong to its MACs: their card, and whom they put it together with. */
function recalled(work: Work, device: Device): Device {
  const card = cardFor({ cards: work.cards, pins: work.pins }, device, (id) => work.devices.has(id));
  if (card) {
    work.cards.delete(card.device);
    keepCard(work, device.id, { ...card, device: device.id });
  }
  const partner = keysPinnedTo(work.pins, device)
    .map((key) => work.holders.get(key))
    .find((id) => id !== undefined && id !== device.id);
  const [here, other] = [work.devices.get(device.id) ?? device, work.devices.get(partner ?? '')];
  return other ? mergeInto(work, here, other, 'A person said that they are one device.', 'agent') : here;
}

export function saw(device: Device, method: DiscoveryMethod, at: number, now: Instant): Device {
  const latest = (before: number | undefined): number => Math.min(now.wallMs, Math.max(before ?? 0, at));
  const seenBy = { ...device.seenBy, [method]: latest(device.seenBy[method]) };
  const seen = withKindsWeighed({ ...device, ...stayOf(device, latest(0)), seenBy, lastSeenAt: latest(device.lastSeenAt) });
  return { ...seen, personal: isPersonal(seen) };
}

/** Merges, with the log; answers with the one that remains. */
export function mergeInto(work: Work, one: Device, other: Device, why: string, by: LogRow['by'], unpinned: readonly Pin[] = []): Device {
  const [kept, absorbed] = inOrder(one, other);
  const cards = [kept, absorbed].map(({ id }) => work.cards.get(id));
  remove(work, absorbed.id);
  put(work, withKindsWeighed(united(kept, absorbed, work.now)));
  const { card, yielded } = unitedCards(work.devices.get(kept.id)!, cards);
  const gaveWay = yielded.length > 0 ? ` The newer word of people counts; this one gave way: ${yielded.join(', ')}.` : '';
  note(work, {
    what: 'merged',
    by,
    devices: [kept.id, absorbed.id],
    why: `${why}${gaveWay}`,
    undo: {
      before: [kept, absorbed],
      after: [kept.id],
      cards: [kept, absorbed].map(({ id }, i) => ({ device: id, ...(cards[i] ? { card: cards[i] } : {}) })),
      unpinned,
    },
  });
  work.cards.delete(absorbed.id);
  keepCard(work, kept.id, card);
  work.merged.push({ keptId: kept.id, absorbed, because: why });
  return work.devices.get(kept.id)!;
}

/** Merges a device with those that are proved to be the same box by what both tell; `keys` are what was just told. */
export function mergeProved(work: Work, device: Device, keys: readonly string[]): Device {
  const candidates = new Set(keys.flatMap((key) => [...(work.tellers.get(key) ?? []), ...macTold(work, key)]));
  candidates.delete(device.id);
  const makerOf = (mac: string): string | undefined => {
    const maker = work.context.vendorOf(mac);
    return maker === undefined || isComponentMaker(maker) ? undefined : maker;
  };
  return [...candidates].reduce<Device>((here, id) => {
    const other = work.devices.get(id);
    if (!other || id === here.id || pinnedApart(work.pins, here, other)) return here;
    // Whose MAC others answer with tells what they are, too.
    if (lendsMac(work, here) || lendsMac(work, other)) return here;
    const likeness = likenessOf(here, other, { now: work.now.wallMs, tellers: (key) => work.tellers.get(key)?.length ?? 0, makerOf });
    if (likeness?.isSure) return mergeInto(work, here, other, likeness.why, 'agent');
    if (likeness) suggest(work, here, other, likeness.why);
    return here;
  }, device);
}

/** Says once in the log that two devices may be one; who copies whatever he hears must not fill it. */
function suggest(work: Work, one: Device, other: Device, why: string): void {
  const [elder, later] = inOrder(one, other);
  const pair = `${elder.id} ${later.id}`;
  if (work.suggested.has(pair) || work.suggested.size >= MOST_SUGGESTED) return;
  work.suggested.add(pair);
  note(work, {
    what: 'suggested',
    by: 'agent',
    devices: [elder.id, later.id],
    why: `${why} They may be one box, or one copies the other. If they are one: hearthbeat device merge ${elder.id} ${later.id}`,
  });
}

/** Who has the MAC that was told. */
function macTold(work: Work, key: string): string[] {
  if (!key.startsWith('told-mac ')) return [];
  const holder = work.holders.get(identifierKey(macClaim(key.slice('told-mac '.length))));
  return holder === undefined ? [] : [holder];
}

export function forget(work: Work, device: Device, because: string): void {
  remove(work, device.id);
  work.removed.push({ device, because });
}
