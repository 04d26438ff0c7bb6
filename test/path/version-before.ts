/** What the version before this one leaves on a card: its tables, with a home in them and entries that nobody has fetched. */
import type { Database } from 'better-sqlite3';
import type { TickChange } from '../../src/agent/store/agent-store.ts';
import { createAlertStore } from '../../src/agent/store/alert-store.ts';
import { createDeviceStore } from '../../src/agent/store/device-store.ts';
import { createHealthStore } from '../../src/agent/store/health-store.ts';
import { createMetaStore } from '../../src/agent/store/meta-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { createOutboxStore, type OutboxLimits } from '../../src/agent/store/outbox-store.ts';
import { RETENTION } from '../../src/agent/store/retention.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';

export const MIGRATIONS_BEFORE = AGENT_MIGRATIONS.slice(0, -1);

/** Saves as that version did, in one transaction; answers the ids of the entries. The stores are those of the tables that both versions have alike. */
export function committerBefore(db: Database, random: Random, limits: OutboxLimits): (change: TickChange) => string[] {
  const meta = createMetaStore(db);
  const outbox = createOutboxStore(db, meta, { random, start: newRandomId(random), limits });
  const [devices, health, alerts] = [createDeviceStore(db), createHealthStore(db, RETENTION), createAlertStore(db, RETENTION)];
  return db.transaction((change: TickChange) => {
    devices.save(change.devices);
    health.save(change.health, false);
    devices.remove(change.removedDevices);
    health.remove(change.removedDevices);
    alerts.save(change.alerts, false);
    if (change.site) meta.set('site-state', JSON.stringify(change.site));
    return outbox.append(change.entries);
  });
}

/** What this version does to such a card before it uses it. */
export function bringUpToDate(db: Database): void {
  for (const { sql } of AGENT_MIGRATIONS.slice(MIGRATIONS_BEFORE.length)) db.exec(sql);
}
