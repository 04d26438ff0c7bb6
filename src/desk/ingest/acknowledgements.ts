/** What people at the desk acknowledge: kept with the alert first, then told to the hub until the hub's own entry shows that it knows (telling.ts). */
import { saysMore } from '../../protocol/acknowledgement.ts';
import type { Acknowledgement } from '../../protocol/messages.ts';
import type { Scope } from '../access/roles.ts';
import { acknowledgeAlert, findAlert } from '../store/alerts.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { AlertRow } from '../store/schema.ts';
import { scopedTo } from '../store/scoped.ts';
import { noteSeen } from '../tickets/keep.ts';
import { Telling, type TellingDeps } from './telling.ts';

export type AcknowledgementsDeps = TellingDeps & { readonly onChange: (sites: ReadonlySet<string>) => void };

/** One occurrence of an alert, and who sees to it. */
export type ToAcknowledge = {
  readonly site: string;
  readonly key: string;
  readonly raisedHubAt: number;
  readonly by: string;
  readonly note?: string | undefined;
  /** Until when what nears its end will be replaced: a partial date that is not over. */
  readonly plannedFor?: string | undefined;
};

/** `taken`: somebody has acknowledged it before. `endless`: only what nears its end is replaced on a date. */
export type Acknowledged = 'done' | 'unknown' | 'over' | 'endless' | { readonly taken: Acknowledgement };

export class Acknowledgements {
  readonly #deps: AcknowledgementsDeps;
  readonly #telling: Telling;

  constructor(deps: AcknowledgementsDeps) {
    this.#deps = deps;
    this.#telling = new Telling(deps);
  }

  start(): void {
    this.#telling.start();
  }

  async stop(): Promise<void> {
    await this.#telling.stop();
  }

  async idle(): Promise<void> {
    await this.#telling.idle();
  }

  /** `unknown` is also what is not within the scope of whoever asks. */
  async acknowledge(asked: ToAcknowledge, scope: Scope = 'all'): Promise<Acknowledged> {
    const { database, onChange } = this.#deps;
    // In one transaction, or what its hub tells of the alert at the same moment could take it back.
    const done = await database.transaction().execute((db) => this.#note(db, asked, scope));
    if (done === 'done') {
      onChange(new Set([asked.site]));
      this.#telling.tell();
    }
    return done;
  }

  async #note(db: DeskDatabase, { site, key, raisedHubAt, by, note, plannedFor }: ToAcknowledge, scope: Scope): Promise<Acknowledged> {
    const alert = await findAlert(scopedTo(db, scope), site, key, raisedHubAt);
    if (!alert) return 'unknown';
    if (plannedFor !== undefined && alert.stage === null) return 'endless';
    const said: Acknowledgement = {
      by,
      at: this.#deps.clock.now().wallMs,
      where: 'desk',
      ...(note === undefined ? {} : { note }),
      ...(plannedFor === undefined ? {} : { plannedFor }),
    };
    if (!saysMore(seenBy(alert), said) || !(await acknowledgeAlert(db, alert, JSON.stringify(said), alert.source === 'hub'))) {
      const now = await findAlert(db, site, key, raisedHubAt);
      const taken = now && now.cleared_at === null ? seenBy(now) : undefined;
      return taken ? { taken } : 'over';
    }
    await noteSeen(db, alert, said);
    return 'done';
  }
}

function seenBy({ acknowledged }: Pick<AlertRow, 'acknowledged'>): Acknowledgement | undefined {
  return acknowledged === null ? undefined : (JSON.parse(acknowledged) as Acknowledgement);
}
