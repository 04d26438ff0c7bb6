/**
 * Takes back a decision of the identity log: the devices are again what they were, at the addresses where they are now. A person who takes
 * back what the agent merged pins the two apart, or the same evidence would merge them again.
 */
import { addressKey } from './addresses.ts';
import type { Card } from './corrections.ts';
import type { Address, Correctable, Corrections, Device, Identifier, PersonsWord } from './device.ts';
import { put, remove } from './draft.ts';
import { exclusiveKeys } from './identifiers.ts';
import type { LogRow, Undo } from './identity-log.ts';
import { asBefore } from './merge.ts';
import type { Answer, Past } from './order.ts';
import { keepCard, note, type Work } from './work.ts';

/** `leaving`: what a person split off, who then wants them to stay apart whoever merged them. */
export function takeBack(work: Work, n: number, past: Past, leaving?: readonly Identifier[]): Answer {
  const row = past.row;
  if (!row) return { problem: `The log has no entry ${n}.`, fix: 'See it with: hearthbeat device log' };
  if (row.undoneBy !== undefined)
    return { problem: `Entry ${n} was undone by ${row.undoneBy}.`, fix: `Undo that: device undo ${row.undoneBy}` };
  if (!row.undo)
    return { problem: `Entry ${n} only tells what was seen: there is nothing to undo.`, fix: 'See others with: hearthbeat device log' };
  return row.undo.fields ? takeBackWords(work, row, row.undo) : takeBackIdentity(work, row, row.undo, past.later, leaving);
}

function takeBackWords(work: Work, row: LogRow, { fields, after }: Undo): Answer {
  const { set, was } = fields!;
  const card = cardOf(work, after[0]!);
  const newer = set.find((field) => (card?.says[field]?.at ?? 0) > row.at);
  if (newer) return { problem: `The ${newer} was set again later.`, fix: 'Undo that first: hearthbeat device log' };
  if (!card && set.some((field) => was[field] === undefined) && Object.keys(was).length === 0)
    return { problem: 'Nothing of it is left to undo.', fix: 'See what counts now with: hearthbeat device show' };
  const id = card?.device ?? after[0]!;
  const device = work.devices.get(id);
  const before = Object.fromEntries(set.flatMap((field) => (card?.says[field] ? [[field, card.says[field]]] : [])));
  const others = Object.entries(card?.says ?? {}).filter(([field]) => !set.includes(field as Correctable));
  const keys = card?.keys ?? (device ? exclusiveKeys(device) : []);
  keepCard(work, id, { device: id, keys, says: { ...Object.fromEntries(others), ...was } as Corrections });
  const undone = note(work, {
    what: 'undone',
    by: 'person',
    devices: [id],
    why: `A person took back entry ${row.n}: ${row.why}`,
    undoes: row.n,
    undo: { before: [], after: [id], cards: [], fields: { set, was: before }, unpinned: [] },
  });
  return { done: `Undone: ${row.why}`, row: undone.n, device: id };
}

/** Also under the id of the device that took the other one in. */
function cardOf(work: Work, id: string): Card | undefined {
  const own = work.cards.get(id);
  if (own || work.devices.has(id)) return own;
  return [...work.cards.values()].find(({ device }) => device === id);
}

function takeBackIdentity(work: Work, row: LogRow, undo: Undo, later: readonly LogRow[], leaving?: readonly Identifier[]): Answer {
  const touched = new Set([...row.devices, ...undo.after, ...undo.before.map(({ id }) => id)]);
  const newer = later.find(
    (each) =>
      each.undo &&
      !each.undo.fields &&
      each.undoneBy === undefined &&
      !(each.undoes !== undefined && each.undoes > row.n) &&
      each.devices.some((id) => touched.has(id)),
  );
  if (newer)
    return { problem: `Entry ${newer.n} came later and is about the same device.`, fix: `Undo that first: device undo ${newer.n}` };
  const foreign = undo.before.flatMap(exclusiveKeys).find((key) => !undo.after.includes(work.holders.get(key) ?? undo.after[0]!));
  if (foreign) return { problem: `${foreign} belongs to another device by now.`, fix: 'Use device merge or device split instead.' };

  const now = undo.after.flatMap((id) => work.devices.get(id) ?? []);
  const cardsNow = new Map(undo.after.map((id) => [id, work.cards.get(id)]));
  restoreDevices(work, undo, now);
  restoreCards(work, row, undo, cardsNow);
  const apart = row.by === 'agent' || leaving ? apartFrom(work, undo.before) : [];
  const dropped = work.pins.filter((pin) => pin.n === row.n);
  work.pins = [...work.pins.filter((pin) => pin.n !== row.n), ...undo.unpinned, ...apart];
  const undone = note(work, {
    what: leaving ? 'split' : 'undone',
    by: 'person',
    devices: [...new Set([...undo.before.map(({ id }) => id), ...undo.after])],
    why: leaving
      ? `A person said that ${leaving.map(({ value }) => value).join(', ')} is another device. That takes back entry ${row.n}.`
      : `A person took back entry ${row.n}: ${row.why}`,
    undoes: row.n,
    undo: {
      before: now,
      after: undo.before.map(({ id }) => id),
      cards: [...cardsNow].map(([device, card]) => ({ device, ...(card ? { card } : {}) })),
      unpinned: dropped,
    },
  });
  return { done: `Undone: ${row.why}`, row: undone.n, device: undo.before.at(-1)!.id };
}

function restoreDevices(work: Work, undo: Undo, now: readonly Device[]): void {
  const present = now.flatMap((device) => device.addresses);
  for (const device of now) {
    if (undo.before.some(({ id }) => id === device.id)) put(work, { ...device, identifiers: [], addresses: [] });
    else {
      remove(work, device.id);
      work.removed.push({ device, because: 'A person took back what made it.' });
    }
  }
  const isFree = (address: Address): boolean => !work.residents.has(addressKey(address));
  const back = undo.before.map((device) => {
    const others = undo.before.filter((other) => other !== device);
    return asBefore(device, others, present, isFree, work.now);
  });
  for (const device of back) put(work, device);
}

/** What people had said then; what they said since stays with the device that they said it of, or with the first. */
function restoreCards(work: Work, row: LogRow, { before, cards, after }: Undo, now: ReadonlyMap<string, Card | undefined>): void {
  for (const id of after) work.cards.delete(id);
  const then = new Map(cards.map(({ device, card }) => [device, card]));
  for (const device of before) keepCard(work, device.id, then.get(device.id));
  for (const [id, card] of now) {
    const said = Object.entries(card?.says ?? {}).filter(([, word]) => word.at > row.at);
    if (!card || said.length === 0) continue;
    for (const [field, word] of said) {
      const heir = heirOf(word, before) ?? before.find((device) => device.id === id) ?? before[0]!;
      const known = work.cards.get(heir.id);
      keepCard(work, heir.id, { device: heir.id, keys: known?.keys ?? exclusiveKeys(heir), says: { ...known?.says, [field]: word } });
    }
  }
}

/** The one of these that a word was said of. */
function heirOf({ of = [] }: PersonsWord, devices: readonly Device[]): Device | undefined {
  const heirs = devices.filter((device) => exclusiveKeys(device).some((key) => of.includes(key)));
  return heirs.length === 1 ? heirs[0] : undefined;
}

function apartFrom(work: Work, [one, other]: readonly Device[]): Work['pins'] {
  return one && other ? [{ n: work.nextRow, kind: 'apart', a: exclusiveKeys(one), b: exclusiveKeys(other) }] : [];
}
