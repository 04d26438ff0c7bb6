/**
 * Every message between hub and desk, as schemas: the one place that knows the wire. Text caps bound what a broken or hostile hub can
 * store at the desk; unknown fields are dropped, so that minor versions only ever add.
 * Times: `ts`, `...At` are Unix milliseconds, `mono` milliseconds since the hub's process start, durations end in `Ms` or `S`.
 */
import { z } from 'zod';
import { ID_PATTERN } from '../base/ids.ts';
import { isPartialDate } from '../base/partial-date.ts';
import { ALERT_CODES } from './alert-catalogue.ts';

const id = z.string().regex(ID_PATTERN);
const text = (limit: number) => z.string().max(limit);
/** Up to the end of the year 9999: a greater number is no date that could be shown, and one of them would break every page. */
const instant = z.number().int().nonnegative().max(253_402_300_799_999);
/** A hundred years of running. */
const mono = z.number().nonnegative().max(3_155_760_000_000);
const count = z.number().int().nonnegative();
/** `2027`, `2027-03` or `2027-03-31`; what is less exact means the last moment of its period (base/partial-date.ts). */
const partialDate = z.string().max(10).refine(isPartialDate, 'is no date: write 2027, 2027-03 or 2027-03-31');

/** The desk must always be able to grant a greater number than a hub has used. */
export const MAX_SESSION = 2 ** 31;
const session = count.max(MAX_SESSION);
const position = z
  .number()
  .int()
  .positive()
  .max(2 ** 48);

/** What the hub's wall clock was worth when a row was made. */
export const clockQualitySchema = z.enum(['desk', 'ntp', 'unsynced']);

export const healthStateSchema = z.enum(['up', 'asleep', 'suspect', 'down', 'unreachable', 'unknown']);

/** One attempt to reach something, as it is shown to people. */
export const attemptSchema = z.object({
  at: instant,
  method: text(16),
  outcome: z.enum(['answered', 'silent', 'unable']),
  detail: text(64),
  rttMs: z.number().nonnegative().optional(),
});

/** Why a verdict was reached: the newest attempts, when each way of looking last succeeded, and the hub's own condition. */
export const evidenceSchema = z.object({
  attempts: z.array(attemptSchema).max(32),
  lastAnswerAt: z.record(text(16), instant),
  hub: z.object({
    link: z.boolean().nullable(),
    gateway: healthStateSchema.nullable(),
    othersAnswering: count,
    eventLoopLagMs: z.number().nonnegative(),
  }),
});

export const deviceSchema = z.object({
  id,
  name: text(128).optional(),
  vendor: text(128).optional(),
  model: text(128).optional(),
  modelNumber: text(128).optional(),
  kind: text(48).optional(),
  firmware: text(128).optional(),
  serial: text(128).optional(),
  /** As people said. */
  room: text(128).optional(),
  /** Whether the house cannot do without it, as people said; nothing where nobody did. */
  critical: z.boolean().optional(),
  ips: z.array(text(45)).max(16),
  macs: z.array(text(17)).max(16),
  seenBy: z.array(text(16)).max(16),
  /** How each statement above is known, and what another source says instead and is nearly as sure of. */
  because: z
    .array(z.object({ fact: text(16), source: text(64), confidence: z.number().min(0).max(1), or: text(128).optional() }))
    .max(8)
    .optional(),
  /** DNS-SD types and SSDP targets that it announces. */
  talks: z.array(text(64)).max(16).optional(),
  /** What would tell what is not known, for a person. */
  hint: text(256).optional(),
  isGateway: z.boolean(),
  firstSeenAt: instant,
  /** The device that it hangs on, as seen from the router, and who says so: people, the ports of a switch, or LLDP. Nothing where nobody told. */
  behind: z.object({ device: id, by: z.enum(['person', 'bridge', 'lldp']) }).optional(),
});

export const deviceStateSchema = z.object({
  device: id,
  state: healthStateSchema,
  since: instant,
  /** One sentence for a person. */
  reason: text(512),
  /** How soon a failure of this device is noticed, as measured for it. */
  detectWithinMs: count,
  /** Why not sooner, where its link takes longer than others: the end of a sentence that begins with the time. */
  detectBecause: text(128).optional(),
  /** After how much more people are asked to act; nothing where its silence is no fault, as of a TV that is switched off. */
  reportAfterMs: count.optional(),
  evidence: evidenceSchema.optional(),
});

/** `atTheLatest`: it was called ended by then, and nobody told the day. */
const endSchema = z.object({ what: text(48), on: partialDate, atTheLatest: z.literal(true).optional() });

