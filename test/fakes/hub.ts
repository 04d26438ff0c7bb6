/**
 * A hub played by a test: it makes real messages of the contract, numbers them like an outbox, and forgets an entry only when the desk
 * acknowledged it. How messages travel is up to the test.
 */
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import {
  type AlertMessage,
  type CommandMessage,
  commandSchema,
  type DeviceMessage,
  type DeviceStateMessage,
  type EntryBody,
  type EntryKind,
  type Envelope,
  type HealthState,
  type SnapshotMessage,
  type VerdictMessage,
} from '../../src/protocol/messages.ts';
import { downTopic, upTopic } from '../../src/protocol/topics.ts';

export type HubClock = { wallMs(): number; monoMs(): number };
export type Outgoing = { readonly topic: string; readonly payload: string; readonly qos: 0 | 1; readonly retain: boolean };

export class FakeHub {
  readonly site: string;
  readonly sid: string;
  readonly start: string;
  /** Entries that the desk has not acknowledged. */
  readonly outbox = new Map<string, Envelope>();
  /** Ids the desk has acknowledged. */
  readonly acked = new Set<string>();
  /** What the desk wants of it. */
  readonly commands: CommandMessage[] = [];
  readonly #random: Random;
  readonly #clock: HubClock;
  readonly #subscriptions: string[];
  ses = 0;
  #pos = 0;
  #beats = 0;

  constructor(options: { site: string; random: Random; clock: HubClock; ses?: number; pos?: number }) {
    this.site = options.site;
    this.#random = options.random;
    this.#clock = options.clock;
    this.ses = options.ses ?? 0;
    this.#pos = options.pos ?? 0;
    this.sid = newRandomId(options.random);
    this.start = newRandomId(options.random);
    this.#subscriptions = [downTopic(this.site, 'grant'), downTopic(this.site, 'ack'), downTopic(this.site, 'cmd')];
  }

  get subscriptions(): readonly string[] {
    return this.#subscriptions;
  }

  birth(siteName?: string): Outgoing {
    const { wallMs, monoMs } = this.#times();
    const caps: string[] = [];
    return this.#status({
      v: 1,
      s: 'online',
      sid: this.sid,
      start: this.start,
      ver: '0.1.0',
      ts: wallMs,
      mono: monoMs,
      clk: 'ntp',
      heartbeatS: 30,
      caps,
      siteName,
    });
  }

  offline(why: 'will' | 'shutdown' | 'update' | 'moved', sid = this.sid): Outgoing {
    return this.#status({ v: 1, s: 'offline', sid, why });
  }

  heartbeat(): Outgoing {
    const { wallMs, monoMs } = this.#times();
    const devices = { up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 };
    const outbox = { waiting: this.outbox.size, oldestAgeS: 0 };
    const body = { v: 1, sid: this.sid, start: this.start, ses: this.ses, n: this.#beats++, ts: wallMs, mono: monoMs, devices, outbox };
    return { topic: upTopic(this.site, 'hb'), payload: JSON.stringify(body), qos: 0, retain: false };
  }

  /** Commits an entry to the outbox; `ts`, `mono` and the place are stamped now and never change. */
  entry<K extends EntryKind>(kind: K, body: EntryBody<K>): Envelope {
    return this.rawEntry(kind, body);
  }

  rawEntry(kind: string, body: unknown): Envelope {
    const { wallMs, monoMs } = this.#times();
    const id = newRandomId(this.#random);
    const entry: Envelope = {
      v: 1,
      id,
      start: this.start,
      ses: this.ses,
      pos: ++this.#pos,
      ts: wallMs,
      mono: monoMs,
      clk: 'ntp',
      k: kind,
      d: body,
    };
    this.outbox.set(id, entry);
    return entry;
  }

  wire(entry: Envelope): Outgoing {
    return { topic: upTopic(this.site, 'ev'), payload: JSON.stringify(entry), qos: 1, retain: false };
  }

  /** What waits, in its order. */
  waiting(): Outgoing[] {
    return [...this.outbox.values()].map((entry) => this.wire(entry));
  }

  receive(topic: string, payload: string): void {
    if (!topic.includes('/dn/')) return;
    const message = JSON.parse(payload) as { start?: string; ses?: number; ids?: string[] };
    if (topic === downTopic(this.site, 'cmd')) this.commands.push(commandSchema.parse(message));
    if (topic === downTopic(this.site, 'grant') && message.start === this.start) this.ses = message.ses ?? this.ses;
    if (topic === downTopic(this.site, 'ack')) for (const id of message.ids ?? []) this.#forget(id);
  }

  #forget(id: string): void {
    this.outbox.delete(id);
    this.acked.add(id);
  }

  #status(body: unknown): Outgoing {
    return { topic: upTopic(this.site, 'status'), payload: JSON.stringify(body), qos: 1, retain: true };
  }

  #times(): { wallMs: number; monoMs: number } {
    return { wallMs: Math.floor(this.#clock.wallMs()), monoMs: this.#clock.monoMs() };
  }
}

export function device(id: string, over: Partial<DeviceMessage> = {}): DeviceMessage {
  return {
    id,
    name: 'NAS',
    ips: ['192.168.1.20'],
    macs: ['00:11:32:aa:bb:cc'],
    seenBy: ['neighbour', 'mdns'],
    isGateway: false,
    firstSeenAt: 1_795_000_000_000,
    ...over,
  };
}

export function deviceState(id: string, state: HealthState, since: number, over: Partial<DeviceStateMessage> = {}): DeviceStateMessage {
  return { device: id, state, since, reason: `it is ${state}`, detectWithinMs: 15_000, ...over };
}

export function deviceDown(id: string, raisedAt: number, over: Partial<AlertMessage> = {}): AlertMessage {
  return {
    key: `device-down:${id}`,
    code: 'device-down',
    severity: 'error',
    title: 'NAS does not answer',
    text: 'No answer to ARP, TCP and ping.',
    device: id,
    raisedAt,
    actionableAt: raisedAt + 120_000,
    ...over,
  };
}

/** Of something whose security updates ended; `over` says it otherwise. */
export function verdict(over: Partial<VerdictMessage> = {}): VerdictMessage {
  const ends = { what: 'security updates', on: '2024-05' };
  return {
    state: 'overdue',
    critical: false,
    tell: 'client',
    why: 'NAS: no more security updates since 2024-05.',
    grade: 'announced date',
    ends,
    toDo: 'Replace it.',
    source: { title: 'Support status', url: 'https://maker.example/eol', readOn: '2026-11-01' },
    facts: ['maker-nas'],
    timeline: [ends],
    ...over,
  };
}

/** An alert of an end that is told in stages; its instant of raising names the occurrence. */
export function supportEnding(id: string, raisedAt: number, stage: number, over: Partial<AlertMessage> = {}): AlertMessage {
  return {
    key: `support-ending:${id}:maker-nas`,
    code: 'support-ending',
    severity: stage > 90 ? 'info' : 'warning',
    title: 'Its maker looks after NAS not much longer',
    text: `Security updates end 2027-11: ${stage} days.`,
    device: id,
    raisedAt,
    actionableAt: raisedAt,
    stage,
    ends: '2027-11',
    ...over,
  };
}

export function snapshot(id: string, parts: Pick<SnapshotMessage, 'devices' | 'alerts'>, part = 0, total = 1): SnapshotMessage {
  return { snapshot: id, part, parts: total, site: { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 7 }, ...parts };
}
