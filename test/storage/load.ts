/**
 * A hub's store at work, and what must be found of it after whatever happened to its disk: alerts saved with their entries, entries that the desk acknowledged, what
 * people called a device; with clean stops, checkpoints, VACUUM and an older database brought up to date. What it says of itself is true when it is said.
 */

import type { People } from '../../src/agent/inventory/corrections.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { explained } from '../../src/agent/store/store-error.ts';
import type { Random } from '../../src/base/random.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { alertOf, at, deviceOf, idOf, NOTHING, raisedEntry } from '../builders/entries.ts';
import { wholeNumber } from './chance.ts';

/** `saved` and `named`: committed. `forgetting`, `naming`: begun, and from then on either may be found; `forgot`: committed. */
export type Said =
  | { readonly do: 'sited'; readonly site: string }
  | { readonly do: 'saved' | 'forgetting' | 'forgot'; readonly ids: readonly string[] }
  | { readonly do: 'naming' | 'named'; readonly n: number };

export type Load = {
  readonly random: Random;
  readonly commits: number;
  /** Gives up what makes commits durable, to show that it is missed. */
  readonly isCareless?: boolean;
  readonly say: (said: Said) => void;
};

const SITE = idOf(9_999);
const NAMED_DEVICE = 1;
const OLDER = 3;
/** Of a hundred commits. */
const REOPENED = 2;
const VACUUMED = 1;
const CHECKPOINTED = 3;

/** Works in `path` until so many commits are done. Throws what the disk makes of it, HearthbeatError among it. */
export function work(path: string, load: Load): void {
  const { random, commits, say } = load;
  const older = openDatabase(path, AGENT_MIGRATIONS.slice(0, -OLDER));
  try {
    explained(() => older.exec(`INSERT OR IGNORE INTO meta VALUES ('site', '${SITE}')`));
  } finally {
    older.close();
  }
  say({ do: 'sited', site: SITE });
  let { db, store } = open(path, load);
  try {
    for (let n = 1; n <= commits; n++) {
      step(store, n, random, say);
      const chance = random.fraction() * 100;
      if (chance < REOPENED) {
        db.close();
        ({ db, store } = open(path, load));
      } else if (chance < REOPENED + VACUUMED) explained(() => db.exec('VACUUM'));
      else if (chance < REOPENED + VACUUMED + CHECKPOINTED) explained(() => db.pragma('wal_checkpoint(TRUNCATE)'));
    }
  } finally {
    db.close();
  }
}

function open(path: string, { random, isCareless }: Load) {
  const db = openDatabase(path, AGENT_MIGRATIONS);
  if (isCareless) db.pragma('synchronous = NORMAL');
  return { db, store: createAgentStore(db, { random, start: idOf(1) }) };
}

function step(store: AgentStore, n: number, random: Random, say: Load['say']): void {
  const now = at(n * 1_000);
  const kind = random.fraction();
  if (kind < 0.3) {
    const ids = store.outbox.next(0, wholeNumber(random, 1, 8)).map(({ id }) => id);
    say({ do: 'forgetting', ids });
    store.outbox.acknowledge(ids);
    say({ do: 'forgot', ids });
  } else if (kind < 0.4) {
    say({ do: 'naming', n });
    store.commitTick({ ...NOTHING, people: named(n) });
    say({ do: 'named', n });
  } else {
    const alerts = Array.from({ length: wholeNumber(random, 1, 4) }, (_, i) => ({
      ...alertOf(`${n}.${i}`, now),
      text: 'x'.repeat(wholeNumber(random, 1, 2_000)),
    }));
    const devices = [deviceOf(wholeNumber(random, 1, 60))];
    say({ do: 'saved', ids: store.commitTick({ ...NOTHING, devices, alerts, entries: alerts.map((alert) => raisedEntry(alert, now)) }) });
  }
}

function named(n: number): People {
  const device = idOf(NAMED_DEVICE);
  return {
    cards: new Map([[device, { device, keys: ['mac:02:00:00:00:00:01'], says: { name: { value: `name ${n}`, at: n } } }]]),
    pins: [],
  };
}

/** What is missing or wrong in the database at `path`, after all of `said`; nothing where it kept its word. Throws where it does not open. */
export function brokenPromises(path: string, said: readonly Said[]): string[] {
  const db = openDatabase(path, AGENT_MIGRATIONS);
  try {
    const store = createAgentStore(db, { random: { bytes: (length) => new Uint8Array(length), fraction: () => 0 }, start: idOf(2) });
    const entries = store.outbox.next(0, Number.MAX_SAFE_INTEGER);
    const there = new Set(entries.map(({ id }) => id));
    const keys = new Set(db.prepare<[], string>('SELECT key FROM alert').pluck().all());
    const name = store.load().people?.cards.get(idOf(NAMED_DEVICE))?.says.name?.value;
    const sites = said.flatMap((word) => (word.do === 'sited' ? [word.site] : []));
    const forgetting = idsOf(said, 'forgetting');
    return [
      ...[...idsOf(said, 'saved')].filter((id) => !there.has(id) && !forgetting.has(id)).map((id) => `entry ${id} is lost`),
      ...[...idsOf(said, 'forgot')].filter((id) => there.has(id)).map((id) => `entry ${id} came back`),
      ...entries.filter(({ body }) => !keys.has((JSON.parse(body) as { key: string }).key)).map(({ id }) => `entry ${id} has no alert`),
      ...(sites.length > 0 && store.meta.get('site') !== sites.at(-1) ? ['the site is lost'] : []),
      ...(isNameRight(Number(name?.slice('name '.length) ?? 0), said) ? [] : [`the name that people gave is not theirs: ${name}`]),
    ];
  } finally {
    db.close();
  }
}

function idsOf(said: readonly Said[], what: 'saved' | 'forgetting' | 'forgot'): Set<string> {
  return new Set(said.flatMap((word) => (word.do === what ? word.ids : [])));
}

/** The last one that was committed, or one that was begun after it. */
function isNameRight(found: number, said: readonly Said[]): boolean {
  const last = (what: 'naming' | 'named'): number => said.reduce((newest, word) => (word.do === what ? word.n : newest), 0);
  return found === last('named') || (found > last('named') && found === last('naming'));
}

/** What was said, line by line; of a last line that is cut off, nothing. */
export function readSaid(text: string): Said[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Said);
}