/** How near its end a device is, as the hub judges it from the catalogue, from what the device says of itself and from what people said (decision 0016). */
export const verdictSchema = z.object({
  /** In the order of urgency; `check` and `ask-revision` are work for the desk. */
  state: z.enum(['at-risk', 'overdue', 'due', 'plan', 'check', 'ask-revision', 'fine']),
  critical: z.boolean(),
  /** Whether a client may be told, or the desk has to look first. */
  tell: z.enum(['client', 'desk']),
  /** One sentence for a person. */
  why: text(512),
  /** What kind of evidence it rests on, in words: `announced date`. */
  grade: text(32),
  ends: endSchema.optional(),
  toDo: text(512),
  stops: text(400).optional(),
  stays: text(300).optional(),
  source: z.object({ title: text(200), url: text(400).optional(), readOn: text(10).optional() }),
  /** Ids of the facts of the catalogue; none for an age and for what the device says itself. */
  facts: z.array(text(80)).max(8),
  /** All of this device that has ended or ends within five years, the earliest first. */
  timeline: z.array(endSchema).max(12),
  /** Until when somebody plans to replace it. */
  plannedFor: partialDate.optional(),
});

/** Somebody has taken note of an alert and sees to it. */
export const acknowledgementSchema = z.object({
  by: text(64),
  at: instant,
  note: text(256).optional(),
  where: z.enum(['hub', 'desk']),
  /** Until when it will be replaced: until then no further stage of it is told. */
  plannedFor: partialDate.optional(),
});

export const alertSchema = z.object({
  /** `{code}`, `{code}:{device}`, or of what nears its end `{code}:{device}:{track}`: at most one firing alert for a key. */
  key: text(96),
  code: z.enum(ALERT_CODES),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  title: text(160),
  text: text(2048),
  device: id.optional(),
  raisedAt: instant,
  /** From when people should act on it, if it still fires; state is told at once, attention is asked for after a hold. */
  actionableAt: instant,
  /** Its hold is not over: nobody is to act yet, whatever the clock says. The hub tells it again once it is, or when `actionableAt` moves. */
  held: z.literal(true).optional(),
  clearedAt: instant.optional(),
  clearedBecause: text(512).optional(),
  acknowledged: acknowledgementSchema.optional(),
  evidence: evidenceSchema.optional(),
  /** Of what nears its end: so many whole days before `ends` (365, 180, 90, 30, 7) it is told, each once; 0 when it is past. */
  stage: count.max(365).optional(),
  ends: partialDate.optional(),
});

/** A span in which no alert is raised: of one device, or of the whole home where none is named. */
export const silenceSchema = z.object({
  /** By which people at the hub name it. */
  n: count,
  device: id.optional(),
  by: text(64),
  because: text(160).optional(),
  setAt: instant,
  endsAt: instant,
});

/** The newest time in which the desk could not hear the hub, or the hub could not see its house, and why: in the hub's own word, once it is back. */
export const absenceSchema = z.object({
  /** `line-cut`: the hub ran all along. `hub-restarted`: in order; `hub-lost-power`: without a word. */
  why: z.enum(['program-stopped', 'program-crashed', 'hub-restarted', 'hub-lost-power', 'line-cut', 'unknown']),
  /** Of a hub that lost its power: whether its house did too. */
  house: z.enum(['lost-power', 'in-part', 'ran-on', 'unknown']).optional(),
  /** It lasted from after the one to before the other. */
  from: instant,
  to: instant,
  /** For people, with the evidence. */
  text: text(512),
});

export const siteStateSchema = z.object({
  gateway: healthStateSchema,
  internet: healthStateSchema,
  hubLink: z.boolean().nullable(),
  /** Devices of persons are counted, never named. */
  personalDevices: count,
  /** Those that last; nothing where there is none. */
  silences: z.array(silenceSchema).max(16).optional(),
  absence: absenceSchema.optional(),
});

/** The body of an outbox entry by kind. */
export const entryBodySchemas = {
  'device.added': deviceSchema,
  'device.changed': deviceSchema,
  'device.removed': z.object({ device: id, why: text(256) }),
  'device.state': deviceStateSchema,
  /** Without a verdict nothing is known of its end (any more). */
  'device.lifecycle': z.object({ device: id, verdict: verdictSchema.optional() }),
  'alert.raised': alertSchema,
  'alert.updated': alertSchema,
  'alert.cleared': alertSchema,
  'site.state': siteStateSchema,
  /** Entries that the hub had to drop, so that a hole is known and counted. */
  gap: z.object({ class: text(32), from: count, to: count, count }),
  /** The whole present state in parts; after the last part the desk forgets devices and alerts that no part named. */
  snapshot: z.object({
    snapshot: id,
    part: count.max(255),
    parts: z.number().int().positive().max(256),
    site: siteStateSchema,
    devices: z.array(z.object({ device: deviceSchema, state: deviceStateSchema, lifecycle: verdictSchema.optional() })).max(64),
    alerts: z.array(alertSchema).max(64),
  }),
} as const;

export type EntryKind = keyof typeof entryBodySchemas;
export type EntryBody<K extends EntryKind> = z.infer<(typeof entryBodySchemas)[K]>;

