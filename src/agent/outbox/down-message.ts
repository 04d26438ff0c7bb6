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

/** `over`: it is about an alert that does not fire (any more). `too-many`: there were more commands than a home can need. */
export type RefusalReason = 'retained' | 'oversize' | 'foreign' | 'malformed' | 'other-start' | 'over' | 'too-many';

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
  const clean = command && (command.k === 'alert.remember' ? cleanAlert(command) : cleanWords(command));
  return clean ? { kind: 'command', command: clean } : refused('malformed');
}

type Command<K extends CommandMessage['k']> = Extract<CommandMessage, { readonly k: K }>;

function cleanWords(command: Command<'alert.acknowledge'>): CommandMessage | undefined {
  const said = cleanSaid(command.d);
  return said && { ...command, d: said };
}

function cleanAlert(command: Command<'alert.remember'>): CommandMessage | undefined {
  // What nears its end has no hold.
  const { acknowledged, held: _, ...alert } = command.d;
  const [title, text] = [cleanText(alert.title, 160), cleanText(alert.text, 2_048)];
  const said = acknowledged && cleanSaid(acknowledged);
  const isKeyClean = alert.key === cleanText(alert.key);
  if (!isKeyClean || title === undefined || text === undefined || (acknowledged && !said)) return undefined;
  return { ...command, d: { ...alert, title, text, ...(said ? { acknowledged: said } : {}) } };
}

/** Undefined where nobody said it. */
function cleanSaid<T extends { readonly by: string; readonly note?: string | undefined }>({ by: name, note, ...said }: T) {
  const [by, words] = [cleanText(name), cleanText(note, 256)];
  return by === undefined ? undefined : { ...said, by, ...(words === undefined ? {} : { note: words }) };
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
