/** What the hub of a run is made of besides the real pipeline: its place on the LAN, its store in memory, and what its stages lean on. */
import Database from 'better-sqlite3';
import { AGENT_PACE } from '../../src/agent/evidence/plan.ts';
import { compileFingerprints } from '../../src/agent/inventory/fingerprints.ts';
import type { TickContext } from '../../src/agent/pipeline.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { OUTBOX_LIMITS, type OutboxLimits } from '../../src/agent/store/outbox-store.ts';
import { newId, newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { LAN } from './household.ts';

export const ANCHORS = ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443'];
const LAN_FACTS = {
  name: LAN.name,
  address: `${LAN.prefix}250`,
  prefixLength: 24,
  mac: '02:00:00:00:00:fa',
  ipv6: [],
  gateway: `${LAN.prefix}1`,
  dnsServers: [`${LAN.prefix}1`],
};
const FINGERPRINTS = compileFingerprints([]);
/** The past is in the run's own lists. */
const SHORT_MEMORY = { rows: 100, ageMs: 86_400_000 };
const FIRST_ID_AT = Date.UTC(2026, 0, 5);

export function openStore(random: Random, limits: OutboxLimits = OUTBOX_LIMITS): AgentStore {
  const db = new Database(':memory:');
  // Nothing of it is ever taken back.
  db.pragma('journal_mode = OFF');
  for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  return createAgentStore(db, { random, start: newRandomId(random), retention: SHORT_MEMORY, limits });
}

export function contextOf(random: Random): TickContext {
  return {
    inventory: {
      interfaces: [LAN_FACTS],
      fingerprints: FINGERPRINTS,
      vendorOf: () => 'Example',
      newDeviceId: () => newId(random, FIRST_ID_AT),
    },
    reading: { ...AGENT_PACE, readers: [], leaveAlone: [] },
    random,
    clock: 'desk',
    canRevalidate: true,
    tellPersonal: false,
    policy: STANDARD_POLICY,
  };
}
