/** The agent's tables, as steps that only ever add: a database of version n has had the first n of them, each in a transaction of its own. */
// AUTOINCREMENT: a position is never given twice, also when the newest rows were acknowledged and deleted.
const FIRST = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE device (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE health (
    device_id TEXT PRIMARY KEY, state TEXT NOT NULL, since_at INTEGER NOT NULL, reason TEXT NOT NULL, detect_within_ms INTEGER NOT NULL, evidence TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE transition (
    id INTEGER PRIMARY KEY, device_id TEXT NOT NULL, state TEXT NOT NULL, since_at INTEGER NOT NULL, reason TEXT NOT NULL, evidence TEXT
  ) STRICT;
  CREATE INDEX transition_by_device ON transition (device_id, id);

  CREATE TABLE alert (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, raised_at INTEGER NOT NULL, cleared_at INTEGER, body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX alert_firing ON alert (key) WHERE cleared_at IS NULL;
  CREATE INDEX alert_cleared ON alert (cleared_at) WHERE cleared_at IS NOT NULL;

  CREATE TABLE outbox (
    pos INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ses INTEGER NOT NULL, start TEXT NOT NULL, kind TEXT NOT NULL,
    class TEXT NOT NULL, subject TEXT, body TEXT NOT NULL, bytes INTEGER NOT NULL, mono_ms REAL NOT NULL, wall_ms INTEGER NOT NULL, clock TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_by_class ON outbox (class, pos, bytes);
  CREATE INDEX outbox_by_subject ON outbox (subject, pos) WHERE subject IS NOT NULL;
`;

const READING = 'CREATE TABLE reading (device_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;';

// AUTOINCREMENT: people undo by number, so a number is never given twice.
const IDENTITY = `
  CREATE TABLE correction (device_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE pin (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

  CREATE TABLE identity_log (n INTEGER PRIMARY KEY AUTOINCREMENT, devices TEXT NOT NULL, undone_by INTEGER, body TEXT NOT NULL) STRICT;
`;

const LEARNING = 'CREATE TABLE learning (device_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;';

// AUTOINCREMENT: what was forgotten of a person must not come back under a number that is given again.
const JOURNAL = `
  CREATE TABLE journal_subject (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE journal (id INTEGER PRIMARY KEY, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, body TEXT NOT NULL, state TEXT) STRICT;
`;

// `what`: device, cause and end (alerts/stages.ts).
const LIFECYCLE = `
  CREATE TABLE lifecycle (device_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE told_stage (what TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

// A row takes 30 to 40 bytes: sixty devices and 400 days are below a megabyte. Times in microseconds.
const DAYS = `
  CREATE TABLE day_device (n INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL UNIQUE, behind TEXT) STRICT;

  CREATE TABLE device_day (
    n INTEGER NOT NULL, day INTEGER NOT NULL, seen_minutes INTEGER NOT NULL, questions INTEGER NOT NULL, lost INTEGER NOT NULL, drops INTEGER NOT NULL,
    median_us INTEGER, p90_us INTEGER, reboots INTEGER, battery_minutes INTEGER, PRIMARY KEY (n, day)
  ) STRICT, WITHOUT ROWID;
`;

// Tenths of a degree. Of a port only how much in a million frames: how many there were is nobody's business.
const PORT_DAYS = `
  ALTER TABLE device_day ADD COLUMN temperature INTEGER;

  CREATE TABLE port_cable (n INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, port TEXT NOT NULL, plugged TEXT, last_day INTEGER NOT NULL) STRICT;
  CREATE INDEX port_cable_by_port ON port_cable (device_id, port);

  CREATE TABLE port_day (
    n INTEGER NOT NULL, day INTEGER NOT NULL, damaged INTEGER NOT NULL, discarded INTEGER, PRIMARY KEY (n, day)
  ) STRICT, WITHOUT ROWID;
`;

// Earlier versions wrote down when each of them came and went. A body that is no JSON any more is for those to judge who read it.
const NO_HISTORY_OF_PERSONS = `
  DELETE FROM transition WHERE device_id IN (SELECT id FROM device WHERE CASE WHEN json_valid(body) THEN json_extract(body, '$.personal') END);
`;

export const AGENT_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'first tables', sql: FIRST },
  { name: 'when each device is asked for evidence', sql: READING },
  { name: 'what people said, and who was found to be who', sql: IDENTITY },
  { name: 'what was learned of each link', sql: LEARNING },
  { name: 'the journal', sql: JOURNAL },
  { name: 'how near their end devices are, and what was told of it', sql: LIFECYCLE },
  { name: 'how each device did day by day', sql: DAYS },
  { name: 'how warm devices are, and what wired ports damage', sql: PORT_DAYS },
  { name: 'no history of what belongs to persons', sql: NO_HISTORY_OF_PERSONS },
];
