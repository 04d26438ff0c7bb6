/**
 * Tells hubs what the desk knows and they do not: who sees to an alert, and what nears its end and fires here while their memory is from before. Again and
 * again until an entry of the hub shows that it knows. A hub that is not heard is told when it is back; of an alert that is over nobody is told.
 */
import { type Clock, every, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { MqttLink } from '../../base/mqtt.ts';
import type { Acknowledgement, AlertMessage, CommandMessage } from '../../protocol/messages.ts';
import { downTopic } from '../../protocol/topics.ts';
import { type ForgottenAlert, listForgotten, listUntoldAcknowledgements, type UntoldAcknowledgement } from '../store/alerts.ts';
import { DatabaseAway } from '../store/away.ts';
import type { DeskDatabase } from '../store/migrations.ts';

export type TellingDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: DeskDatabase;
  readonly link: MqttLink;
  isHeard(site: string): boolean;
};

/** For one hub. */
export type ToTell = { readonly site: string; readonly command: CommandMessage };

const LOOK_EVERY_MS = 5_000;
/** After the first time 5 s, 10 s, 20 s ... and then at this pace: people wait for the one, and a hub of an earlier version knows nothing of the other. */
const LONGEST_WAIT_MS = { 'alert.acknowledge': 60_000, 'alert.remember': 3_600_000 } as const;

type Sent = { readonly times: number; readonly dueMs: number };

export class Telling {
  readonly #deps: TellingDeps;
  /** Of those that are not confirmed, how often they were sent since the desk started. */
  #sent: ReadonlyMap<string, Sent> = new Map();
  #timer: Timer | undefined;
  #round: Promise<void> | undefined;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = every(this.#deps.clock, LOOK_EVERY_MS, () => this.tell());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.idle();
  }

  /** Resolves when the round that runs is over. */
  async idle(): Promise<void> {
    await this.#round;
  }

  /** One round at a time. A store that cannot be read now is read again at the next; that the database is away the ingest says. */
  tell(): void {
    this.#round ??= this.#tellAll()
      .catch((cause: unknown) => {
        const level = cause instanceof DatabaseAway ? 'debug' : 'error';
        this.#deps.log[level]('hubs could not be told what the desk knows', { cause: String(cause) });
      })
      .finally(() => {
        this.#round = undefined;
      });
  }

  async #tellAll(): Promise<void> {
    const nowMs = this.#deps.clock.now().monoMs;
    const sent = new Map<string, Sent>();
    for (const each of await listToTell(this.#deps.database)) {
      // A plan that was changed is another thing to tell.
      const name = JSON.stringify(each);
      const before = this.#sent.get(name) ?? { times: 0, dueMs: nowMs };
      const isDue = before.dueMs <= nowMs && this.#deps.isHeard(each.site);
      if (isDue) this.#send(each);
      const waitMs = Math.min(LONGEST_WAIT_MS[each.command.k], LOOK_EVERY_MS * 2 ** before.times);
      sent.set(name, isDue ? { times: before.times + 1, dueMs: nowMs + waitMs } : before);
    }
    this.#sent = sent;
  }

  #send({ site, command }: ToTell): void {
    void this.#deps.link.publish(downTopic(site, 'cmd'), JSON.stringify(command), { qos: 1 });
  }
}

export async function listToTell(database: DeskDatabase): Promise<ToTell[]> {
  return [...(await listForgotten(database)).flatMap(reminderOf), ...(await listUntoldAcknowledgements(database)).map(acknowledgementOf)];
}

function acknowledgementOf({ site_id, key, raised_hub_at, acknowledged }: UntoldAcknowledgement): ToTell {
  const { where: _, ...said } = JSON.parse(acknowledged) as Acknowledgement;
  return { site: site_id, command: { v: 1, k: 'alert.acknowledge', d: { key, raisedAt: raised_hub_at, ...said } } };
}

/** As the hub told it, with who sees to it by now. */
function reminderOf({ site_id, raised_hub_at, acknowledged, body }: ForgottenAlert): ToTell[] {
  const { evidence: _, acknowledged: __, device, stage, ...alert } = JSON.parse(body) as AlertMessage;
  if (device === undefined || stage === undefined) return [];
  const said = acknowledged === null ? {} : { acknowledged: JSON.parse(acknowledged) as Acknowledgement };
  return [{ site: site_id, command: { v: 1, k: 'alert.remember', d: { ...alert, device, stage, raisedAt: raised_hub_at, ...said } } }];
}
