/**
 * A desk that keeps the contract and nothing else: grants sessions, commits entries once by id and in order of (session, position),
 * acknowledges after the commit.
 */
import type { WireMessage } from '../../src/base/mqtt.ts';
import { ackSchema, type Envelope, envelopeSchema, grantSchema, heartbeatSchema, statusSchema } from '../../src/protocol/messages.ts';
import { downTopic, parseUpTopic } from '../../src/protocol/topics.ts';

export type Reply = { readonly topic: string; readonly payload: string };
type Place = { readonly ses: number; readonly pos: number };
type Placed<T> = Place & { readonly value: T };

export class FakeDesk {
  readonly #now: () => number;
  // Durable: survives crash().
  readonly history: Envelope[] = [];
  readonly states = new Map<string, Placed<string>>();
  readonly alerts = new Map<string, Placed<boolean>>();
  readonly #ids = new Set<string>();
  readonly #sessions = new Map<string, number>();
  readonly #snapshots = new Map<string, Envelope[]>();
  // Volatile.
  readonly statuses: { readonly s: string; readonly sid: string; readonly retained: boolean }[] = [];
  heartbeats = 0;
  malformed = 0;
  #received: { site: string; envelope: Envelope }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a message in; entries wait for commit(). */
  receive(message: WireMessage): Reply[] {
    const address = parseUpTopic(message.topic);
    const body = address && parseJson(message.payload);
    if (!address || body === undefined) return this.#refuse();
    if (address.channel === 'status') return this.#status(address.site, body, message.retained);
    if (address.channel === 'hb') return this.#heartbeat(body);
    const envelope = envelopeSchema.safeParse(body).data;
    if (!envelope) return this.#refuse();
    this.#received.push({ site: address.site, envelope });
    return [];
  }

  /** Commits what was received and answers the acknowledgements that may be sent now. */
  commit(): Reply[] {
    const received = this.#received;
    this.#received = [];
    for (const { envelope } of received) this.#apply(envelope);
    const bySite = Map.groupBy(received, ({ site }) => site);
    return [...bySite].map(([site, rows]) => this.#ack(site, rows.map(({ envelope }) => envelope.id).slice(0, 256)));
  }

  get firing(): string[] {
    return [...this.alerts].flatMap(([key, { value }]) => (value ? [key] : [])).sort();
  }

  #refuse(): Reply[] {
    this.malformed++;
    return [];
  }

  #heartbeat(body: unknown): Reply[] {
    if (!heartbeatSchema.safeParse(body).success) return this.#refuse();
    this.heartbeats++;
    return [];
  }

  #status(site: string, body: unknown, retained: boolean): Reply[] {
    const status = statusSchema.safeParse(body).data;
    if (!status) return this.#refuse();
    this.statuses.push({ s: status.s, sid: status.sid, retained });
    if (status.s === 'offline' || retained) return [];
    const known = this.#sessions.get(status.start);
    const ses = known ?? this.#sessions.size + 1;
    this.#sessions.set(status.start, ses);
    return [
      {
        topic: downTopic(site, 'grant'),
        payload: JSON.stringify(grantSchema.parse({ v: 1, start: status.start, ses, time: this.#now() })),
      },
    ];
  }

  #ack(site: string, ids: string[]): Reply {
    return { topic: downTopic(site, 'ack'), payload: JSON.stringify(ackSchema.parse({ v: 1, ids, time: this.#now() })) };
  }

  #apply(envelope: Envelope): void {
    if (this.#ids.has(envelope.id)) return;
    this.#ids.add(envelope.id);
    this.history.push(envelope);
    const d = envelope.d as { device: string; state: string; key: string };
    if (envelope.k === 'device.state') this.#place(this.states, d.device, envelope, d.state);
    if (envelope.k.startsWith('alert.')) this.#place(this.alerts, d.key, envelope, envelope.k !== 'alert.cleared');
    if (envelope.k === 'snapshot') this.#applySnapshotPart(envelope);
  }

  #applySnapshotPart(envelope: Envelope): void {
    const part = envelope.d as SnapshotPart;
    for (const { device, state } of part.devices) this.#place(this.states, device.id, envelope, state.state);
    for (const alert of part.alerts) this.#place(this.alerts, alert.key, envelope, true);
    const parts = [...(this.#snapshots.get(part.snapshot) ?? []), envelope];
    this.#snapshots.set(part.snapshot, parts);
    if (parts.length === part.parts) this.#forgetUnnamed(parts);
  }

  #forgetUnnamed(parts: Envelope[]): void {
    const first = parts.reduce((least, part) => (isAfter(least, part) ? part : least));
    const bodies = parts.map(({ d }) => d as SnapshotPart);
    const devices = new Set(bodies.flatMap((body) => body.devices.map(({ device }) => device.id)));
    const keys = new Set(bodies.flatMap((body) => body.alerts.map(({ key }) => key)));
    for (const [id, placed] of this.states) if (!devices.has(id) && isAfter(first, placed)) this.states.delete(id);
    for (const [key, placed] of this.alerts) if (!keys.has(key) && isAfter(first, placed)) this.alerts.set(key, { ...first, value: false });
  }

  #place<T>(table: Map<string, Placed<T>>, key: string, place: Place, value: T): void {
    const before = table.get(key);
    if (before && !isAfter(place, before)) return;
    table.set(key, { ses: place.ses, pos: place.pos, value });
  }
}

type SnapshotPart = {
  snapshot: string;
  parts: number;
  devices: { device: { id: string }; state: { state: string } }[];
  alerts: { key: string }[];
};

export function isAfter(a: Place, b: Place): boolean {
  return a.ses > b.ses || (a.ses === b.ses && a.pos > b.pos);
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}
