/** The step after which people are told of tickets outside the page: see notices.ts. */
import { type SchemaModule, sql } from 'kysely';
import type { Engine } from './engine.ts';

export async function addNotices(schema: SchemaModule, { text, serial }: Engine): Promise<void> {
  await schema
    .createTable('notice_seen')
    .addColumn('ticket', 'bigint', (c) => c.primaryKey())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('look_at', 'bigint')
    .execute();
  await schema
    .createTable('notice_receiver')
    .addColumn('name', text, (c) => c.primaryKey())
    .addColumn('since_at', 'bigint', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('barred', 'integer', (c) => c.notNull())
    .addColumn('last_at', 'bigint')
    .addColumn('last_answer', text)
    .execute();
  await schema
    .createTable('notice_thread')
    .addColumn('receiver', text, (c) => c.notNull())
    .addColumn('about', text, (c) => c.notNull())
    .addColumn('sent', 'integer', (c) => c.notNull())
    .addColumn('is_over', 'integer', (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('told_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('notice_thread_pk', ['receiver', 'about'])
    .execute();
  await schema
    .createTable('notice')
    .addColumn('seq', serial.type, serial.build)
    .addColumn('id', text, (c) => c.notNull().unique())
    .addColumn('receiver', text, (c) => c.notNull())
    .addColumn('about', text, (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('urgent', 'integer', (c) => c.notNull())
    .addColumn('held', 'integer', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('tries', 'integer', (c) => c.notNull())
    .addColumn('unsure', 'integer', (c) => c.notNull())
    .addColumn('batch', 'bigint')
    .addColumn('lease', text)
    .addColumn('leased_until', 'bigint', (c) => c.notNull())
    .addColumn('fate', text, (c) => c.notNull())
    .addColumn('done_at', 'bigint')
    .addColumn('answer', text)
    .execute();
  await addIndexes(schema);
}

async function addIndexes(schema: SchemaModule): Promise<void> {
  const waits = sql.ref('fate');
  const one = schema.createIndex('notice_waiting').on('notice').columns(['receiver', 'about']).unique();
  await one.where(waits, '=', sql.lit('waiting')).execute();
  await schema.createIndex('notice_due').on('notice').columns(['due_at']).where(waits, '=', sql.lit('waiting')).execute();
  await schema.createIndex('notice_done').on('notice').columns(['receiver', 'done_at']).where(sql.ref('done_at'), 'is not', null).execute();
  await schema.createIndex('notice_done_all').on('notice').columns(['done_at']).where(sql.ref('done_at'), 'is not', null).execute();
  await schema.createIndex('notice_about').on('notice').columns(['about']).execute();
  await schema
    .createIndex('notice_thread_open')
    .on('notice_thread')
    .columns(['about'])
    .where(sql.ref('is_over'), '=', sql.lit(0))
    .execute();
}
