/**
 * What people tell the agent to do with devices: a closed set of orders, each of which is carried out whole or refused with words. A person
 * is believed against all evidence; every order can be undone.
 */
import type { Instant } from '../../base/clock.ts';
import { parseMac } from '../../base/mac-address.ts';
import { pinnedApart } from './corrections.ts';
import { titleOf } from './describe.ts';
import type { Correctable, Corrections, Device, Identifier } from './device.ts';
import { put } from './draft.ts';
import { exclusiveKeys, identifierKey, isExclusive, macClaim } from './identifiers.ts';
import type { LogRow } from './identity-log.ts';
import { closeWork, type Inventory, type InventoryContext, openWork, type Reduced } from './inventory.ts';
import type { Answer, Order, Past, Refused } from './order.ts';
import { macsOf, summarise } from './summary.ts';
import { takeBack } from './undo.ts';
import { keep, keepCard, mergeInto, newDevice, note, type Work } from './work.ts';

export function obey(
  inventory: Inventory,
  order: Order,
  past: Past,
  now: Instant,
  context: InventoryContext,
): Reduced & { readonly answer: Answer } {
  const work = openWork(inventory, now, context);
  const answer = carryOut(work, order, past);
  if ('problem' in answer) return { inventory, changes: [], rows: [], answer };
  return { ...closeWork(work, inventory), answer };
}

function carryOut(work: Work, order: Order, past: Past): Answer {
  switch (order.do) {
    case 'set':
      return correct(work, order);
    case 'merge':
      return mergeByHand(work, order);
    case 'split':
      return split(work, order, past.of);
    case 'undo':
      return takeBack(work, order.row, past);
  }
}

const GONE: Refused = { problem: 'That device is not known any more.', fix: 'List the devices with: hearthbeat device list' };

function correct(work: Work, { device: id, set }: Extract<Order, { do: 'set' }>): Answer {
  const device = work.devices.get(id);
  if (!device) return GONE;
  const card = work.cards.get(id);
  const parent = set.behind ? work.devices.get(set.behind) : undefined;
  const refused = set.behind ? whyNotBehind(work, device, parent) : undefined;
  if (refused) return refused;
  const fields = Object.keys(set) as Correctable[];
  const says: Partial<Record<Correctable, Corrections[Correctable]>> = { ...card?.says };
  for (const field of fields) {
    const value = field === 'behind' && parent ? macsOf(parent)[0] : set[field];
    if (typeof value === 'string') says[field] = { value, at: Math.round(work.now.wallMs), of: exclusiveKeys(device) };
    else delete says[field];
  }
  const was = Object.fromEntries(fields.flatMap((field) => (card?.says[field] ? [[field, card.says[field]]] : [])));
  keepCard(work, id, { device: id, keys: [...new Set([...(card?.keys ?? []), ...exclusiveKeys(device)])], says: says as Corrections });
  const wordOf = (field: Correctable): string => (field === 'behind' && parent ? titleOf(summarise(parent)) : `${set[field]}`);
  const words = fields.map((field) => (set[field] === null ? `${field} is not set any more` : `${field} is "${wordOf(field)}"`)).join(', ');
  const row = note(work, {
    what: 'corrected',
    by: 'person',
    devices: [id],
    why: `A person said: ${words}.`,
    undo: { before: [], after: [id], cards: [], fields: { set: fields, was }, unpinned: [] },
  });
  return { done: `${titleOf(summarise(device))}: ${words}.`, row: row.n, device: id };
}

/** A person's device comes and goes and carries nobody; and what people say of wiring must not go round in a circle. */
function whyNotBehind(work: Work, device: Device, parent: Device | undefined): Refused | undefined {
  if (!parent) return { problem: 'What it should be behind is not known.', fix: 'List the devices with: hearthbeat device list' };
  if (macsOf(parent).length === 0 || parent.personal)
    return { problem: `${titleOf(summarise(parent))} is nothing that others hang on.`, fix: 'Name a switch, an access point or a router.' };
  for (let at: Device | undefined = parent, hops = 0; at && hops <= work.devices.size; at = parentSaid(work, at), hops++)
    if (at.id === device.id)
      return {
        problem: 'A device cannot be behind itself.',
        fix: `Take back what was said of ${titleOf(summarise(parent))} first, with: behind=unset`,
      };
  return undefined;
}

function parentSaid(work: Work, { corrected }: Device): Device | undefined {
  return work.devices.get(work.holders.get(identifierKey(macClaim(corrected?.behind?.value ?? ''))) ?? '');
}

