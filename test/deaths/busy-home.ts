/** A home of a few devices in which states change, alerts are raised and cleared every few milliseconds, each saved as a tick of the agent saves it. */
import type { Snapshot } from '../../src/agent/outbox/snapshot-parts.ts';
import type { AgentStore, TickChange } from '../../src/agent/store/agent-store.ts';
import type { Clock } from '../../src/base/clock.ts';
import { between, seededRandom } from '../../src/simulation/seeded-random.ts';
import { alertOf, clearedEntry, healthOf, idOf, NOTHING, QUIET_SITE, raisedEntry, stateEntry } from '../builders/entries.ts';

const DEVICES = 6;
const STATES = ['up', 'suspect', 'down', 'unknown'] as const;
/** What grows while the desk is down would make the run measure its own backlog. */
const MOST_WAITING = 300;
/** Real milliseconds between two ticks; short lives must have enough of them. */
const PAUSE_MS = [2, 40] as const;

export function commitBusyHome(seed: string, clock: Clock, store: AgentStore, commit: (change: TickChange) => void): void {
  const random = seededRandom(seed);
  const draw = (below: number): number => Math.floor(random.fraction() * below);

  function tick(): void {
    const now = clock.now();
    const n = draw(DEVICES);
    const state = STATES[draw(STATES.length)] ?? 'up';
    const change = { ...NOTHING, health: [healthOf(n, state, now)], entries: [stateEntry(n, state, now)] };
    if (random.fraction() < 0.4) {
      commit(change);
      return;
    }
    const key = `device-down:${idOf(n)}`;
    const firing = store.load().alerts.find((alert) => alert.key === key);
    const alert = firing ? { ...firing, clearedAt: now.wallMs } : alertOf(key, now);
    const told = firing ? clearedEntry(firing, now) : raisedEntry(alert, now);
    commit({ ...change, alerts: [alert], entries: [...change.entries, told] });
  }

  function live(): void {
    if (store.outbox.waiting().count < MOST_WAITING) tick();
    setTimeout(live, between(random, PAUSE_MS));
  }
  live();
}

export function presentState(store: AgentStore): Snapshot {
  const { health, alerts } = store.load();
  const devices = health.map(({ deviceId, state, sinceAt, reason, detectWithinMs }) => ({
    device: { id: deviceId, ips: [], macs: [], seenBy: [], isGateway: false, firstSeenAt: sinceAt },
    state: { device: deviceId, state, since: sinceAt, reason, detectWithinMs },
  }));
  return { site: QUIET_SITE, devices, alerts };
}
