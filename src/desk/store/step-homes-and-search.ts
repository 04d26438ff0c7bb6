/** The step after which homes are listed page by page, and homes and devices are found by their words: see search.ts. What is there already gets its words here. */
import { type Kysely, type SchemaModule, sql } from 'kysely';
import type { DeviceMessage } from '../../protocol/messages.ts';
import { deviceWords, folded, homeWords } from '../search-words.ts';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addHomesAndSearch(db: Kysely<DeskTables>, engine: Engine): Promise<void> {
  await createTables(db.schema, engine);
  await addIndexes(db.schema);
  await fillIn(db);
}

async function createTables(schema: SchemaModule, { text, serial, ordered }: Engine): Promise<void> {
  await schema
    .alterTable('site')
    .addColumn('sort_name', text, (c) => c.notNull().defaultTo(''))
    .execute();
  await schema
    .createTable('home_word')
    .addColumn('word', text, (c) => c.notNull())
    .addColumn('site_id', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('home_word_pk', ['word', 'site_id'])
    .modifyEnd(ordered)
    .execute();
  await schema
    .createTable('device_entry')
    .addColumn('no', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('device_id', text, (c) => c.notNull())
    .addUniqueConstraint('device_entry_of', ['site_id', 'device_id'])
    .execute();
  await schema
    .createTable('device_word')
    .addColumn('word', text, (c) => c.notNull())
    .addColumn('entry', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('device_word_pk', ['word', 'entry'])
    .modifyEnd(ordered)
    .execute();
}

/** Those of alerts hold few rows each: what is asked for again and again must not go through a year of history. */
async function addIndexes(schema: SchemaModule): Promise<void> {
  await schema.createIndex('home_word_of').on('home_word').columns(['site_id', 'word']).execute();
  await schema.createIndex('device_word_of').on('device_word').columns(['entry', 'word']).execute();
  await schema.createIndex('site_name').on('site').columns(['sort_name', 'id']).execute();
  await schema.createIndex('site_registered').on('site').columns(['registered_at', 'id']).execute();
  // What is counted of the devices of many homes, without what is said of each.
  await schema.createIndex('device_present').on('device').columns(['site_id', 'id']).where(sql.ref('removed_at'), 'is', null).execute();
  await schema.createIndex('device_state_now').on('device_state').columns(['site_id', 'device_id', 'state']).execute();
  const told = schema.createIndex('device_verdict_told').on('device_verdict').columns(['site_id', 'device_id', 'state']);
  await told.where(sql.ref('tell'), '=', sql.lit('client')).execute();
  const firing = sql.ref('cleared_at');
  await schema
    .createIndex('alert_fault')
    .on('alert')
    .columns(['site_id', 'source', 'severity', 'raised_at', 'key', 'raised_hub_at'])
    .where(firing, 'is', null)
    .where(sql<boolean>`(stage is null or severity = 'critical')`)
    .execute();
  const isEnd = sql<boolean>`cleared_at is null and stage is not null and severity <> 'critical'`;
  const ends = schema.createIndex('alert_end').on('alert').columns(['severity', 'raised_at', 'key', 'site_id', 'raised_hub_at']);
  await ends.where(isEnd).execute();
  await schema.createIndex('alert_end_of').on('alert').columns(['site_id']).where(isEnd).execute();
  const seen = schema.createIndex('alert_end_seen').on('alert').columns(['site_id']).where(isEnd);
  await seen.where(sql.ref('acknowledged'), 'is not', null).execute();
  await schema.createIndex('alert_raised').on('alert').columns(['raised_at']).execute();
  await schema.createIndex('alert_over').on('alert').columns(['raised_at']).where(firing, 'is not', null).execute();
  await schema.createIndex('alert_firing_raised').on('alert').columns(['raised_at']).where(firing, 'is', null).execute();
  await schema.createIndex('alert_cleared').on('alert').columns(['cleared_at']).where(firing, 'is not', null).execute();
  for (const flag of ['untold', 'forgotten'])
    await schema.createIndex(`alert_${flag}`).on('alert').columns(['site_id']).where(sql.ref(flag), '=', sql.lit(1)).execute();
}

/** Home by home: the devices of all need not be in memory at once. */
async function fillIn(db: Kysely<DeskTables>): Promise<void> {
  for (const { id, name, hub_name } of await db.selectFrom('site').select(['id', 'name', 'hub_name']).execute()) {
    const shown = name ?? hub_name ?? `Home ${id.slice(-6)}`;
    await db
      .updateTable('site')
      .set({ sort_name: folded(shown) })
      .where('id', '=', id)
      .execute();
    await db
      .insertInto('home_word')
      .values(homeWords({ id, name: shown }).map((word) => ({ word, site_id: id })))
      .execute();
    const devices = await db
      .selectFrom('device')
      .select(['id', 'body'])
      .where('site_id', '=', id)
      .where('removed_at', 'is', null)
      .execute();
    for (const device of devices) {
      const { no } = await db
        .insertInto('device_entry')
        .values({ site_id: id, device_id: device.id })
        .returning('no')
        .executeTakeFirstOrThrow();
      const words = deviceWords(JSON.parse(device.body ?? '{"ips":[],"macs":[]}') as DeviceMessage);
      if (words.length > 0)
        await db
          .insertInto('device_word')
          .values(words.map((word) => ({ word, entry: no })))
          .execute();
    }
  }
}
