/**
 * A hub as the benches of the desk play it: its words are those of the protocol and its window is that of a real hub, but its outbox is a list in memory, and what
 * happens in its house is dealt out by chance. It sends nothing before the desk has granted it a session, and forgets nothing before the desk has acknowledged it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeEntry, type OutboxEntry } from '../../src/agent/outbox/entry.ts';
import { birthText, heartbeatText, type UplinkIdentity, willText } from '../../src/agent/outbox/presence.ts';
import { SendWindow } from '../../src/agent/outbox/send-window.ts';
import type { Clock, Instant } from '../../src/base/clock.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { MqttLink } from '../../src/base/mqtt.ts';
import type { Random } from '../../src/base/random.ts';
import { ackSchema, type EntryBody, type EntryKind, grantSchema } from '../../src/protocol/messages.ts';
import { downTopic, upTopic } from '../../src/protocol/topics.ts';
import type { LoadHome } from './load-home.ts';

export type LoadHubDeps = {
  readonly home: LoadHome;
  readonly link: MqttLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly heartbeatS: number;
};

export class LoadHub {
  readonly #deps: LoadHubDeps;
  readonly #identity: UplinkIdentity;
  readonly #window: SendWindow;
  readonly #outbox: OutboxEntry[] = [];
  #sid: string;
  #ses = 0;
  #pos = 0;
  #beats = 0;
  #sentBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: LoadHubDeps) {
    this.#deps = deps;
    const { home, random, heartbeatS } = deps;
    this.#identity = { site: home.site, start: newRandomId(random), version: '0.1.0', heartbeatS, siteName: home.name };
    this.#window = new SendWindow(random);
    this.#sid = newRandomId(random);
  }

  get waiting(): number {
    return this.#outbox.length;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Resolves when it has a session and everything that it said of its house is acknowledged. */
  async introduce(): Promise<void> {
    const { link, home } = this.#deps;
    const { site } = home;
    link.start({
      subscriptions: [downTopic(site, 'grant'), downTopic(site, 'ack')],
      will: () => ({ topic: upTopic(site, 'status'), payload: willText(this.#sid) }),
      onState: ({ connected }) => connected && this.#giveBirth(),
      onMessage: ({ topic, payload }) => this.#onMessage(topic, Buffer.from(payload).toString()),
    });
    while (this.#ses === 0) await sleep(20);
    for (const part of home.snapshot(this.#deps.clock.now().wallMs)) this.commit('snapshot', part);
    this.send();
    while (this.waiting > 0) await sleep(20);
  }

  /** Into the outbox; `send` sends it. */
  commit<K extends EntryKind>(kind: K, body: EntryBody<K>): void {
    const { random, clock } = this.#deps;
    this.#outbox.push({
      pos: ++this.#pos,
      id: newRandomId(random),
      ses: this.#ses,
      start: this.#identity.start,
      kind,
      body: JSON.stringify(body),
      at: this.#now(clock.now()),
      clock: 'ntp',
    });
  }

  /** What may be sent now, and later what may not yet. */
  send(): void {
    clearTimeout(this.#timer);
    const nowMs = this.#deps.clock.now().monoMs;
    for (const entry of this.#window.overdue(nowMs)) this.#publish(entry, nowMs);
    const unsent = this.#outbox.filter(({ pos }) => pos > this.#window.cursor).slice(0, this.#window.room(nowMs));
    for (const entry of unsent) this.#publish(entry, nowMs);
    const wakeInMs = this.#window.wakeInMs(nowMs, (this.#outbox.at(-1)?.pos ?? 0) > this.#window.cursor);
    this.#timer = wakeInMs === undefined ? undefined : setTimeout(() => this.send(), wakeInMs);
  }

  beat(): void {
    const { home, clock, link } = this.#deps;
    const text = heartbeatText({
      sid: this.#sid,
      start: this.#identity.start,
      ses: this.#ses,
      n: this.#beats++,
      now: this.#now(clock.now()),
      devices: home.counts(),
      waiting: this.waiting,
      oldestAgeS: 0,
      acked: [],
    });
    this.#sentBytes += text.length;
    void link.publish(upTopic(home.site, 'hb'), text, { qos: 0, expiryS: 180 });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#deps.link.stop();
  }

  #giveBirth(): void {
    const { link, clock, home } = this.#deps;
    const text = birthText(this.#identity, this.#sid, this.#now(clock.now()), 'ntp', this.#ses);
    void link.publish(upTopic(home.site, 'status'), text, { qos: 1, retain: true });
  }

  #publish(entry: OutboxEntry, nowMs: number): void {
    const text = encodeEntry(entry);
    this.#sentBytes += text.length;
    this.#window.sent(entry, nowMs);
    void this.#deps.link.publish(upTopic(this.#deps.home.site, 'ev'), text, { qos: 1 });
  }

  #onMessage(topic: string, payload: string): void {
    if (topic === downTopic(this.#deps.home.site, 'grant')) {
      const grant = grantSchema.parse(JSON.parse(payload));
      if (grant.start === this.#identity.start) this.#ses = Math.max(this.#ses, grant.ses);
      return;
    }
    const ids = new Set(ackSchema.parse(JSON.parse(payload)).ids);
    this.#window.acknowledged([...ids]);
    const left = this.#outbox.filter(({ id }) => !ids.has(id));
    this.#outbox.splice(0, this.#outbox.length, ...left);
    if (left.length > 0) this.send();
  }

  #now({ wallMs, monoMs }: Instant): Instant {
    return { wallMs: Math.round(wallMs), monoMs };
  }
}
