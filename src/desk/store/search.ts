/**
 * The words by which homes and devices are found. They are kept in the transaction that changes what they are of, in a table ordered by word: a search reads the words that
 * begin as asked, and no device that has none of them (decision 0031).
 */
import { sql } from 'kysely';
import type { DeviceMessage } from '../../protocol/messages.ts';
import { deviceWords, homeWords, type WordRange } from '../search-words.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';

/** Of the rarest word that is asked for so many places are looked at: that many are read in a few milliseconds, and nobody reads so many answers. */
const MOST_LOOKED_AT = 5_000;

type OfDevice = { readonly site: string; readonly device: string };

const selectEntry = prepared((db, { site, device }: OfDevice) =>
  db.selectFrom('device_entry').select('no').where('site_id', '=', site).where('device_id', '=', device),
);
const insertEntry = prepared((db, { site, device }: OfDevice) =>
  db.insertInto('device_entry').values({ site_id: site, device_id: device }).returning('no'),
);
const selectDeviceWords = prepared((db, { entry }: { entry: number }) =>
  db.selectFrom('device_word').select('word').where('entry', '=', entry),
);
const selectHomeWords = prepared((db, { site }: { site: string }) => db.selectFrom('home_word').select('word').where('site_id', '=', site));

export async function keepDeviceWords(db: DeskDatabase, site: string, device: DeviceMessage): Promise<void> {
  const [known] = (await selectEntry(db, { site, device: device.id })).rows;
  const entry = known?.no ?? (await insertEntry(db, { site, device: device.id })).rows[0]?.no;
  if (entry === undefined) return;
  const before = known === undefined ? [] : (await selectDeviceWords(db, { entry })).rows.map(({ word }) => word);
  const { gone, added } = difference(before, deviceWords(device));
  if (gone.length > 0) await db.deleteFrom('device_word').where('entry', '=', entry).where('word', 'in', gone).execute();
  if (added.length > 0)
    await db
      .insertInto('device_word')
      .values(added.map((word) => ({ word, entry })))
      .execute();
}

export async function keepHomeWords(db: DeskDatabase, home: { readonly id: string; readonly name: string }): Promise<void> {
  const before = (await selectHomeWords(db, { site: home.id })).rows.map(({ word }) => word);
  const { gone, added } = difference(before, homeWords(home));
  if (gone.length > 0) await db.deleteFrom('home_word').where('site_id', '=', home.id).where('word', 'in', gone).execute();
  if (added.length > 0)
    await db
      .insertInto('home_word')
      .values(added.map((word) => ({ word, site_id: home.id })))
      .execute();
}

function difference(before: readonly string[], now: readonly string[]): { gone: string[]; added: string[] } {
  const [old, wanted] = [new Set(before), new Set(now)];
  return { gone: before.filter((word) => !wanted.has(word)), added: now.filter((word) => !old.has(word)) };
}

/** Of devices of a home that were removed. */
export async function dropWordsOfRemoved(db: DeskDatabase, site: string): Promise<void> {
  const entries = await db
    .selectFrom('device_entry')
    .innerJoin('device', (join) =>
      join.onRef('device.site_id', '=', 'device_entry.site_id').onRef('device.id', '=', 'device_entry.device_id'),
    )
    .select('device_entry.no')
    .where('device_entry.site_id', '=', site)
    .where('device.removed_at', 'is not', null)
    .execute();
  for (const { no } of entries) {
    await db.deleteFrom('device_word').where('entry', '=', no).execute();
    await db.deleteFrom('device_entry').where('no', '=', no).execute();
  }
}

/** The homes of which every word is one of the name or the id. */
export async function findHomes(
  db: DeskDatabase,
  words: readonly WordRange[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly ids: string[]; readonly total: number }> {
  if (words.length === 0) return { ids: [], total: 0 };
  let query = db.selectFrom('site');
  for (const { from, to } of words)
    query = query.where('id', 'in', ({ selectFrom }) =>
      selectFrom('home_word').select('home_word.site_id').where('home_word.word', '>=', from).where('home_word.word', '<', to),
    );
  const [rows, { total }] = await Promise.all([
    query.select('id').orderBy('sort_name').orderBy('id').limit(limit).offset(offset).execute(),
    query.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow(),
  ]);
  return { ids: rows.map(({ id }) => id), total: Number(total) };
}

export type FoundDevice = { readonly site_id: string; readonly device_id: string };

/** The devices of which every word is one; `isWhole` is false where there may be more. Always the same ones, in the order in which the desk came to know them. */
export async function findDevices(
  db: DeskDatabase,
  words: readonly WordRange[],
  limit: number,
): Promise<{ readonly found: FoundDevice[]; readonly isWhole: boolean }> {
  const [rarest, ...others] = await byRarity(db, words);
  if (rarest === undefined || rarest.places === 0) return { found: [], isWhole: true };
  const places = db
    .selectFrom('device_word')
    .select('entry')
    .where('word', '>=', rarest.from)
    .where('word', '<', rarest.to)
    .orderBy('word')
    .orderBy('entry')
    .limit(MOST_LOOKED_AT);
  let query = db
    .selectFrom(db.selectFrom(places.as('places')).select('entry').distinct().as('place'))
    .innerJoin('device_entry', 'device_entry.no', 'place.entry')
    .select(['device_entry.site_id', 'device_entry.device_id']);
  for (const { from, to } of others)
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('device_word as other')
          .select('other.word')
          .whereRef('other.entry', '=', 'place.entry')
          .where('other.word', '>=', from)
          .where('other.word', '<', to),
      ),
    );
  const found = await query
    .orderBy('place.entry')
    .limit(limit + 1)
    .execute();
  return { found: found.slice(0, limit), isWhole: found.length <= limit && rarest.places < MOST_LOOKED_AT };
}

const countPlaces = prepared((db, { from, to }: WordRange) =>
  db
    .selectFrom(
      db
        .selectFrom('device_word')
        .select('entry')
        .where('word', '>=', from)
        .where('word', '<', to)
        .limit(sql.lit(MOST_LOOKED_AT))
        .as('place'),
    )
    .select((eb) => eb.fn.countAll().as('places')),
);

async function byRarity(db: DeskDatabase, words: readonly WordRange[]): Promise<(WordRange & { readonly places: number })[]> {
  const counted = [];
  for (const range of words) {
    const [row] = (await countPlaces(db, range)).rows;
    counted.push({ ...range, places: Number(row?.places ?? 0) });
  }
  return counted.sort((left, right) => left.places - right.places);
}
