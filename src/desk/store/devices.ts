/** Devices and their judged states, as the newest entry of their hub told them. */
import { type Selectable, sql } from 'kysely';
import type { DeviceMessage, DeviceStateMessage, SiteStateMessage, VerdictMessage } from '../../protocol/messages.ts';
import type { Order } from '../order.ts';
import { isNewerThan, isNewerThanStored, isOlderThan } from './guard.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import type { DeskTables, DeviceRow, DeviceStateRow, SiteStateRow } from './schema.ts';
import { dropWordsOfRemoved, keepDeviceWords } from './search.ts';

/** A home with more is none, or its hub is broken. */
export const MAX_DEVICES = 2048;

/** Marks of removed devices make room first. False when the home already has all the devices that the desk keeps of one. */
export async function hasRoomForDevice(db: DeskDatabase, site: string, id: string): Promise<boolean> {
  if ((await selectDevice(db, { site, device: id })).rows.length > 0) return true;
  if ((await rowsOf(db, 'device', site)) < MAX_DEVICES) return true;
  await db.deleteFrom('device').where('site_id', '=', site).where('removed_at', 'is not', null).execute();
  return (await rowsOf(db, 'device', site)) < MAX_DEVICES;
}

const selectDevice = prepared((db, { site, device }: Named) =>
  db.selectFrom('device').select('id').where('site_id', '=', site).where('id', '=', device),
);

/** A state may come before its device; states of no device make room first. */
export async function hasRoomForState(db: DeskDatabase, site: string, device: string): Promise<boolean> {
  return hasRoomIn(db, 'device_state', site, device);
}

/** As for a state. */
export async function hasRoomForVerdict(db: DeskDatabase, site: string, device: string): Promise<boolean> {
  return hasRoomIn(db, 'device_verdict', site, device);
}

type AboutDevices = 'device_state' | 'device_verdict';

const selectAbout = {
  device_state: prepared((db, { site, device }: Named) =>
    db.selectFrom('device_state').select('device_id').where('site_id', '=', site).where('device_id', '=', device),
  ),
  device_verdict: prepared((db, { site, device }: Named) =>
    db.selectFrom('device_verdict').select('device_id').where('site_id', '=', site).where('device_id', '=', device),
  ),
};

async function hasRoomIn(db: DeskDatabase, table: AboutDevices, site: string, device: string): Promise<boolean> {
  if ((await selectAbout[table](db, { site, device })).rows.length > 0) return true;
  if ((await rowsOf(db, table, site)) < MAX_DEVICES) return true;
  await dropOrphans(db, table, site);
  return (await rowsOf(db, table, site)) < MAX_DEVICES;
}

async function rowsOf(db: DeskDatabase, table: 'device' | AboutDevices, site: string): Promise<number> {
  const { n } = await db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll().as('n'))
    .where('site_id', '=', site)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Forgets what was told about devices that are not known, of all homes. */
export async function dropAllOrphans(db: DeskDatabase): Promise<void> {
  await dropOrphans(db, 'device_state');
  await dropOrphans(db, 'device_verdict');
}

async function dropOrphans(db: DeskDatabase, table: AboutDevices, site?: string): Promise<void> {
  const orphans = db.deleteFrom(table).where(({ not, exists, selectFrom }) =>
    not(
      exists(
        selectFrom('device')
          .select('device.id')
          .where('device.site_id', '=', sql.ref<string>(`${table}.site_id`))
          .where('device.id', '=', sql.ref<string>(`${table}.device_id`)),
      ),
    ),
  );
  await (site === undefined ? orphans : orphans.where('site_id', '=', site)).execute();
}

/** `firstSeenAt` is the desk's time; the one that was told first stays, whatever the hub's clock does later. */
export async function saveDevice(db: DeskDatabase, site: string, device: DeviceMessage, order: Order, firstSeenAt: number): Promise<void> {
  const { numAffectedRows } = await upsertDevice(db, { site, id: device.id, firstSeenAt, ...order, body: JSON.stringify(device) });
  if (numAffectedRows !== 0n) await keepDeviceWords(db, site, device);
}

type SavedDevice = Order & { readonly site: string; readonly id: string; readonly firstSeenAt: number; readonly body: string };

const upsertDevice = prepared((db, { site, id, firstSeenAt, ses, pos, body }: SavedDevice) => {
  const row = { ses, pos, body, removed_at: null };
  return db
    .insertInto('device')
    .values({ site_id: site, id, first_seen_at: firstSeenAt, ...row })
    .onConflict((conflict) => conflict.columns(['site_id', 'id']).doUpdateSet(row).where(isNewerThanStored('device')));
});

