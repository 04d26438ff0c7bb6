/**
 * Plays one identity history: a generated home, what happens in it, what people decide, restarts. After each step the invariants are
 * checked; what breaks one is a violation, told with the seed.
 */
import { type Card, dressed } from '../../src/agent/inventory/corrections.ts';
import type { Correctable, Device } from '../../src/agent/inventory/device.ts';
import { compileFingerprints } from '../../src/agent/inventory/fingerprints.ts';
import { exclusiveKeys } from '../../src/agent/inventory/identifiers.ts';
import type { LogRow } from '../../src/agent/inventory/identity-log.ts';
import {
  EMPTY_INVENTORY,
  type Inventory,
  type InventoryContext,
  type Reduced,
  reduceInventory,
  restoreInventory,
} from '../../src/agent/inventory/inventory.ts';
import type { Answer, Order, Past } from '../../src/agent/inventory/order.ts';
import { obey } from '../../src/agent/inventory/orders.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { type Box, heardFrom, LAN, MORNING, spokenBy, TrueHome } from './home.ts';

const STEPS = 60;
const DAY_S = 86_400;
const FIELDS: readonly Correctable[] = ['name', 'kind', 'room', 'critical'];

/** A word of a person that has to be there until somebody takes it back. */
type Word = {
  readonly row: number;
  readonly field: Correctable;
  readonly value: string;
  readonly at: number;
  readonly keys: readonly string[];
};

export type Played = { readonly violations: readonly string[]; readonly final: string; readonly merges: number; readonly missed: number };

export function playHistory(seed: number): Played {
  const history = new History(seed);
  for (let step = 0; step < STEPS && history.violations.length === 0; step++) history.step();
  return { violations: history.violations, final: picture(history.inventory), merges: history.merges, missed: history.missed() };
}

/** So that people's words have something to win against. */
const FINGERPRINTS = compileFingerprints([
  { id: 'host', on: 'mdns-host', match: {}, say: { name: '{host}', kind: 'speaker' }, confidence: 1 },
]);

