/** The rule that makes delivery order harmless: an upsert changes a row only when the incoming entry is newer than the one it holds. */
import { type RawBuilder, sql } from 'kysely';
import type { Order } from '../order.ts';

/** For `on conflict ... do update ... where`: row values compare left to right in SQLite and PostgreSQL alike. */
export function isNewerThanStored(table: 'device' | 'device_state' | 'device_verdict' | 'alert' | 'site_state'): RawBuilder<boolean> {
  return sql<boolean>`(${sql.ref(`${table}.ses`)}, ${sql.ref(`${table}.pos`)}) < (excluded.ses, excluded.pos)`;
}

export function isOlderThan(order: Order): RawBuilder<boolean> {
  return sql<boolean>`(ses, pos) < (${order.ses}, ${order.pos})`;
}

export function isNewerThan(order: Order): RawBuilder<boolean> {
  return sql<boolean>`(ses, pos) > (${order.ses}, ${order.pos})`;
}