/** Leaves a mark, so that an older entry about the device cannot bring it back. Its verdict goes with it. */
export async function removeDevice(db: DeskDatabase, site: string, device: string, order: Order, at: number): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('device')
    .values({ site_id: site, id: device, body: null, first_seen_at: at, removed_at: at, ...order })
    .onConflict((conflict) =>
      conflict
        .columns(['site_id', 'id'])
        .doUpdateSet({ removed_at: at, ...order })
        .where(isNewerThanStored('device')),
    )
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 0n) await dropWordsOfRemoved(db, site);
  const verdict = db.deleteFrom('device_verdict').where('site_id', '=', site).where('device_id', '=', device);
  await verdict.where(isOlderThan(order)).execute();
}

/** When a state began by the desk's clock, and what to add to the instants in its body. */
export type StateTiming = Pick<DeviceStateRow, 'since_at' | 'clock_offset_ms'>;

export async function findDeviceState(
  db: DeskDatabase,
  site: string,
  device: string,
): Promise<(StateTiming & Pick<DeviceStateRow, 'body'>) | undefined> {
  return (await selectState(db, { site, device })).rows[0];
}

type Named = { readonly site: string; readonly device: string };

const selectState = prepared((db, { site, device }: Named) =>
  db.selectFrom('device_state').select(['since_at', 'clock_offset_ms', 'body']).where('site_id', '=', site).where('device_id', '=', device),
);

export async function saveDeviceState(
  db: DeskDatabase,
  site: string,
  state: DeviceStateMessage,
  order: Order,
  timing: StateTiming,
): Promise<void> {
  const { since_at, clock_offset_ms } = timing;
  await upsertState(db, {
    site_id: site,
    device_id: state.device,
    ...order,
    since_at,
    clock_offset_ms,
    state: state.state,
    body: JSON.stringify(state),
  });
}

const upsertState = prepared((db, { site_id, device_id, ses, pos, since_at, clock_offset_ms, state, body }: DeviceStateRow) => {
  const row = { ses, pos, since_at, clock_offset_ms, state, body };
  return db
    .insertInto('device_state')
    .values({ site_id, device_id, ...row })
    .onConflict((conflict) => conflict.columns(['site_id', 'device_id']).doUpdateSet(row).where(isNewerThanStored('device_state')));
});

/** Nothing where the device was removed since: an older entry about one that comes back is no word on it. */
export async function saveVerdict(
  db: DeskDatabase,
  site: string,
  device: string,
  verdict: VerdictMessage | undefined,
  order: Order,
): Promise<void> {
  if ((await selectLaterMark(db, { site, device, ...order })).rows.length > 0) return;
  const told = verdict && { state: verdict.state, tell: verdict.tell, body: JSON.stringify(verdict) };
  await upsertVerdict(db, { site_id: site, device_id: device, ...order, ...(told ?? { state: null, tell: null, body: null }) });
}

const selectLaterMark = prepared((db, { site, device, ses, pos }: Named & Order) =>
  db
    .selectFrom('device')
    .select('id')
    .where('site_id', '=', site)
    .where('id', '=', device)
    .where('removed_at', 'is not', null)
    .where(isNewerThan({ ses, pos })),
);

const upsertVerdict = prepared((db, { site_id, device_id, ses, pos, state, tell, body }: Selectable<DeskTables['device_verdict']>) => {
  const row = { ses, pos, state, tell, body };
  return db
    .insertInto('device_verdict')
    .values({ site_id, device_id, ...row })
    .onConflict((conflict) => conflict.columns(['site_id', 'device_id']).doUpdateSet(row).where(isNewerThanStored('device_verdict')));
});

/** `timing`: when it was so, and by how much the desk's time is then ahead of the instants in `state`. */
export async function saveSiteState(
  db: DeskDatabase,
  site: string,
  state: SiteStateMessage,
  order: Order,
  timing: { readonly at: number; readonly offsetMs: number },
): Promise<void> {
  const row = { ...order, body: JSON.stringify(state), updated_at: timing.at, clock_offset_ms: timing.offsetMs };
  await db
    .insertInto('site_state')
    .values({ site_id: site, ...row })
    .onConflict((conflict) => conflict.column('site_id').doUpdateSet(row).where(isNewerThanStored('site_state')))
    .execute();
}