class History {
  readonly violations: string[] = [];
  inventory: Inventory = EMPTY_INVENTORY;
  merges = 0;
  readonly #home: TrueHome;
  readonly #seed: number;
  readonly #log: LogRow[] = [];
  readonly #isMeddling: boolean;
  #words: Word[] = [];
  readonly #called = new Map<number, number>();
  #apart: { readonly row: number; readonly a: readonly string[]; readonly b: readonly string[] }[] = [];
  #together: { readonly row: number; readonly a: string; readonly b: string }[] = [];
  #second = 0;
  #ids = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#home = new TrueHome(seededRandom(`history ${seed}`));
    this.#isMeddling = this.#home.chance(0.4);
  }

  get #now() {
    return { monoMs: this.#second * 1000, wallMs: MORNING + this.#second * 1000 };
  }

  readonly #context: InventoryContext = {
    interfaces: [LAN],
    fingerprints: FINGERPRINTS,
    vendorOf: () => 'Acme',
    newDeviceId: () => `d${String(++this.#ids).padStart(4, '0')}`,
  };

  step(): void {
    const home = this.#home;
    const wait = home.chance(0.05) ? 4_000 + home.pick(2 * DAY_S) : 5 + home.pick(120);
    this.#second += wait;
    const box = home.one(home.boxes);
    const roll = home.random.fraction();
    if (roll < 0.5) this.#everybodySpeaks();
    else if (roll < 0.56) this.#renumber(box);
    else if (roll < 0.62) home.reboot(box);
    else if (roll < 0.68) this.#switchCards(box);
    else if (roll < 0.72) this.#newPrivateMac(box);
    else if (roll < 0.78) this.#roam(box);
    else if (roll < 0.84) this.#spoof(box);
    else if (roll < 0.88) this.#restart();
    else if (roll < 0.93) this.#say();
    else if (roll < 0.96) this.#mergeAndBack();
    else if (this.#isMeddling) this.#meddle();
    this.#check();
  }

  #hear(sightings: Parameters<typeof reduceInventory>[1]): void {
    this.#take(reduceInventory(this.inventory, sightings, this.#now, this.#context));
  }

  #take(result: Reduced): void {
    this.inventory = result.inventory;
    for (const row of result.rows) {
      if (row.what === 'merged' && row.by === 'agent') this.merges++;
      this.#log.push(row);
      if (row.undoes !== undefined) this.#mark(row.undoes, row.n);
    }
  }

  #mark(n: number, by: number): void {
    const index = this.#log.findIndex((row) => row.n === n);
    const row = this.#log[index];
    if (!row) return;
    this.#log[index] = { ...row, undoneBy: by };
    const first = row.undoes === undefined ? undefined : this.#log.findIndex((each) => each.n === row.undoes);
    if (first === undefined || first < 0) return;
    const { undoneBy: _, ...again } = this.#log[first]!;
    this.#log[first] = again;
  }

  #everybodySpeaks(): void {
    const speaking = this.#home.boxes.filter(() => this.#home.chance(0.7));
    this.#hear(
      speaking.flatMap((box) => box.cards.filter(({ live }) => live).flatMap((card) => heardFrom(this.#home, box, card, this.#now))),
    );
  }

  #renumber(box: Box): void {
    for (const card of box.cards) card.ip = this.#home.freeIp();
    this.#hear(box.cards.filter(({ live }) => live).flatMap((card) => heardFrom(this.#home, box, card, this.#now)));
  }

  #switchCards(box: Box): void {
    if (box.cards.length < 2) return;
    const both = this.#home.chance(0.3);
    const first = this.#home.chance(0.5);
    box.cards[0]!.live = both || first;
    box.cards[1]!.live = both || !first;
    this.#home.reboot(box);
  }

  #newPrivateMac(box: Box): void {
    if (box.kind !== 'private') return;
    box.cards[0]!.mac = this.#home.newMac(box.n, true);
    if (this.#home.chance(0.5)) box.cards[0]!.ip = this.#home.freeIp();
  }

  #roam(box: Box): void {
    const extender = this.#home.boxes.find(({ kind }) => kind === 'extender');
    if (!extender || box === extender || box.kind === 'spoofer' || box.cards.length > 1) return;
    if (box.behind) delete box.behind;
    else box.behind = extender;
  }

  /** Somebody else's MAC answers at the address, in turns with the owner; the owner may go on speaking, and the spoofer use its name. */
  #spoof(victim: Box): void {
    const spoofer = this.#home.boxes.find(({ kind }) => kind === 'spoofer');
    const card = victim.cards.find(({ live }) => live);
    if (!spoofer || !card || victim === spoofer) return;
    for (let i = 0; i < 1 + this.#home.pick(5); i++) {
      this.#second += 5 + this.#home.pick(30);
      const heard = { at: this.#now, interface: 'eth0', ip: card.ip };
      const isOwner = this.#home.chance(0.4);
      this.#hear([
        { ...heard, method: 'neighbour', mac: isOwner ? card.mac : spoofer.cards[0]!.mac, confirmedAgoMs: 0, isRouter: false },
        ...(this.#home.chance(0.5) ? spokenBy(this.#home, victim, card, heard) : []),
        ...(this.#home.chance(0.3)
          ? [{ ...heard, ip: spoofer.cards[0]!.ip, method: 'mdns' as const, host: victim.host, services: [] }]
          : []),
      ]);
    }
  }

  #restart(): void {
    const { people, nextRow, devices } = this.inventory;
    const bare = [...devices.values()].map((device) => JSON.parse(JSON.stringify(dressed(device, undefined))) as Device);
    const cards = new Map([...people.cards].map(([id, card]) => [id, JSON.parse(JSON.stringify(card)) as Card]));
    this.inventory = restoreInventory({ devices: bare, people: { cards, pins: JSON.parse(JSON.stringify(people.pins)) }, nextRow });
  }

  #order(order: Order): Answer {
    const past: Past = {
      row: order.do === 'undo' ? this.#log.find(({ n }) => n === order.row) : undefined,
      later: order.do === 'undo' ? this.#log.filter(({ n }) => n > order.row) : [],
      of: order.do === 'split' ? this.#log.filter(({ devices }) => devices.includes(order.device)).toReversed() : [],
    };
    const result = obey(this.inventory, order, past, this.#now, this.#context);
    this.#take(result);
    return result.answer;
  }

  #say(): void {
    const device = this.#anyDevice();
    if (!device) return;
    const field = this.#home.one(FIELDS);
    const value = field === 'kind' ? this.#home.one(['tv', 'phone', 'camera']) : field === 'critical' ? 'yes' : `said ${this.#second}`;
    if (this.#home.chance(0.25)) {
      this.#unsay(device, field);
      return;
    }
    const answer = this.#order({ do: 'set', device: device.id, set: { [field]: value } });
    if (!('done' in answer)) {
      this.#violate(`set refused: ${answer.problem}`);
      return;
    }
    const keys = exclusiveKeys(device);
    this.#words = [
      ...this.#words.filter((word) => word.field !== field || !word.keys.some((key) => keys.includes(key))),
      { row: answer.row, field, value, at: this.#now.wallMs, keys },
    ];
    if (this.#home.chance(0.2)) this.#undoWord(answer.row, keys, field);
  }

  #unsay(device: Device, field: Correctable): void {
    const keys = new Set([...exclusiveKeys(device), ...(this.inventory.people.cards.get(device.id)?.keys ?? [])]);
    this.#order({ do: 'set', device: device.id, set: { [field]: null } });
    this.#words = this.#words.filter((word) => word.field !== field || !word.keys.some((key) => keys.has(key)));
  }

  #undoWord(row: number, keys: readonly string[], field: Correctable): void {
    this.#order({ do: 'undo', row });
    const card = [...this.inventory.people.cards.values()].find((each) => each.keys.some((key) => keys.includes(key)));
    if (card?.says[field]?.at === this.#now.wallMs) this.#violate(`undo of ${field} left it`);
    this.#words = this.#words.filter((word) => word.row !== row);
  }

  /** What is put together and taken apart at once is what it was, also over a restart. */
  #mergeAndBack(): void {
    const [one, other] = [this.#anyDevice(), this.#anyDevice()];
    if (!one || !other || one.id === other.id) return;
    const before = picture(this.inventory);
    const merged = this.#order({ do: 'merge', one: one.id, other: other.id });
    if (!('done' in merged)) return;
    if (this.#home.chance(0.3)) this.#restart();
    const back = this.#order({ do: 'undo', row: merged.row });
    if (!('done' in back)) {
      this.#violate(`undo of a merger refused: ${back.problem}`);
      return;
    }
    if (picture(this.inventory) !== before) this.#violate('a merger that was undone left a trace');
  }

  /** People merge what is not one, split what the agent merged, and undo anything. */
  #meddle(): void {
    const roll = this.#home.random.fraction();
    if (roll < 0.4) {
      this.#mergeByHand();
      return;
    }
    if (roll < 0.7) {
      this.#splitByHand();
      return;
    }
    const row = this.#log.length === 0 ? undefined : this.#home.one(this.#log);
    if (row?.undo === undefined || row.undo.fields) return;
    const answer = this.#order({ do: 'undo', row: row.n });
    if (!('done' in answer)) return;
    this.#force([...this.inventory.devices.values()].filter(({ id }) => row.devices.includes(id)));
    // What was undone is no promise any more, and what an undone split had forbidden is allowed again.
    this.#together = this.#together.filter((pin) => pin.row !== row.n && !this.#wasSplit(pin));
    this.#apart = this.#apart.filter((pin) => !this.#wasJoined(pin));
  }

  #wasSplit({ a, b }: { a: string; b: string }): boolean {
    const [one, other] = [this.inventory.holders.get(a), this.inventory.holders.get(b)];
    return one !== other;
  }

  #wasJoined({ a, b }: { a: readonly string[]; b: readonly string[] }): boolean {
    const holders = (keys: readonly string[]): string[] => keys.flatMap((key) => this.inventory.holders.get(key) ?? []);
    return holders(a).some((id) => holders(b).includes(id));
  }

  #mergeByHand(): void {
    const [one, other] = [this.#anyDevice(), this.#anyDevice()];
    if (!one || !other || one.id === other.id) return;
    this.#force([one, other]);
    const answer = this.#order({ do: 'merge', one: one.id, other: other.id });
    if (!('done' in answer)) return;
    const [a, b] = [exclusiveKeys(one)[0]!, exclusiveKeys(other)[0]!];
    this.#together.push({ row: answer.row, a, b });
    this.#apart = this.#apart.filter((pin) => !this.#wasJoined(pin));
  }

  #force(devices: readonly Device[]): void {
    const [first, ...others] = devices.flatMap((device) => [...this.#boxesOf(device)]).map((box) => this.#leader(box));
    for (const box of others) if (this.#leader(box) !== this.#leader(first!)) this.#called.set(this.#leader(box), this.#leader(first!));
  }

  /** The box that stands for all those that people ever called one, also in several steps. */
  #leader(box: number): number {
    const next = this.#called.get(box);
    return next === undefined ? box : this.#leader(next);
  }

  #splitByHand(): void {
    const many = [...this.inventory.devices.values()].filter((device) => exclusiveKeys(device).length > 1);
    if (many.length === 0) return;
    const device = this.#home.one(many);
    const keys = exclusiveKeys(device);
    const going = keys[1]!;
    const answer = this.#order({ do: 'split', device: device.id, identifiers: [going.slice(going.indexOf(' ') + 1)] });
    if (!('done' in answer)) return;
    this.#apart.push({ row: answer.row, a: [going], b: keys.filter((key) => key !== going) });
    this.#together = this.#together.filter((pin) => !this.#wasSplit(pin));
  }

  #anyDevice(): Device | undefined {
    const devices = [...this.inventory.devices.values()];
    return devices.length === 0 ? undefined : this.#home.one(devices);
  }

  /** The true boxes behind what only one device can hold. */
  #boxesOf(device: Device): Set<number> {
    const boxes = new Set<number>();
    for (const { kind, value } of device.identifiers) {
      if (kind === 'mac' || kind === 'private-mac') boxes.add(this.#home.owners.get(value)!);
      if (kind !== 'behind') continue;
      const [, told = '', ...rest] = value.split(' ');
      const owners = this.#home.boxes.filter((box) => tells(box, told, rest.join(' ')));
      if (owners.length === 1) boxes.add(owners[0]!.n);
    }
    return boxes;
  }

  /** Cards of one box that ended up as two devices: no violation, but worth knowing. */
  missed(): number {
    let count = 0;
    for (const box of this.#home.boxes.filter(({ kind }) => kind === 'two-cards')) {
      const ids = new Set(box.cards.flatMap(({ mac }) => this.inventory.holders.get(`mac ${mac}`) ?? []));
      if (ids.size > 1) count++;
    }
    return count;
  }

  #check(): void {
    const devices = [...this.inventory.devices.values()];
    const keys = devices.flatMap(exclusiveKeys);
    if (new Set(keys).size !== keys.length) this.#violate('two devices share a MAC');
    const places = devices.flatMap(({ addresses }) => addresses.map((address) => `${address.interface} ${address.ip}`));
    if (new Set(places).size !== places.length) this.#violate('two devices live at one address');
    const { people } = this.inventory;
    const rebuilt = restoreInventory({ devices, people });
    for (const index of ['holders', 'residents', 'tellers'] as const)
      if (sorted(this.inventory[index]) !== sorted(rebuilt[index])) this.#violate(`the index of ${index} is not true`);
    for (const device of devices) this.#checkBoxes(device);
    for (const word of this.#words) this.#checkWord(word);
    for (const pin of this.#apart) if (this.#wasJoined(pin)) this.#violate(`what a person split (${pin.row}) came together`);
    for (const pin of this.#together) {
      const [one, other] = [this.inventory.holders.get(pin.a), this.inventory.holders.get(pin.b)];
      if (one !== undefined && other !== undefined && one !== other) this.#violate(`what a person merged (${pin.row}) came apart`);
    }
  }

  #checkBoxes(device: Device): void {
    const boxes = [...this.#boxesOf(device)];
    for (const a of boxes)
      for (const b of boxes) if (a < b && this.#leader(a) !== this.#leader(b)) this.#violate(`${device.id} is box ${a} and box ${b}`);
  }

  #checkWord({ field, value, at, keys }: Word): void {
    const cards = [...this.inventory.people.cards.values()].filter((card) => card.keys.some((key) => keys.includes(key)));
    const said = cards.flatMap((card) => card.says[field] ?? []);
    if (!said.some((word) => word.value === value || word.at > at)) {
      this.#violate(`"${field}=${value}" was lost`);
      return;
    }
    for (const card of cards) {
      const device = this.inventory.devices.get(card.device);
      const word = card.says[field];
      if (!device || !word) continue;
      if (device.corrected?.[field]?.value !== word.value) this.#violate(`"${field}=${value}" is not worn`);
      const isNoFact =
        field === 'critical' || field === 'personal' || field === 'behind' || field === 'installed' || field === 'warranty-until';
      const fact = isNoFact ? undefined : device.facts[field]?.[0];
      if (fact && fact.value !== word.value) this.#violate(`"${field}=${value}" lost against ${fact.source}`);
    }
  }

  #violate(what: string): void {
    this.violations.push(`seed ${this.#seed}, second ${this.#second}: ${what}`);
  }
}

function tells(box: Box, kind: string, value: string): boolean {
  const told: Record<string, string | undefined> = {
    'homekit-id': box.homekit,
    'cast-id': box.cast,
    serial: box.serial,
    'mdns-host': box.host,
  };
  return told[kind] === value;
}

function sorted(index: ReadonlyMap<string, unknown>): string {
  return JSON.stringify([...index].map(([key, value]) => [key, Array.isArray(value) ? value.toSorted() : value]).sort());
}

/** All of the state that a person or a restart could tell apart. */
function picture({ devices, people }: Inventory): string {
  const cards = [...people.cards.values()]
    .map((card) => ({ ...card, keys: card.keys.toSorted() }))
    .toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const pins = people.pins.map((pin) => JSON.stringify(pin)).toSorted();
  return JSON.stringify([[...devices.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)), cards, pins], inOrder);
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
