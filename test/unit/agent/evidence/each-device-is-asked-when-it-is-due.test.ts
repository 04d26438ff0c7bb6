import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_EVIDENCE_BOOK, type EvidenceBook } from '../../../../src/agent/evidence/evidence-book.ts';
import { AGENT_PACE, planReads, type ReadPolicy, type ReadRequest, settleReads } from '../../../../src/agent/evidence/plan.ts';
import type { Reader } from '../../../../src/agent/evidence/reader.ts';
import { restoreEvidenceBook, type SavedReadings, unsavedOutcomes } from '../../../../src/agent/evidence/saved-readings.ts';
import type { Device } from '../../../../src/agent/inventory/device.ts';
import type { Instant } from '../../../../src/base/clock.ts';
import { at, deviceOf } from '../../../builders/entries.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const reader = (name: string, applies: Reader['applies'] = () => true, everyMs = DAY): Reader => ({
  name,
  method: 'http',
  about: 'Asks.',
  everyMs,
  budget: { packets: 10, bytes: 1_000 },
  applies,
  read: async () => [],
});
const PORTS = reader('ports');
const HTTP = reader('http', ({ openPorts }) => openPorts.includes(80));
const SNMP = reader('snmp', () => true, 6 * HOUR);

/** A box of the house, with a MAC of its maker. */
function boxOf(n: number, more: Partial<Device> = {}): Device {
  const mac = `00:11:32:00:00:${(n % 256).toString(16).padStart(2, '0')}`;
  const plain = deviceOf(n);
  const identifiers = [{ kind: 'mac', value: mac, strength: 'strong', source: 'neighbour', firstAt: 0, lastAt: 0 }] as const;
  return { ...plain, identifiers, addresses: plain.addresses.map((address) => ({ ...address, mac })), ...more };
}

/** A house over time: what is asked when, each read answering as told. */
class House {
  book: EvidenceBook = EMPTY_EVIDENCE_BOOK;
  readonly #policy: ReadPolicy;
  readonly #saved = new Map<string, string>();
  devices: readonly Device[];
  down = new Set<string>();
  writes = 0;

  constructor(devices: readonly Device[], policy: Partial<ReadPolicy> = {}) {
    this.devices = devices;
    this.#policy = { ...AGENT_PACE, readers: [PORTS, HTTP, SNMP], leaveAlone: [], ...policy };
  }

