/**
 * One wire message into a value: what a hub says, or why it could not be read. Never throws. Text is cleaned again here: the hub did it
 * already, but the desk shows to people what hubs send and trusts none of them.
 */
import { z } from 'zod';
import type { WireMessage } from '../../base/mqtt.ts';
import { cleanText } from '../../base/text.ts';
import {
  type EntryBody,
  type EntryKind,
  type Envelope,
  entryBodySchemas,
  envelopeSchema,
  type HeartbeatMessage,
  heartbeatSchema,
  type StatusMessage,
  statusSchema,
} from '../../protocol/messages.ts';
import { parseUpTopic } from '../../protocol/topics.ts';

export const MAX_PAYLOAD_BYTES = 256 * 1024;
const MAX_TEXT = 2048;
const SAMPLE_BYTES = 512;

export type EntryContent = { [K in EntryKind]: { readonly k: K; readonly d: EntryBody<K> } }[EntryKind];

export type Malformed = {
  readonly kind: 'malformed';
  readonly site?: string;
  readonly topic: string;
  readonly reason: string;
  readonly sample: string;
  readonly bytes: number;
};

/** `content` is absent for a kind of a later version, and for a body that breaks its schema (then `problem` says how). */
export type Entry = {
  readonly kind: 'entry';
  readonly site: string;
  readonly envelope: Envelope;
  readonly content?: EntryContent;
  readonly problem?: Malformed;
};

export type Inbound =
  | { readonly kind: 'status'; readonly site: string; readonly message: StatusMessage; readonly retained: boolean }
  | { readonly kind: 'heartbeat'; readonly site: string; readonly message: HeartbeatMessage }
  | Entry
  | Malformed;

export function decode(message: WireMessage): Inbound {
  const topic = parseUpTopic(message.topic);
  const refuse = (reason: string): Malformed => malformed(message, topic?.site, reason);
  if (topic === undefined) return refuse('not a topic of this contract');
  if (message.payload.byteLength > MAX_PAYLOAD_BYTES) return refuse(`larger than ${MAX_PAYLOAD_BYTES} bytes`);
  const json = parseJson(message.payload);
  if (json === undefined) return refuse('not JSON');
  if (topic.channel === 'ev') return decodeEntry(topic.site, json, refuse);
  const parsed = (topic.channel === 'status' ? statusSchema : heartbeatSchema).safeParse(json);
  if (!parsed.success) return refuse(problemOf(parsed.error));
  return 's' in parsed.data
    ? { kind: 'status', site: topic.site, message: parsed.data, retained: message.retained }
    : { kind: 'heartbeat', site: topic.site, message: parsed.data };
}

function decodeEntry(site: string, json: unknown, refuse: (reason: string) => Malformed): Entry | Malformed {
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return refuse(problemOf(envelope.error));
  const kind = envelope.data.k;
  if (!Object.hasOwn(entryBodySchemas, kind)) return { kind: 'entry', site, envelope: envelope.data };
  const body = entryBodySchemas[kind as EntryKind].safeParse(envelope.data.d);
  if (!body.success) return { kind: 'entry', site, envelope: envelope.data, problem: refuse(`${kind}: ${problemOf(body.error)}`) };
  return { kind: 'entry', site, envelope: envelope.data, content: { k: kind, d: body.data } as EntryContent };
}

/** Without any of this no string in a text needs to be cleaned: not printable ASCII, an escape, a space at the end of a string or beside another one. */
const DOUBTFUL = /[^ -~]|\\|" | "| {2}/;
/** The same of one string, which is read already. */
const UNCLEAN = /[^ -~]|^ | $| {2}/;

const decoder = new TextDecoder('utf-8', { fatal: true });

function parseJson(payload: Uint8Array): unknown {
  try {
    const text = decoder.decode(payload);
    const json: unknown = JSON.parse(text);
    // What hubs send all day: looking at each string would take five times as long.
    return text.length <= MAX_TEXT && !DOUBTFUL.test(text) ? json : cleaned(json);
  } catch {
    return undefined;
  }
}

/** With every text in it clean, in place: nobody else has it yet. Names are compared with those of the contract. */
function cleaned(json: unknown): unknown {
  if (typeof json === 'string') return json.length <= MAX_TEXT && !UNCLEAN.test(json) ? json : (cleanText(json, MAX_TEXT) ?? '');
  if (typeof json !== 'object' || json === null) return json;
  const fields = json as Record<string, unknown>;
  for (const name of Object.keys(fields)) fields[name] = cleaned(fields[name]);
  return json;
}

function problemOf(error: z.ZodError): string {
  return z.prettifyError(error).replace(/\s+/g, ' ').slice(0, 200);
}

function malformed(message: WireMessage, site: string | undefined, reason: string): Malformed {
  const sample = cleanText(Buffer.from(message.payload.subarray(0, SAMPLE_BYTES)).toString('utf8'), SAMPLE_BYTES) ?? '';
  return { kind: 'malformed', site, topic: cleanText(message.topic, 200) ?? '', reason, sample, bytes: message.payload.byteLength };
}
