/** One home through its years: the hub looks once a day, the desk hears it or does not, people answer, and a witness holds what was told against the dates. */

import type { DeviceSummary } from '../../src/agent/inventory/device.ts';
import type { Look } from '../../src/agent/lifecycle/look.ts';
import { lookedOf } from '../../src/agent/lifecycle/looked.ts';
import { standingOf } from '../../src/agent/lifecycle/standing.ts';
import { certainlyPast } from '../../src/agent/lifecycle/verdict.ts';
import { birthText } from '../../src/agent/outbox/presence.ts';
import { newRandomId } from '../../src/base/ids.ts';
import { DAY_MS, dayOf } from '../../src/base/partial-date.ts';
import type { ClockQuality } from '../../src/protocol/messages.ts';
import { fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import type { Asked, YearsDesk } from './desk.ts';
import { BEGIN, type Dweller, type Edition, editionOn, groundsOf, type Household, householdOf, isIn } from './household.ts';
import { memoryFrom, YearsHub } from './hub.ts';
import { type Looked, type Tally, Witness } from './witness.ts';

export type Years = { readonly seed: string; readonly broken: readonly string[] };

const LOOK_EVERY_DAYS = 3;
const ACKNOWLEDGED = 0.3;
const PLANNED = 0.25;
const REPLACED_AFTER_PLAN = 0.5;

export async function liveYears(seed: string, days: number, editions: readonly Edition[], desk: YearsDesk, tally: Tally): Promise<Years> {
  const home = new Home(seed, householdOf(seed, days, editions), editions, desk, tally);
  for (let day = 0; day < days; day++) await home.live(day);
  return { seed, broken: home.finish() };
}

class Home {
  readonly #site: string;
  readonly #household: Household;
  readonly #editions: readonly Edition[];
  readonly #desk: YearsDesk;
  readonly #tally: Tally;
  readonly #witness = new Witness();
  readonly #random;
  readonly #copies = new Map<number, Buffer>();
  readonly #goneOn = new Map<string, number>();
  #hub: YearsHub | undefined;
  #memory = memoryFrom(undefined);
  #present: ReadonlyMap<string, DeviceSummary> = new Map();
  #isBorn = false;
  #lastGoodMs = BEGIN;
  #edition: Edition | undefined;

  constructor(seed: string, household: Household, editions: readonly Edition[], desk: YearsDesk, tally: Tally) {
    this.#random = seededRandom(`${seed}/run`);
    this.#site = newRandomId(fork(this.#random));
    this.#household = household;
    this.#editions = editions;
    this.#desk = desk;
    this.#tally = tally;
    tally.homes++;
    for (const { summary, goneOn } of household.dwellers) if (goneOn !== undefined) this.#goneOn.set(summary.id, goneOn);
  }

  async live(day: number): Promise<void> {
    const { fate } = this.#household;
    const trueMs = BEGIN + day * DAY_MS;
    const restore = fate.restores.find(({ on }) => on === day);
    if (isIn(fate.off, day) || fate.restarts.has(day) || restore) this.#hub = undefined;
    const copy = restore && this.#copies.get(restore.copiedOn);
    if (copy) {
      this.#memory.close();
      this.#memory = memoryFrom(copy);
      this.#tally.restores++;
      this.#edition = undefined;
    }
    if (isIn(fate.off, day)) return;
    // A hub looks once a day and when it begins; to look every third day is as good, for the shortest stage lasts a week.
    if (this.#hub && day % LOOK_EVERY_DAYS !== 0) return this.#remember(day);
    const hub = this.#hub ?? this.#begin(trueMs);
    // It looks ten minutes after it began, and at times of its own: by then it has talked where it can.
    if (!isIn(fate.cutOff, day)) await this.#talk(hub, day, trueMs);
    const looked = this.#look(hub, day, trueMs);
    this.#witness.looked(looked);
    if (looked.isHeard) {
      await this.#talk(hub, day, trueMs);
      this.#witness.talked(looked, this.#desk.firing(this.#site));
    }
    this.#remember(day);
  }

  #remember(day: number): void {
    const isCopied = this.#household.fate.restores.some(({ copiedOn }) => copiedOn === day);
    if (isCopied) this.#copies.set(day, this.#memory.serialize());
  }

  finish(): readonly string[] {
    this.#memory.close();
    this.#witness.finish(this.#tally);
    return this.#witness.broken;
  }

  #begin(trueMs: number): YearsHub {
    this.#tally.restarts++;
    this.#isBorn = false;
    this.#hub = new YearsHub(this.#memory, this.#present, trueMs - 600_000, fork(this.#random));
    return this.#hub;
  }

  /** What the hub takes the time to be. */
  #clock(day: number, trueMs: number): { readonly wallMs: number; readonly isSure: boolean; readonly quality: ClockQuality } {
    const { unsure, wrong, cutOff } = this.#household.fate;
    // Who has heard the desk since its start knows its time, whatever happens to the wall clock.
    const knowsDesk = this.#isBorn || !isIn(cutOff, day);
    if (!knowsDesk && isIn(unsure, day)) return { wallMs: this.#lastGoodMs, isSure: false, quality: 'unsynced' };
    const jump = knowsDesk ? undefined : wrong.find(({ span }) => isIn([span], day));
    if (jump) {
      this.#tally.jumps++;
      return { wallMs: trueMs + jump.days * DAY_MS, isSure: true, quality: 'ntp' };
    }
    this.#lastGoodMs = trueMs;
    return { wallMs: trueMs, isSure: true, quality: knowsDesk ? 'desk' : 'ntp' };
  }

  #look(hub: YearsHub, day: number, trueMs: number): Looked {
    const clock = this.#clock(day, trueMs);
    const edition = editionOn(this.#editions, day);
    const at = clock.isSure ? clock.wallMs : certainlyPast(edition.catalogue.facts.values());
    const isDesks = clock.quality === 'desk' ? { isDesks: true as const } : {};
    const grounds = groundsOf(edition, { at, isSure: clock.isSure, ...isDesks });
    const dwellers = this.#household.dwellers.filter(({ summary }) => day < (this.#goneOn.get(summary.id) ?? Number.POSITIVE_INFINITY));
    const present = new Map(dwellers.map((dweller) => [dweller.summary.id, summaryOn(dweller, day)]));
    const gone = [...this.#present.keys()].filter((id) => !present.has(id));
    const standings = dwellers.flatMap((dweller) => standingOf(lookedOn(dweller, day), grounds));
    const look: Look = { catalogue: edition.name, now: grounds.now, standings };
    const now = { wallMs: clock.wallMs, monoMs: trueMs - hub.beganAtMs };
    const changes = hub.look(look, present, gone, now, clock.quality);
    this.#present = present;
    this.#tally.looks++;
    const isIntroduction = clock.isSure && edition !== this.#edition;
    if (isIntroduction) this.#edition = edition;
    const tracks = standings.flatMap((standing) => standing.tracks);
    const isHeard = !isIn(this.#household.fate.cutOff, day);
    return { day, trueMs, believedMs: clock.isSure ? clock.wallMs : undefined, isHeard, isIntroduction, tracks, changes };
  }

  /** Everything that waits goes to the desk, and what people said there to the hub, until both know the same. */
  async #talk(hub: YearsHub, day: number, trueMs: number): Promise<void> {
    const now = { wallMs: trueMs, monoMs: trueMs - hub.beganAtMs };
    if (!this.#isBorn) {
      const identity = { site: this.#site, start: hub.start, version: '0.1.0', heartbeatS: 30 };
      const born = await this.#desk.hear(this.#site, 'status', [birthText(identity, newRandomId(this.#random), now, 'desk', 0)], trueMs);
      hub.grant(born.ses ?? 1, this.#random, now, 'desk');
      this.#isBorn = true;
    }
    for (let rounds = 0; rounds < 4; rounds++) {
      const waiting = hub.waiting();
      const said = waiting.length === 0 ? await this.#desk.toTell(this.#site) : [];
      if (waiting.length === 0 && said.length === 0) return;
      for (const one of said) hub.obey(one, now, 'desk');
      if (waiting.length === 0) continue;
      const heard = await this.#desk.hear(this.#site, 'ev', waiting, trueMs);
      hub.received(heard.ids);
      for (const asked of heard.asked) await this.#answer(asked, day, trueMs);
    }
  }

  async #answer(asked: Asked, day: number, trueMs: number): Promise<void> {
    this.#witness.asked(day, trueMs, asked);
    const { row } = asked;
    if (row.code === 'lifecycle-digest') return;
    const { people } = this.#household;
    if (asked.planned !== undefined) {
      this.#tally.plansOver++;
      if (people.fraction() < REPLACED_AFTER_PLAN && row.device_id) this.#goneOn.set(row.device_id, day + 10);
    }
    const chance = people.fraction();
    if (chance > ACKNOWLEDGED + PLANNED) return;
    const by = { by: 'Ann', at: trueMs, where: 'desk' as const };
    if (chance < ACKNOWLEDGED) return this.#desk.acknowledge(row, by);
    const plannedFor = dayOf(trueMs + (60 + people.fraction() * 400) * DAY_MS).slice(0, people.fraction() < 0.5 ? 7 : 10);
    this.#tally.plans++;
    this.#witness.planned(day, row, plannedFor);
    await this.#desk.acknowledge(row, { ...by, plannedFor });
  }
}

function summaryOn({ summary, knownOn }: Dweller, day: number): DeviceSummary {
  if (day >= knownOn) return summary;
  const { vendor: _, model: __, ...rest } = summary;
  return rest;
}

function lookedOn(dweller: Dweller, day: number) {
  const { installed, warrantyUntil } = dweller;
  return {
    ...lookedOf(summaryOn(dweller, day), undefined),
    ...(installed ? { installed } : {}),
    ...(warrantyUntil ? { warrantyUntil } : {}),
  };
}