/** Forgets the devices, and what was said of their ends, that nothing at or after `order` named. */
export async function removeDevicesBefore(db: DeskDatabase, site: string, order: Order, at: number): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('device')
    .set({ removed_at: at })
    .where('site_id', '=', site)
    .where('removed_at', 'is', null)
    .where(isOlderThan(order))
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 0n) await dropWordsOfRemoved(db, site);
  await db.deleteFrom('device_verdict').where('site_id', '=', site).where(isOlderThan(order)).execute();
}

export type DeviceWithState = Pick<DeviceRow, 'site_id' | 'id' | 'body' | 'first_seen_at'> & {
  [K in 'state' | 'since_at' | 'clock_offset_ms']: DeviceStateRow[K] | null;
} & {
  state_body: string | null;
  verdict_body: string | null;
};

export async function listDevices(db: DeskDatabase, site: string): Promise<DeviceWithState[]> {
  return devicesWithState(db).where('device.site_id', '=', site).orderBy('device.id').execute();
}

/** In the order of the names given; those that are there. */
export async function listDevicesNamed(
  db: DeskDatabase,
  names: readonly { readonly site_id: string; readonly device_id: string }[],
): Promise<DeviceWithState[]> {
  const rows = await Promise.all(names.map(({ site_id, device_id }) => selectWithState(db, { site: site_id, device: device_id })));
  return rows.flatMap(({ rows: [row] }) => row ?? []);
}

const selectWithState = prepared((db, { site, device }: Named) =>
  devicesWithState(db).where('device.site_id', '=', site).where('device.id', '=', device),
);

function devicesWithState(db: DeskDatabase) {
  return db
    .selectFrom('device')
    .leftJoin('device_state', (join) =>
      join.onRef('device_state.site_id', '=', 'device.site_id').onRef('device_state.device_id', '=', 'device.id'),
    )
    .leftJoin('device_verdict', (join) =>
      join.onRef('device_verdict.site_id', '=', 'device.site_id').onRef('device_verdict.device_id', '=', 'device.id'),
    )
    .select([
      'device.site_id',
      'device.id',
      'device.body',
      'device.first_seen_at',
      'device_state.state',
      'device_state.since_at',
      'device_state.clock_offset_ms',
      'device_state.body as state_body',
      'device_verdict.body as verdict_body',
    ])
    .where('device.removed_at', 'is', null);
}

/** Devices by site and state; a device whose state was not told yet counts as unknown. */
export async function countDevices(
  db: DeskDatabase,
  sites: readonly string[],
): Promise<{ site_id: string; state: string; count: number }[]> {
  const query = db
    .selectFrom('device')
    .leftJoin('device_state', (join) =>
      join.onRef('device_state.site_id', '=', 'device.site_id').onRef('device_state.device_id', '=', 'device.id'),
    )
    .select((eb) => ['device.site_id', eb.fn.coalesce('device_state.state', eb.val('unknown')).as('state'), eb.fn.countAll().as('count')])
    .where('device.removed_at', 'is', null)
    .groupBy(['device.site_id', 'device_state.state']);
  const rows = await query.where('device.site_id', 'in', sites).execute();
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** Verdicts that a client may be told, by site and state. */
export async function countVerdicts(
  db: DeskDatabase,
  sites: readonly string[],
): Promise<{ site_id: string; state: string; count: number }[]> {
  const query = db
    .selectFrom('device_verdict')
    .innerJoin('device', (join) =>
      join.onRef('device.site_id', '=', 'device_verdict.site_id').onRef('device.id', '=', 'device_verdict.device_id'),
    )
    .select((eb) => ['device.site_id', 'device_verdict.state', eb.fn.countAll().as('count')])
    .where('device.removed_at', 'is', null)
    .where(sql<boolean>`device_verdict.tell = 'client'`)
    .groupBy(['device.site_id', 'device_verdict.state']);
  const rows = await query.where('device.site_id', 'in', sites).execute();
  return rows.map((row) => ({ site_id: row.site_id, state: row.state ?? '', count: Number(row.count) }));
}

export type ToldSiteState = Pick<SiteStateRow, 'site_id' | 'body' | 'updated_at' | 'clock_offset_ms'>;

export async function listSiteStates(db: DeskDatabase, sites: readonly string[]): Promise<ToldSiteState[]> {
  return db.selectFrom('site_state').select(['site_id', 'body', 'updated_at', 'clock_offset_ms']).where('site_id', 'in', sites).execute();
}