  plan(ms: number, back: string[] = []): readonly ReadRequest[] {
    const devices = new Map(this.devices.map((device) => [device.id, device]));
    const isUp = (id: string): boolean => !this.down.has(id);
    const planned = planReads(this.book, this.#policy, { devices, isUp, back: new Set(back), now: at(ms) });
    this.book = planned.book;
    this.#save(planned.toSave);
    return planned.reads;
  }

  settle(reads: readonly ReadRequest[], ms: number, answered: boolean): void {
    const outcomes = reads.map((read) => ({ deviceId: read.deviceId, reader: read.reader.name, answered }));
    this.book = settleReads(this.book, outcomes, this.#policy, at(ms));
  }

  #save(rows: readonly SavedReadings[]): void {
    if (rows.length > 0) this.writes++;
    for (const row of rows) this.#saved.set(row.deviceId, JSON.stringify(row));
  }

  /** Kills the hub and starts it again with what was saved. */
  restart(now: Instant, soon?: { reader: string; inMs: number }): void {
    const saved = [...this.#saved.values()].map((row) => JSON.parse(row) as SavedReadings);
    this.book = restoreEvidenceBook(saved, now, soon);
  }

  /** What a hub does that is told to stop. */
  stop(ms: number): void {
    this.#save(unsavedOutcomes(this.book, at(ms)));
  }

  /** `ports 8` for each read from `fromMs` to `toMs`, looked at every `stepMs`, each answered (or not) a step later. */
  live(fromMs: number, toMs: number, { stepMs = 1_000, answered = true } = {}): string[] {
    const told: string[] = [];
    for (let ms = fromMs; ms < toMs; ms += stepMs) {
      const reads = this.plan(ms);
      for (const { reader: asked } of reads) told.push(`${asked.name} ${Math.round(ms / 1_000)}`);
      this.settle(reads, ms + stepMs / 2, answered);
    }
    return told;
  }
}

describe('a new device', () => {
  it('is left to speak for itself, then asked for its ports, then by what fits', () => {
    expect(new House([boxOf(1)]).live(0, 20_000)).toEqual(['ports 8', 'http 9', 'snmp 10']);
  });

  it('is asked by a reader as soon as it shows what that reader needs', () => {
    const house = new House([boxOf(1, { ports: [] })]);
    expect(house.live(0, 20_000)).toEqual(['ports 8', 'snmp 9']);
    house.devices = [boxOf(1, { ports: [80] })];
    expect(house.live(20_000, 40_000)).toEqual(['http 20']);
  });

  it.each<[string, Partial<Device>]>([
    ['is a phone', { facts: { kind: [{ value: 'phone', confidence: 1, source: 'test', at: 0 }] } }],
    ['could be one, for all that its private MAC tells', { identifiers: [] }],
    ['has no IPv4 address', { addresses: [{ ip: 'fe80::1', interface: 'eth0', mac: '00:11:32:00:00:01', firstAt: 0, lastAt: 0 }] }],
    ['was called personal', { corrected: { personal: { value: 'yes', at: 0 } } }],
  ])('that %s is not asked', (_, more) => {
    expect(new House([boxOf(1, more)]).live(0, 60_000)).toEqual([]);
  });

  it.each(['00:11:32:00:00:01', '192.0.2.1'])('that the house wants left alone by %s is not asked', (address) => {
    expect(new House([boxOf(1)], { leaveAlone: [address] }).live(0, 60_000)).toEqual([]);
  });

  it('that answers through the MAC of one that is left alone is not asked either', () => {
    const identifiers = [{ ...boxOf(1).identifiers[0]!, kind: 'behind', value: '00:11:32:00:00:01 homekit-id aa:01' }] as const;
    const kind = [{ value: 'light', confidence: 1, source: 'mdns _hap._tcp', at: 0 }];
    const lamp = boxOf(1, { identifiers, facts: { kind } });
    expect(new House([lamp]).live(0, 10_000)).not.toEqual([]);
    expect(new House([lamp], { leaveAlone: ['00:11:32:00:00:01'] }).live(0, 60_000)).toEqual([]);
  });

  it('that is not there is not asked until it is', () => {
    const house = new House([boxOf(1)]);
    house.down.add(boxOf(1).id);
    expect(house.live(0, 60_000)).toEqual([]);
    house.down.clear();
    expect(house.live(60_000, 80_000)).toEqual(['ports 68', 'http 69', 'snmp 70']);
  });
});

describe('a known device', () => {
  it('is asked again after the interval of the reader, a tenth more or less', () => {
    const told = new House([boxOf(1)]).live(0, 2 * DAY, { stepMs: 60_000 });
    const snmp = told.filter((line) => line.startsWith('snmp')).map((line) => (Number(line.split(' ')[1]) * 1_000) / HOUR);
    const gaps = snmp.slice(1).map((hour, i) => hour - snmp[i]!);
    expect(gaps.length).toBeGreaterThanOrEqual(7);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5.4);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(6.7);
  });

  it('is not asked in step with another, while all that it is asked stays together', () => {
    const askedAt = (house: House): number[] => house.live(10 * DAY, 11 * DAY, { stepMs: 1_000 }).map((line) => Number(line.split(' ')[1]));
    const readers = [PORTS, HTTP, reader('a'), reader('b'), reader('c')];
    const houses = [1, 2, 3].map((n) => new House([boxOf(n)], { readers }));
    for (const house of houses) house.live(0, 10 * DAY, { stepMs: 20_000 });
    const visits = houses.map(askedAt);
    for (const visit of visits) expect(visit.at(-1)! - visit[0]!).toBeLessThan(300);
    expect(new Set(visits.map(([first]) => Math.round(first! / 600))).size).toBe(3);
  });

  it('that never answers is asked less and less, down to about once a day', () => {
    const house = new House([boxOf(1)], { readers: [SNMP] });
    const told = house.live(0, 5 * DAY, { stepMs: 60_000, answered: false }).map((line) => Number(line.split(' ')[1]) * 1_000);
    const gaps = told.slice(1).map((ms, i) => ms - told[i]!);
    expect(gaps.length).toBeLessThanOrEqual(8);
    expect(gaps[0]).toBeLessThanOrEqual(12 * MINUTE);
    expect(gaps.every((gap, i) => i === 0 || gap > gaps[i - 1]! * 0.8)).toBe(true);
    expect(gaps.at(-1)).toBeGreaterThan(0.9 * DAY);
  });

  it('is asked at once when it moved, announces something else or comes back after long, but not twice in an hour', () => {
    for (const change of [{ services: ['_http._tcp'] }, { addresses: [{ ...boxOf(1).addresses[0]!, ip: '192.0.2.77' }] }]) {
      const house = new House([boxOf(1)]);
      house.live(0, 20_000);
      house.devices = [boxOf(1, change)];
      expect(house.live(2 * HOUR, 2 * HOUR + 10_000)).toHaveLength(3);
      house.devices = [boxOf(1)];
      expect(house.live(2 * HOUR + 20_000, 2 * HOUR + 30_000)).toEqual([]);
    }
    const house = new House([boxOf(1)]);
    house.live(0, 20_000);
    expect(house.plan(3 * HOUR)).toEqual([]);
    expect(house.plan(3 * HOUR + 1_000, [boxOf(1).id])).toHaveLength(1);
  });

  it('is not asked anew because the hub was restarted', () => {
    const house = new House([boxOf(1)], { readers: [PORTS] });
    house.live(0, 11 * MINUTE);
    house.stop(11 * MINUTE);
    // The monotonic clock begins anew; an hour went by on the wall.
    house.restart({ monoMs: 5, wallMs: at(HOUR + 11 * MINUTE).wallMs });
    expect(house.live(0, 20 * HOUR, { stepMs: 60_000 })).toEqual([]);
    expect(house.live(20 * HOUR, 28 * HOUR, { stepMs: 60_000 })).toHaveLength(1);
  });

  it('is asked again soon by what was asked in the last minutes of a hub that was killed', () => {
    const house = new House([boxOf(1)], { readers: [PORTS, SNMP] });
    house.live(0, 2 * MINUTE);
    house.restart(at(2 * MINUTE));
    expect(house.live(2 * MINUTE, 15 * MINUTE)).toEqual(['ports 608', 'snmp 609']);
  });

  it('is asked soon by the one reader that is wanted after a power cut, where it answered that last time', () => {
    const house = new House([boxOf(1)], { readers: [PORTS, SNMP] });
    house.live(0, 11 * MINUTE);
    const soon = { reader: 'snmp', inMs: 120_000 };
    house.restart(at(HOUR), soon);
    expect(house.live(HOUR, HOUR + 13 * MINUTE)).toEqual(['snmp 3720']);
    house.restart(at(2 * HOUR), soon);
    house.plan(2 * HOUR);
    expect(house.plan(2 * HOUR + 121_000)).toHaveLength(1);
    house.restart(at(2 * HOUR + 122_000), soon);
    expect(house.live(2 * HOUR + 122_000, 2 * HOUR + 422_000)).toEqual([]);
  });

  it('that says something new after a restart waits all the same: what it was sent before that day is forgotten', () => {
    const house = new House([boxOf(1)], { readers: [PORTS] });
    house.live(0, 11 * MINUTE);
    house.restart(at(3 * HOUR));
    expect(house.plan(3 * HOUR + 1_000)).toEqual([]);
    house.devices = [boxOf(1, { services: ['_http._tcp'] })];
    expect(house.live(3 * HOUR + 2_000, 3 * HOUR + 10_000)).toEqual([]);
    expect(house.plan(4 * HOUR, [boxOf(1).id])).toEqual([]);
    expect(house.live(21 * HOUR, 28 * HOUR, { stepMs: 60_000 })).toHaveLength(1);
  });

  it('over which the hub is killed each time is asked no more often than a silent one', () => {
    const house = new House([boxOf(1)], { readers: [PORTS] });
    const askedAtMs: number[] = [];
    for (let ms = 0; ms < DAY; ms += 10_000) {
      const reads = house.plan(ms);
      if (reads.length === 0) continue;
      askedAtMs.push(ms);
      house.restart(at(ms + 1_000));
    }
    expect(askedAtMs.length).toBeLessThanOrEqual(4);
    expect(askedAtMs.length).toBeGreaterThan(1);
  });
});

it('writes once for what a device is asked in one visit, and for all that ended in ten minutes', () => {
  const readers = [PORTS, HTTP, ...Array.from({ length: 20 }, (_, i) => reader(`reader ${i}`))];
  const house = new House(
    Array.from({ length: 10 }, (_, n) => boxOf(n)),
    { readers },
  );
  expect(house.live(0, HOUR)).toHaveLength(220);
  expect(house.writes).toBeLessThanOrEqual(10 + 6);
  house.writes = 0;
  expect(house.live(HOUR, 28 * HOUR, { stepMs: 10_000 }).length).toBeGreaterThanOrEqual(220);
  expect(house.writes).toBeLessThanOrEqual(50);
});

it('begins what a killed hub did not get to the end of alone, so that the rest is asked', () => {
  const readers = [PORTS, reader('kills'), reader('a'), reader('b')];
  const house = new House([boxOf(1)], { readers });
  const asked = new Set<string>();
  for (let ms = 0; ms < DAY; ms += 1_000) {
    const reads = house.plan(ms);
    for (const { reader: each } of reads) asked.add(each.name);
    if (reads.some(({ reader: each }) => each.name === 'kills')) house.restart(at(ms + 500));
    else house.settle(reads, ms + 500, true);
  }
  expect([...asked].sort()).toEqual(['a', 'b', 'kills', 'ports']);
});

it('asks at most four devices at a time, each by one reader, and keeps the pace', () => {
  const house = new House(Array.from({ length: 60 }, (_, n) => boxOf(n)));
  const asking: ReadRequest[] = [];
  let begun = 0;
  for (let ms = 0; ms < 60_000; ms += 250) {
    const reads = house.plan(ms);
    begun += reads.length;
    asking.push(...reads);
    expect(asking.length).toBeLessThanOrEqual(4);
    expect(new Set(asking.map(({ deviceId }) => deviceId)).size).toBe(asking.length);
    if (ms % 1_000 === 750) house.settle(asking.splice(0), ms, true);
  }
  expect(begun).toBeLessThanOrEqual(52 * 2 + 4);
  expect(begun).toBeGreaterThan(90);
});

it('remembers no device that the inventory forgot, nor asks for more than one read of a device, whatever happens', () => {
  const step = fc.record({
    present: fc.array(fc.nat(9), { maxLength: 10 }),
    answered: fc.boolean(),
    settle: fc.boolean(),
    wait: fc.nat(DAY),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const house = new House([]);
      let ms = 0;
      let open: readonly ReadRequest[] = [];
      for (const { present, answered, settle, wait } of steps) {
        ms += wait;
        house.devices = [...new Set(present)].map((n) => boxOf(n));
        const reads = house.plan(ms);
        expect(reads.some(({ deviceId }) => open.some((other) => other.deviceId === deviceId))).toBe(false);
        ms += AGENT_PACE.noticeEveryMs;
        open = [...open, ...reads, ...house.plan(ms)];
        expect([...house.book.devices.keys()].every((id) => house.devices.some((device) => device.id === id))).toBe(true);
        if (settle) {
          house.settle(open, ms, answered);
          open = [];
          expect(house.book.asking.size).toBe(0);
        }
      }
    }),
  );
});