/**
 * One entry of the ordered stream (`up/ev`). `(ses, pos)` is its place, stamped at commit and never changed; `id` is random and tells
 * duplicates; `start` names the process start whose `mono` clock the entry was timed with (an entry made before the first grant of a
 * start still carries the session of the start before, so `ses` alone cannot say which clock).
 */
export const envelopeSchema = z.object({
  v: z.literal(1),
  id,
  start: id,
  ses: session,
  pos: position,
  ts: instant,
  mono,
  clk: clockQualitySchema,
  k: z.string().max(48),
  d: z.unknown(),
});

/** Presence (`up/status`): birth after each connect, goodbye before a planned stop, and the last will. */
export const statusSchema = z.discriminatedUnion('s', [
  z.object({
    v: z.literal(1),
    s: z.literal('online'),
    /** Names this connection; a will of an earlier one is ignored. */
    sid: id,
    start: id,
    ver: text(32),
    ts: instant,
    mono,
    clk: clockQualitySchema,
    heartbeatS: z.number().int().min(1).max(3600),
    /** What its newest entries carry, of this start or an earlier one: a number that is granted must be greater, whatever the desk still knows of it. */
    ses: session.optional(),
    caps: z.array(text(32)).max(32),
    siteName: text(128).optional(),
    tz: text(64).optional(),
  }),
  z.object({ v: z.literal(1), s: z.literal('offline'), sid: id, why: z.enum(['will', 'shutdown', 'update', 'moved']) }),
]);

/** Heartbeat (`up/hb`). */
export const heartbeatSchema = z.object({
  v: z.literal(1),
  sid: id,
  start: id,
  ses: session,
  n: count,
  ts: instant,
  mono,
  devices: z.object({ up: count, suspect: count, down: count, unknown: count, asleep: count, unreachable: count, personal: count }),
  /** `acked`: positions in this session, of each run of the desk that is over some of those that it acknowledged last, and the greatest. Where it does not have one, its database is an older copy. */
  outbox: z.object({ waiting: count, oldestAgeS: count, acked: z.array(position).max(8).optional() }),
});

/** Session grant (`dn/grant`): the desk's number for one process start, and the desk's time. `since`: when the desk was started. */
export const grantSchema = z.object({ v: z.literal(1), start: id, ses: session.positive(), time: instant, since: instant.optional() });

/**
 * Acknowledgement (`dn/ack`): the desk has committed these entries; only this lets the hub forget them. They are in the order in which the desk first had them; `arrival` is its own
 * number of the last. What was lost with a database is what came last, which an entry that is only named again is not.
 */
export const ackSchema = z.object({
  v: z.literal(1),
  ids: z.array(id).max(256),
  arrival: count.optional(),
  time: instant,
  since: instant.optional(),
});

/** What the desk has to tell a hub (`dn/cmd`), sent again until an entry of the hub shows that it knows. A hub drops kinds it does not know. */
export const commandSchema = z.discriminatedUnion('k', [
  z.object({
    v: z.literal(1),
    k: z.literal('alert.acknowledge'),
    /** The occurrence by its key and the hub's own instant of raising; `at` is the desk's. */
    d: z.object({
      key: text(96),
      raisedAt: instant,
      by: text(64),
      at: instant,
      note: text(256).optional(),
      plannedFor: partialDate.optional(),
    }),
  }),
  /** What nears its end and fires at the desk, as it was told, where a hub with an old memory does not name it any more. `acknowledged.at` is the desk's. */
  z.object({
    v: z.literal(1),
    k: z.literal('alert.remember'),
    d: alertSchema.omit({ evidence: true, clearedAt: true, clearedBecause: true }).required({ device: true, stage: true }),
  }),
]);

export type HealthState = z.infer<typeof healthStateSchema>;
export type ClockQuality = z.infer<typeof clockQualitySchema>;
export type Attempt = z.infer<typeof attemptSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type DeviceMessage = z.infer<typeof deviceSchema>;
export type DeviceStateMessage = z.infer<typeof deviceStateSchema>;
export type VerdictMessage = z.infer<typeof verdictSchema>;
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
export type AlertMessage = z.infer<typeof alertSchema>;
/** What nears its end, as its hub told it. */
export type RememberedAlert = AlertMessage & Required<Pick<AlertMessage, 'device' | 'stage'>>;
export type SilenceMessage = z.infer<typeof silenceSchema>;
export type AbsenceMessage = z.infer<typeof absenceSchema>;
export type SiteStateMessage = z.infer<typeof siteStateSchema>;
export type SnapshotMessage = EntryBody<'snapshot'>;
export type Envelope = z.infer<typeof envelopeSchema>;
export type StatusMessage = z.infer<typeof statusSchema>;
export type HeartbeatMessage = z.infer<typeof heartbeatSchema>;
export type GrantMessage = z.infer<typeof grantSchema>;
export type AckMessage = z.infer<typeof ackSchema>;
export type CommandMessage = z.infer<typeof commandSchema>;
