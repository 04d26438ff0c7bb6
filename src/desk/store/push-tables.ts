/** The tables of browsers that are told of tickets, as types (schema.ts has the others). */
import type { Selectable } from 'kysely';

export type PushTables = {
  push_key: PushKeyTable;
  push_browser: PushBrowserTable;
  push_told: PushToldTable;
  push_owed: PushOwedTable;
};

/** What the desk signs with; made once. Without it no browser that was turned on takes anything from the desk any more. */
type PushKeyTable = { name: string; public_key: string; private_key: string; created_at: number };

/** A browser of a person: where its push service takes messages for it, and its keys, base64url. */
type PushBrowserTable = {
  id: string;
  person_id: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  title: string;
  created_at: number;
  last_at: number | null;
  /** Tries that failed in a row, and when the next may be. */
  failures: number;
  next_at: number;
  failing_since: number | null;
  last_answer: string | null;
};

/** What a browser was told last of one thing; `said` tells it from what is said of it later. */
type PushToldTable = { browser_id: string; about: string; said: string; told_at: number };

/** What its push service did not take yet: `body` is an Owed of desk/push/push.ts. */
type PushOwedTable = { browser_id: string; about: string; body: string; ends_at: number };

export type PushBrowserRow = Selectable<PushBrowserTable>;
export type PushToldRow = Selectable<PushToldTable>;
export type PushOwedRow = Selectable<PushOwedTable>;
