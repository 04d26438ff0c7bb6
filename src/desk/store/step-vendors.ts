/** The step after which the desk keeps contracts with vendors, and what was asked of vendors (decision 0042). */
import type { Kysely } from 'kysely';
import type { Engine } from './engine.ts';
import type { DeskTables } from './schema.ts';

export async function addVendors({ schema }: Kysely<DeskTables>, { text, serial }: Engine): Promise<void> {
  await schema
    .createTable('vendor_contract')
    .addColumn('no', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('dealer', text)
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('vendor', text, (c) => c.notNull())
    .addColumn('contract', text, (c) => c.notNull())
    .addColumn('level', text)
    .addColumn('cost', 'bigint')
    .addColumn('currency', text)
    .addColumn('phone', text)
    .addColumn('url', text)
    .addColumn('first_day', text)
    .addColumn('last_day', text)
    .addColumn('told_stage', 'integer')
    .addColumn('evidence', text, (c) => c.notNull())
    .addColumn('covers', text, (c) => c.notNull())
    .addColumn('made_by', text, (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', text)
    .addColumn('changed_at', 'bigint')
    .execute();
  await schema.createIndex('vendor_contract_of_site').on('vendor_contract').columns(['site_id']).execute();
  await schema.createIndex('vendor_contract_of_dealer').on('vendor_contract').columns(['dealer']).execute();
  await schema.createIndex('vendor_contract_end').on('vendor_contract').columns(['last_day']).execute();
  await schema
    .createTable('vendor_case')
    .addColumn('no', serial.type, serial.build)
    .addColumn('site_id', text, (c) => c.notNull())
    .addColumn('ticket', 'bigint', (c) => c.notNull())
    .addColumn('vendor', text, (c) => c.notNull())
    .addColumn('contract', 'bigint')
    .addColumn('name', text)
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('opened_by', text, (c) => c.notNull())
    .addColumn('answered_at', 'bigint')
    .addColumn('answered_by', text)
    .addColumn('qualified_at', 'bigint')
    .addColumn('qualified_by', text)
    .addColumn('closed_at', 'bigint')
    .addColumn('closed_by', text)
    .execute();
  await schema.createIndex('vendor_case_of_ticket').on('vendor_case').columns(['ticket']).execute();
  await schema.createIndex('vendor_case_opened').on('vendor_case').columns(['opened_at']).execute();
}
