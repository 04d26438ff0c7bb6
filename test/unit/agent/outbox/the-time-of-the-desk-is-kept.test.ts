/** A hub without a battery for its clock knows after a restart what the desk's clock said before it. */
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { WRITTEN_AT } from '../../../../src/agent/outbox/time-floor.ts';
import { createTimedUplink, type KnownTime } from '../../../../src/agent/outbox/timed-uplink.ts';
import { createAgentStore } from '../../../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../../../src/agent/store/migrations.ts';
import type { LinkHandlers } from '../../../../src/base/mqtt.ts';
import { downTopic } from '../../../../src/protocol/topics.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../../../src/simulation/virtual-clock.ts';
import { idOf, QUIET_SITE } from '../../../builders/entries.ts';

const [SITE, START] = [idOf(7), idOf(8)];
const DESK_MS = WRITTEN_AT + 90 * 86_400_000;

/** A hub whose link is this test, on a database that outlives it. */
function hub() {
  const db = new Database(':memory:');
  for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  const [clock, random] = [new VirtualClock(), seededRandom(1)];
  const { meta, outbox } = createAgentStore(db, { random, start: START });
  let time: KnownTime | undefined;
  let handlers: LinkHandlers | undefined;
  const start = () => {
    const uplink = createTimedUplink({
      clock,
      random,
      outbox,
      kept: meta,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      identity: { site: SITE, start: START, version: '1.2.3', heartbeatS: 30 },
      counts: () => ({ up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
      snapshot: () => ({ site: QUIET_SITE, devices: [], alerts: [] }),
      acknowledge: () => false,
      remember: () => false,
      openLink(known) {
        time = known;
        return { start: (given) => void (handlers = given), publish: async () => true, stop: async () => {} };
      },
    });
    uplink.start();
    handlers?.onState({ connected: true });
    return uplink;
  };
  const grant = () => {
    const payload = Buffer.from(JSON.stringify({ v: 1, start: START, ses: 1, time: DESK_MS }));
    handlers?.onMessage({ topic: downTopic(SITE, 'grant'), payload, retained: false });
  };
  return { clock, meta, start, grant, time: () => ({ past: time?.past(), now: time?.deskNow() }) };
}

it('knows the time of the desk once that answered, and that it is past for the next process', async () => {
  const { clock, start, grant, time } = hub();
  const first = start();
  expect(time()).toEqual({ past: WRITTEN_AT, now: undefined });
  grant();
  await clock.advance(90_000);
  expect(time()).toEqual({ past: DESK_MS + 60_000, now: DESK_MS + 90_000 });
  await first.stop();
  start();
  expect(time()).toEqual({ past: DESK_MS + 60_000, now: undefined });
});

it('keeps nothing any more once it is stopped: its database is closed by then', async () => {
  const { clock, meta, start, grant } = hub();
  const uplink = start();
  grant();
  await uplink.stop();
  await clock.advance(3 * 3_600_000);
  expect(meta.get('desk-time')).toBeUndefined();
});
