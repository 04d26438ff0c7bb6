/**
 * Who visits a household: friends for an evening or a weekend, a party of ten, a craftsman for a morning; with phones whose MACs are private, and now and then
 * a laptop, a tablet or a console that has its maker's. Nobody says what these things are, they stay for hours, and no message may ever be about one. Each life draws
 * its visitors from a stream of its own, so that everything else in it happens as without them.
 */
import type { ProbeMethod } from '../../src/agent/health/probe.ts';
import type { DeviceKind } from '../../src/agent/inventory/kinds.ts';
import type { Random } from '../../src/base/random.ts';
import { between } from '../../src/simulation/seeded-random.ts';
import { GOOD_WIFI, type Household, LAN, type Resident } from './household.ts';
import { type Life, lasting, timesIn, turns } from './life.ts';
import { type Spell, union, without } from './spells.ts';

/** Visits a month in one home: an estimate, as all of these. */
export const VISITS = { evening: 4, weekend: 0.4, party: 0.15, craftsman: 0.7 } as const;

type VisitRates = { readonly [visit in keyof typeof VISITS]: number };

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Somebody who was here before comes again, with the same things. */
const COMES_AGAIN = 0.6;
/** A DHCP server's own part of the LAN, above the residents. */
const FIRST_LEASE = 110;
const LEASES = 130;

/** One person's things, and when they are here. */
type Visitor = { readonly things: readonly Resident[]; readonly visits: Spell[] };

type Thing = { readonly name: string; readonly kind: DeviceKind; readonly isPrivate: boolean };

/** The same life with people who come and go. */
export function withGuests(life: Life, random: Random, rates: VisitRates = VISITS): Life {
  const visitors = visitorsOf(life, random, rates);
  const guests = visitors.flatMap(({ things }) => things);
  if (guests.length === 0) return life;
  const away = visitors.flatMap(({ things, visits }) => things.map((thing) => [thing.name, awayOf(visits, life.untilMs, random)] as const));
  const carrierOff = ({ behind }: Resident): readonly Spell[] => life.faulty.get(behind ?? '') ?? [];
  const off = new Map(away);
  return {
    ...life,
    household: { ...life.household, residents: [...life.household.residents, ...guests] },
    guests: new Set(guests.map(({ name }) => name)),
    off: new Map([...life.off, ...off]),
    silent: new Map([...life.silent, ...guests.map((one) => [one.name, union(off.get(one.name) ?? [], carrierOff(one))] as const)]),
    faulty: new Map([...life.faulty, ...guests.map((one) => [one.name, carrierOff(one)] as const)]),
  };
}

function visitorsOf({ household, untilMs, holidays }: Life, random: Random, rates: VisitRates): Visitor[] {
  const friends: Visitor[] = [];
  const times = timesIn(untilMs, random);
  let number = 0;
  const things = (plans: readonly Thing[]): Resident[] => plans.map((plan) => guest(household, random, ++number, plan));
  const isAway = (atMs: number): boolean => holidays.some(({ fromMs, toMs }) => fromMs - DAY_MS < atMs && atMs < toMs);
  const invite = (visit: Spell, isLong: boolean): void => {
    const known = friends.filter(({ visits }) => (visits.at(-1) as Spell).toMs < visit.fromMs);
    const again = random.fraction() < COMES_AGAIN ? known[Math.floor(random.fraction() * known.length)] : undefined;
    if (again) again.visits.push(visit);
    else friends.push({ things: things(carriedBy(random, isLong)), visits: [visit] });
  };
  const come = (perMonth: number, spellOf: (day: number) => Spell, people: () => number, isLong = false): void => {
    for (const atMs of times(perMonth)) {
      const visit = spellOf(Math.floor(atMs / DAY_MS) * DAY_MS);
      // They do not all come through the door at once.
      const guests = Array.from({ length: isAway(visit.fromMs) ? 0 : people() }, () => random.fraction() * 20 * MINUTE_MS);
      for (const lateMs of guests) invite({ fromMs: visit.fromMs + lateMs, toMs: visit.toMs - random.fraction() * 20 * MINUTE_MS }, isLong);
    }
  };
  const hours = (fromHour: number, toHour: number) => (day: number) => ({
    fromMs: day + fromHour * HOUR_MS + random.fraction() * HOUR_MS,
    toMs: day + toHour * HOUR_MS + random.fraction() * 2 * HOUR_MS,
  });
  come(rates.evening, hours(18, 22), () => 1 + Math.floor(random.fraction() * 3));
  come(rates.weekend, hours(17, 2 * 24 + 15), () => 2, true);
  come(rates.party, hours(19, 24), () => 10);
  for (const atMs of times(rates.craftsman)) {
    const visit = { fromMs: atMs, toMs: atMs + Math.min(lasting(random, 1.5 * HOUR_MS), 8 * HOUR_MS) };
    friends.push({ things: things([CRAFTSMANS_TABLET]), visits: [visit] });
  }
  for (const { visits } of friends) visits.sort((a, b) => a.fromMs - b.fromMs);
  return friends;
}

/** Bought for work, and its MAC is its maker's, as of every other thing that is not a phone. */
const CRAFTSMANS_TABLET: Thing = { name: 'Tablet of a craftsman', kind: 'tablet', isPrivate: false };

function carriedBy(random: Random, isLong: boolean): Thing[] {
  const phone: Thing = { name: 'Phone', kind: 'phone', isPrivate: true };
  const laptop: Thing = { name: 'Laptop', kind: 'computer', isPrivate: random.fraction() < 0.5 };
  const console: Thing = { name: 'Console', kind: 'game-console', isPrivate: false };
  return [phone, ...(random.fraction() < (isLong ? 0.5 : 0.1) ? [laptop] : []), ...(random.fraction() < 0.05 ? [console] : [])];
}

const QUIET_WAYS: ReadonlySet<ProbeMethod> = new Set<ProbeMethod>(['icmp', 'arp']);

function guest({ residents }: Household, random: Random, number: number, { name, kind, isPrivate }: Thing): Resident {
  const points = residents.filter((one) => one.kind === 'access-point');
  const at = points[Math.floor(random.fraction() * points.length)] as Resident;
  const [first = 0, ...rest] = random.bytes(4);
  const prefix = isPrivate ? (first & 0xfc) | 0x02 : first & 0xfc;
  const mac = [prefix, 0x77, ...rest, number & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return {
    name: `${name}, guest ${number}`,
    kind,
    mac,
    ip: `${LAN.prefix}${FIRST_LEASE + (number % LEASES)}`,
    link: 'wifi',
    behind: at.name,
    habit: 'visits',
    answers: QUIET_WAYS,
    loss: GOOD_WIFI,
  };
}

/** Not here, or here with its Wi-Fi asleep. */
function awayOf(visits: readonly Spell[], untilMs: number, random: Random): Spell[] {
  const here = union(visits);
  const asleep = here.flatMap(({ fromMs, toMs }) =>
    turns(toMs - fromMs, [between(random, [20, 60]) * MINUTE_MS, 8 * MINUTE_MS], random).map((spell) => ({
      fromMs: fromMs + spell.fromMs,
      toMs: Math.min(fromMs + spell.toMs, toMs),
    })),
  );
  return union(without({ fromMs: 0, toMs: untilMs }, here), asleep);
}
