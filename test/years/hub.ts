/** A hub that looks once a day how near their end its devices are: the real stages, what is saved of them, and the real store, which a copy of another day can replace. */
import Database from 'better-sqlite3';
import type { AlertOrder } from '../../src/agent/alerts/alert-order.ts';
import type { AlertChange } from '../../src/agent/alerts/alerts.ts';
import { obeyAlertOrder } from '../../src/agent/alerts/obey-alert-order.ts';
import type { InventoryChange } from '../../src/agent/inventory/changes.ts';
import type { Device, DeviceSummary } from '../../src/agent/inventory/device.ts';
import { type LookAnswer, watchLifecycle } from '../../src/agent/lifecycle-watch.ts';
import { encodeEntry } from '../../src/agent/outbox/entry.ts';
import { splitSnapshot } from '../../src/agent/outbox/snapshot-parts.ts';
import { deviceMessage } from '../../src/agent/outbox/state-messages.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import { type AgentState, restoreState } from '../../src/agent/state.ts';
import { type AgentStore, createAgentStore, isEmpty } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { whatToSave } from '../../src/agent/what-to-save.ts';
import type { Instant } from '../../src/base/clock.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import type { ClockQuality, CommandMessage } from '../../src/protocol/messages.ts';

/** What a hub remembers: empty for a new one, or as a copy has it. */
export function memoryFrom(copy: Buffer | undefined): Database.Database {
  const db = new Database(copy ?? ':memory:');
  if (!copy) for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  return db;
}

export class YearsHub {
  readonly start: string;
  readonly beganAtMs: number;
  readonly #store: AgentStore;
  #state: AgentState;

  constructor(db: Database.Database, devices: ReadonlyMap<string, DeviceSummary>, atMs: number, random: Random) {
    this.start = newRandomId(random);
    this.beganAtMs = atMs;
    this.#store = createAgentStore(db, { random, start: this.start });
    const restored = restoreState(this.#store.load(), [], { wallMs: atMs, monoMs: 0 }, STANDARD_POLICY);
    this.#state = { ...restored, summaries: devices, told: { ...restored.told, devices } };
  }

  /** `gone`: devices that left the house since the last look. Tells what was told of it. */
  look(looked: LookAnswer, devices: ReadonlyMap<string, DeviceSummary>, gone: readonly string[], now: Instant, clock: ClockQuality) {
    const found = gone.map((id): InventoryChange => ({ kind: 'removed', device: { id } as Device, because: 'It was taken away.' }));
    const state = { ...this.#state, summaries: devices, told: { ...this.#state.told, devices } };
    const done = watchLifecycle(state.lifecycle, {
      alerts: state.alerts,
      looked,
      changes: found,
      isDifferent: false,
      isDecided: false,
      isSilenceNew: false,
      devices,
      isHeldBack: () => false,
      hasDesk: true,
      tellPersonal: false,
      policy: STANDARD_POLICY,
      now,
    });
    this.#commit({ ...state, alerts: done.alerts, lifecycle: done.watch }, { found, alerts: done.changes }, now, clock);
    return done.changes;
  }

  /** As the desk's command has it. False where that changes nothing. */
  obey(command: CommandMessage, now: Instant, clock: ClockQuality): boolean {
    const { alerts, silences, summaries: devices } = this.#state;
    const done = obeyAlertOrder({ alerts, silences, devices }, orderOf(command), now);
    if ('problem' in done.answer) return false;
    this.#commit({ ...this.#state, alerts: done.alerts }, { found: [], alerts: done.changes }, now, clock);
    return true;
  }

  #commit(
    next: AgentState,
    { found, alerts }: { readonly found: readonly InventoryChange[]; readonly alerts: readonly AlertChange[] },
    now: Instant,
    clock: ClockQuality,
  ): void {
    const happened = { found, toSave: [], rows: [], transitions: [], alerts, readings: [] };
    const change = whatToSave(this.#state, next, happened, now, { clock, canRevalidate: false, policy: STANDARD_POLICY });
    if (!isEmpty(change)) this.#store.commitTick(change);
    this.#state = next;
  }

  /** The desk granted a session: it hears the whole state once. */
  grant(ses: number, random: Random, now: Instant, clock: ClockQuality): void {
    const { outbox } = this.#store;
    outbox.grant(ses);
    if (!outbox.snapshotDue()) return;
    const devices = [...this.#state.told.devices.values()].map((device) => {
      const lifecycle = this.#state.lifecycle.verdicts.get(device.id);
      const state = {
        device: device.id,
        state: 'up' as const,
        since: Math.round(now.wallMs),
        reason: 'It answers.',
        detectWithinMs: 12_400,
      };
      return { device: deviceMessage(device), state, ...(lifecycle ? { lifecycle } : {}) };
    });
    const snapshot = { devices, alerts: [...this.#state.alerts.values()], site: this.#state.site };
    outbox.commitSnapshot(splitSnapshot(newRandomId(random), snapshot), now, clock);
  }

  /** What waits for the desk, as it goes over the wire. */
  waiting(): string[] {
    return this.#store.outbox.next(0, 10_000).map(encodeEntry);
  }

  received(ids: readonly string[]): void {
    this.#store.outbox.acknowledge(ids);
  }
}

function orderOf(command: CommandMessage): AlertOrder {
  if (command.k === 'alert.remember') return { do: 'remember', alert: command.d };
  const { key, raisedAt, ...said } = command.d;
  return { do: 'acknowledge', key, raisedAt, acknowledged: { ...said, where: 'desk' } };
}
