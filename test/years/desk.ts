/** The real desk's transactions over a real database, and what a person at it is asked: a new alert, a later stage of one, one whose plan is over. */
import { commitBatch } from '../../src/desk/ingest/batch.ts';
import { decode } from '../../src/desk/ingest/decode.ts';
import { listToTell } from '../../src/desk/ingest/telling.ts';
import type { Presence } from '../../src/desk/presence.ts';
import { acknowledgeAlert } from '../../src/desk/store/alerts.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import type { AlertRow } from '../../src/desk/store/schema.ts';
import type { Acknowledgement, AlertMessage, CommandMessage } from '../../src/protocol/messages.ts';
import { upTopic } from '../../src/protocol/topics.ts';

/** `isAgain`: of something that was acknowledged, at the stage at which it was told before. */
export type Asked = {
  readonly row: AlertRow;
  readonly alert: AlertMessage;
  readonly isAgain: boolean;
  /** Until when people had planned to replace it. */
  readonly planned?: string;
};

export type Heard = { readonly asked: readonly Asked[]; readonly ids: readonly string[]; readonly ses?: number };

const SETTINGS = { acceptNewSites: true, graceMs: 0, excusedFromMs: 0, seen: 0 };

export class YearsDesk {
  readonly #db: DeskDatabase;
  readonly #presence = new Map<string, Presence>();
  readonly #rows = new Map<string, ReadonlyMap<string, AlertRow>>();

  constructor(db: DeskDatabase) {
    this.#db = db;
  }

  /** Takes messages of a hub at once, as they come over the wire. */
  async hear(site: string, channel: 'status' | 'ev', payloads: readonly string[], atMs: number): Promise<Heard> {
    const at = { wallMs: atMs, monoMs: atMs, listenedMs: atMs };
    const arrivals = payloads.map((payload) => ({
      at,
      inbound: decode({ topic: upTopic(site, channel), payload: Buffer.from(payload), retained: false }),
    }));
    const done = await commitBatch(this.#db, arrivals, this.#presence, SETTINGS);
    if (done.counts.malformed > 0) throw new Error(`the desk refused a message of ${site}: ${payloads.join('\n').slice(0, 2_000)}`);
    for (const [name, presence] of done.presence) this.#presence.set(name, presence);
    const [grant] = done.grants;
    return { asked: await this.#askedBy(site), ids: (done.acks.get(site) ?? []).map(({ id }) => id), ...(grant ? { ses: grant.ses } : {}) };
  }

  async #askedBy(site: string): Promise<Asked[]> {
    const before = this.#rows.get(site) ?? new Map<string, AlertRow>();
    const rows = await this.#db.selectFrom('alert').selectAll().where('site_id', '=', site).where('source', '=', 'hub').execute();
    const after = new Map(rows.map((row) => [`${row.key} ${row.raised_at}`, row]));
    this.#rows.set(site, after);
    return [...after].flatMap(([name, row]) => asks(before.get(name), row));
  }

  firing(site: string): ReadonlySet<string> {
    const rows = [...(this.#rows.get(site)?.values() ?? [])];
    return new Set(rows.flatMap(({ key, cleared_at }) => (cleared_at === null ? [key] : [])));
  }

  async acknowledge(row: AlertRow, said: Acknowledgement): Promise<void> {
    await acknowledgeAlert(this.#db, row, JSON.stringify(said), true);
    const rows = new Map(this.#rows.get(row.site_id));
    rows.set(`${row.key} ${row.raised_at}`, { ...row, acknowledged: JSON.stringify(said), untold: 1 });
    this.#rows.set(row.site_id, rows);
  }

  /** What the hub of this site has to hear, again and again until it shows that it did. */
  async toTell(site: string): Promise<CommandMessage[]> {
    const all = await listToTell(this.#db);
    return all.flatMap((one) => (one.site === site ? [one.command] : []));
  }
}

function asks(before: AlertRow | undefined, row: AlertRow): Asked[] {
  const alert = JSON.parse(row.body) as AlertMessage;
  const isFiring = row.cleared_at === null;
  const isMoment = row.code === 'lifecycle-digest';
  if (!before) return (isFiring && row.acknowledged === null) || isMoment ? [{ row, alert, isAgain: false }] : [];
  const planned = planIn(before);
  const isOpenAgain = isFiring && before.cleared_at !== null;
  const isLater = isFiring && row.stage !== null && before.stage !== null && (row.stage < before.stage || row.ends !== before.ends);
  const isFree = isFiring && before.acknowledged !== null && row.acknowledged === null;
  if (isOpenAgain || (isLater && row.acknowledged === null) || isFree)
    return [{ row, alert, isAgain: !isLater, ...(planned === undefined ? {} : { planned }) }];
  return [];
}

function planIn({ acknowledged }: AlertRow): string | undefined {
  return acknowledged === null ? undefined : (JSON.parse(acknowledged) as Acknowledgement).plannedFor;
}