function mergeByHand(work: Work, { one, other }: Extract<Order, { do: 'merge' }>): Answer {
  const [a, b] = [work.devices.get(one), work.devices.get(other)];
  if (!a || !b) return GONE;
  if (a === b) return { problem: 'That is one device already.', fix: 'Name two different ones.' };
  const unpinned = work.pins.filter((pin) => pinnedApart([pin], a, b));
  work.pins = [
    ...work.pins.filter((pin) => !unpinned.includes(pin)),
    { n: work.nextRow, kind: 'together', a: exclusiveKeys(a), b: exclusiveKeys(b) },
  ];
  const n = work.nextRow;
  const kept = mergeInto(work, a, b, 'A person said that they are one device.', 'person', unpinned);
  return { done: `${titleOf(summarise(a))} and ${titleOf(summarise(b))} are one device now.`, row: n, device: kept.id };
}

function split(work: Work, { device: id, identifiers: wanted }: Extract<Order, { do: 'split' }>, past: readonly LogRow[]): Answer {
  const device = work.devices.get(id);
  if (!device) return GONE;
  const [leaving, unknown] = namedBy(device, wanted);
  if (unknown !== undefined)
    return { problem: `It has no identifier "${unknown}".`, fix: 'See what it is known by with: hearthbeat device show' };
  const staying = device.identifiers.filter((identifier) => !leaving.includes(identifier));
  if (!leaving.some(isExclusive) || !staying.some(isExclusive))
    return { problem: 'One MAC at least must go and one must stay.', fix: 'Name the MACs that are another device.' };
  const united = past.find((row) => isUnionOf(row, device, leaving));
  const undone = united && takeBack(work, united.n, { row: united, later: past.filter(({ n }) => n > united.n), of: past }, leaving);
  return undone && 'done' in undone ? undone : splitOff(work, device, leaving, staying);
}

/** The identifiers that the words name, or the first word that names none. */
function namedBy(device: Device, words: readonly string[]): [Identifier[], string | undefined] {
  const found = words.map((word) => {
    const value = parseMac(word) ?? word.toLowerCase();
    return device.identifiers.find((identifier) => identifier.value.toLowerCase() === value);
  });
  const unknown = found.indexOf(undefined);
  return [found.filter((identifier) => identifier !== undefined), unknown < 0 ? undefined : words[unknown]];
}

/** Whether this merger brought exactly these MACs (or all others) in: then to take it back is the split that is meant. */
function isUnionOf(row: LogRow, device: Device, leaving: readonly Identifier[]): boolean {
  if (row.what !== 'merged' || row.undoneBy !== undefined || row.undo?.after[0] !== device.id) return false;
  const going = exclusiveKeys({ identifiers: leaving }).sort().join();
  const now = exclusiveKeys(device).sort().join();
  const sides = row.undo.before.map((before) => exclusiveKeys(before).sort().join());
  const all = row.undo.before.flatMap(exclusiveKeys).sort().join();
  return now === all && sides.includes(going);
}

function splitOff(work: Work, device: Device, leaving: readonly Identifier[], staying: readonly Identifier[]): Answer {
  const first = leaving.find(isExclusive)!;
  const isGoing = (mac: string): boolean => leaving.some(({ value }) => value === mac);
  const addresses = device.addresses.filter(({ mac }) => isGoing(mac));
  const card = work.cards.get(device.id);
  // Out of the way first: an identifier has one holder.
  put(work, { ...device, identifiers: staying, addresses: device.addresses.filter(({ mac }) => !isGoing(mac)) });
  const pin = {
    n: work.nextRow,
    kind: 'apart' as const,
    a: exclusiveKeys({ identifiers: leaving }),
    b: exclusiveKeys({ identifiers: staying }),
  };
  const unpinned = work.pins.filter(
    ({ kind, a, b }) =>
      kind === 'together' && [...a, ...b].some((key) => pin.a.includes(key)) && [...a, ...b].some((key) => pin.b.includes(key)),
  );
  work.pins = [...work.pins.filter((each) => !unpinned.includes(each)), pin];
  const made = newDevice(work, first, first.value.split(' ')[0]!, Math.min(...leaving.map(({ firstAt }) => firstAt)));
  const lastSeenAt = Math.max(0, ...addresses.map(({ lastAt }) => lastAt));
  keep(work, { ...made, identifiers: leaving, addresses, lastSeenAt });
  const row = note(work, {
    what: 'split',
    by: 'person',
    devices: [device.id, made.id],
    why: `A person said that ${leaving.map(({ value }) => value).join(', ')} is another device.`,
    undo: { before: [device], after: [device.id, made.id], cards: [{ device: device.id, ...(card ? { card } : {}) }], unpinned },
  });
  return { done: `${leaving.map(({ value }) => value).join(', ')} is a device of its own now.`, row: row.n, device: made.id };
}
