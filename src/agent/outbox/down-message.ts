/** Reads what comes down from the desk. Whatever is not exactly for this hub is refused with a word, never acted on. */
import type { z } from 'zod';
import type { WireMessage } from '../../base/mqtt.ts';
import { cleanText } from '../../base/text.ts';
import { type AckMessage, ackSchema, type CommandMessage, commandSchema, type GrantMessage, grantSchema } from '../../protocol/messages.ts';
import { downTopic } from '../../protocol/topics.ts';

export type DownMessage =
  | { readonly kind: 'grant'; readonly grant: GrantMessage }
  | { readonly kind: 'ack'; readonly ack: AckMessage }
  | { readonly kind: 'command'; readonly command: CommandMessage }
  | { readonly kind: 'refused'; readonly why: RefusalReason };

/** `over`: it is about an alert that does not fire (any more). */
export type RefusalReason = 'retained' | 'oversize' | 'foreign' | 'malformed' | 'other-start' | 'over';

/** An acknowledgement of 256 ids takes 7.5 KiB. */
const SIZE_LIMIT = 16 * 1024;

export function readDownMessage(site: string, start: string, message: WireMessage): DownMessage {
  // The desk never retains: a retained message is old, or was planted.
  if (message.retained) return refused('retained');
  if (message.payload.byteLength > SIZE_LIMIT) return refused('oversize');
  if (message.topic === downTopic(site, 'ack')) return readAck(message.payload);
  if (message.topic === downTopic(site, 'cmd')) return readCommand(message.payload);
  return message.topic === downTopic(site, 'grant') ? readGrant(start, message.payload) : refused('foreign');
}

function readAck(payload: Uint8Array): DownMessage {
  const ack = parse(ackSchema, payload);
  return ack ? { kind: 'ack', ack } : refused('malformed');
}

function readGrant(start: string, payload: Uint8Array): DownMessage {
  const grant = parse(grantSchema, payload);
  if (!grant) return refused('malformed');
  return grant.start === start ? { kind: 'grant', grant } : refused('other-start');
}

/** What people wrote is shown to people, and the broker may be anybody's: it is cleaned like all text from outside. */
function readCommand(payload: Uint8Array): DownMessage {
  const command = parse(commandSchema, payload);
  const by = cleanText(command?.d.by);
  if (command === undefined || by === undefined) return refused('malformed');
  const { note, ...d } = command.d;
  const words = cleanText(note, 256);
  return { kind: 'command', command: { ...command, d: { ...d, by, ...(words === undefined ? {} : { note: words }) } } };
}

function refused(why: RefusalReason): DownMessage {
  return { kind: 'refused', why };
}

function parse<T>(schema: z.ZodType<T>, payload: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
