/**
 * What people at the desk acknowledge: kept with the alert first, then told to the hub again and again until the hub's own entry shows that
 * it knows. A hub that is not heard is told when it is back; an alert that is over is told to nobody.
 */
import { type Clock, every, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { MqttLink } from '../../base/mqtt.ts';
import { saysMore } from '../../protocol/acknowledgement.ts';
import type { Acknowledgement, CommandMessage } from '../../protocol/messages.ts';
import { downTopic } from '../../protocol/topics.ts';
import { acknowledgeAlert, findAlert, listUntoldAcknowledgements, type UntoldAcknowledgement } from '../store/alerts.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { AlertRow } from '../store/schema.ts';

export type AcknowledgementsDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  readonly link: MqttLink;
  isHeard(site: string): boolean;
  readonly onChange: (sites: ReadonlySet<string>) => void;
};

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

const LOOK_EVERY_MS = 5_000;
/** After the first time 5 s, 10 s, 20 s ... and then once a minute. */
const LONGEST_WAIT_MS = 60_000;

type Sent = { readonly times: number; readonly dueMs: number };

export class Acknowledgements {
  readonly #deps: AcknowledgementsDeps;
  /** Of those that are not confirmed, how often they were sent since the desk started. */
  #sent: ReadonlyMap<string, Sent> = new Map();
  #timer: Timer | undefined;
  #telling: Promise<void> | undefined;

  constructor(deps: AcknowledgementsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = every(this.#deps.clock, LOOK_EVERY_MS, () => this.#tell());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#telling;
  }

  async acknowledge({ site, key, raisedHubAt, by, note, plannedFor }: ToAcknowledge): Promise<Acknowledged> {
    const { database, clock, onChange } = this.#deps;
    const alert = await findAlert(database, site, key, raisedHubAt);
    if (!alert) return 'unknown';
    if (plannedFor !== undefined && alert.stage === null) return 'endless';
    const said: Acknowledgement = {
      by,
      at: clock.now().wallMs,
      where: 'desk',
      ...(note === undefined ? {} : { note }),
      ...(plannedFor === undefined ? {} : { plannedFor }),
    };
    if (!saysMore(seenBy(alert), said) || !(await acknowledgeAlert(database, alert, JSON.stringify(said), alert.source === 'hub'))) {
      const now = await findAlert(database, site, key, raisedHubAt);
      const taken = now && now.cleared_at === null ? seenBy(now) : undefined;
      return taken ? { taken } : 'over';
    }
    onChange(new Set([site]));
    this.#tell();
    return 'done';
  }

  /** One round at a time. A store that cannot be read now is read again at the next. */
  #tell(): void {
    this.#telling ??= this.#tellAll()
      .catch((cause: unknown) => this.#deps.log.error('acknowledgements could not be told', { cause: String(cause) }))
      .finally(() => {
        this.#telling = undefined;
      });
  }

  async #tellAll(): Promise<void> {
    const nowMs = this.#deps.clock.now().monoMs;
    const sent = new Map<string, Sent>();
    for (const each of await listUntoldAcknowledgements(this.#deps.database)) {
      // A plan that was changed is another thing to tell.
      const name = JSON.stringify([each.site_id, each.key, each.raised_hub_at, each.acknowledged]);
      const before = this.#sent.get(name) ?? { times: 0, dueMs: nowMs };
      const isDue = before.dueMs <= nowMs && this.#deps.isHeard(each.site_id);
      if (isDue) this.#send(each);
      sent.set(
        name,
        isDue ? { times: before.times + 1, dueMs: nowMs + Math.min(LONGEST_WAIT_MS, LOOK_EVERY_MS * 2 ** before.times) } : before,
      );
    }
    this.#sent = sent;
  }

  #send({ site_id, key, raised_hub_at, acknowledged }: UntoldAcknowledgement): void {
    const { where: _, ...said } = JSON.parse(acknowledged) as Acknowledgement;
    const d = { key, raisedAt: raised_hub_at, ...said };
    const command: CommandMessage = { v: 1, k: 'alert.acknowledge', d };
    void this.#deps.link.publish(downTopic(site_id, 'cmd'), JSON.stringify(command), { qos: 1 });
  }
}

function seenBy({ acknowledged }: Pick<AlertRow, 'acknowledged'>): Acknowledgement | undefined {
  return acknowledged === null ? undefined : (JSON.parse(acknowledged) as Acknowledgement);
}
