/** What a run tells, by the names of the household, and what must never be told in any life: it stands beside the agent and knows the truth. */
import { LAG_LIMIT_MS } from '../../src/agent/health/fitness.ts';
import type { TickResult } from '../../src/agent/pipeline.ts';
import type { AgentState } from '../../src/agent/state.ts';
import type { TickChange } from '../../src/agent/store/agent-store.ts';
import type { StoredHealth } from '../../src/agent/store/health-store.ts';
import type { AlertMessage, HealthState } from '../../src/protocol/messages.ts';
import { LAN } from './household.ts';
import type { World } from './world.ts';

/** What the desk hears of an alert. `device` is its name in the household. */
export type Heard = {
  readonly atMs: number;
  readonly kind: 'raised' | 'updated' | 'cleared';
  readonly alert: AlertMessage;
  readonly device?: string;
};
/** A state that the agent tells. */
export type Verdict = { readonly atMs: number; readonly device: string; readonly state: HealthState; readonly reason: string };
/** How soon the agent says that it notices. */
export type Promised = { readonly atMs: number; readonly device: string; readonly detectWithinMs: number };

const KINDS = { 'alert.raised': 'raised', 'alert.updated': 'updated', 'alert.cleared': 'cleared' } as const;
const isOfAlert = (kind: string): kind is keyof typeof KINDS => Object.hasOwn(KINDS, kind);

/** From the first silent question to an anchor to the verdict, at most. */
const JUDGED_WITHIN_MS = 8_000;

/** Verdicts of this tick, also those that wait to be written, and none that had waited. */
function judgedIn(
  { waitingHealth: { rows: waited } }: AgentState,
  { waitingHealth: { rows } }: AgentState,
  { health }: TickChange,
): StoredHealth[] {
  const isNew = (row: StoredHealth): boolean => waited.get(row.deviceId) !== row;
  return rows === waited ? health.filter(isNew) : [...health, ...rows.values()].filter(isNew);
}

export class Witness {
  readonly heard: Heard[] = [];
  readonly verdicts: Verdict[] = [];
  readonly promises: Promised[] = [];
  /** Verdicts that must never be, in words. */
  readonly broken: string[] = [];
  readonly #world: World;
  readonly #names = new Map<string, string>();
  readonly #told = new Map<string, HealthState>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The agent knows the resident `name` by this id. */
  meet(id: string, name: string): void {
    this.#names.set(id, name);
  }

  /** True where something was just called down. */
  see(before: AgentState, { state, change }: TickResult, nowMs: number, lagMs: number): boolean {
    let hasFallen = false;
    for (const { deviceId, state: told, detectWithinMs, reason } of judgedIn(before, state, change)) {
      const device = this.#nameOf(deviceId);
      this.promises.push({ atMs: nowMs, device, detectWithinMs });
      if (this.#told.get(deviceId) === told) continue;
      this.#told.set(deviceId, told);
      this.verdicts.push({ atMs: nowMs, device, state: told, reason });
      if (told !== 'down') continue;
      hasFallen = true;
      this.#checkDown(deviceId, state, nowMs, lagMs);
    }
    for (const entry of change.entries) {
      if (!isOfAlert(entry.kind)) continue;
      const alert = entry.body as AlertMessage;
      const device = alert.device === undefined ? undefined : this.#names.get(alert.device);
      this.heard.push({ atMs: nowMs, kind: KINDS[entry.kind], alert, ...(device ? { device } : {}) });
    }
    if (state.internet.state === 'down' && before.internet.state !== 'down') this.#checkLine(nowMs);
    return hasFallen;
  }

  #nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  /** I8 and I10 of the design: what answered within its own confirmations is not down, and no verdict is made by a hub that is not fit to make one. */
  #checkDown(id: string, { book, hub }: AgentState, nowMs: number, lagMs: number): void {
    const dweller = this.#world.dwellers.find(({ resident }) => resident.name === this.#names.get(id));
    const record = book.get(id);
    if (!dweller || !record) return;
    const windowMs = (record.profile.confirmations - 1) * record.profile.spacingMs;
    const at = `${dweller.resident.name} is called down at ${nowMs} ms`;
    if (nowMs - dweller.heardMs < windowMs) this.broken.push(`I8: ${at}, and answered ${Math.round(nowMs - dweller.heardMs)} ms before.`);
    if (lagMs > LAG_LIMIT_MS) this.broken.push(`I10: ${at}, by a hub that is ${lagMs} ms late.`);
    if (hub.links[LAN.name] === false) this.broken.push(`I10: ${at}, by a hub without a link.`);
  }

  /** The same of the line: two lost questions are a hiccup and no cut. */
  #checkLine(nowMs: number): void {
    const { internetOff, router, lostInARow } = this.#world;
    if (internetOff.at(nowMs) || internetOff.at(nowMs - JUDGED_WITHIN_MS) || !this.#world.isReachable(router, nowMs)) return;
    if (lostInARow < 3)
      this.broken.push(`I8: the internet is called down at ${nowMs} ms for ${lostInARow} lost questions, and the line was not cut.`);
  }
}
