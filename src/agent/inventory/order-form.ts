/** Orders as they come in from outside the process: read by a closed schema, and refused with words that help. */
import { z } from 'zod';
import { ID_PATTERN } from '../../base/ids.ts';
import { isPartialDate } from '../../base/partial-date.ts';
import { cleanText } from '../../base/text.ts';
import { CORRECTABLE, type Correctable } from './device.ts';
import { DEVICE_KINDS, isDeviceKind } from './kinds.ts';
import type { Order, Refused } from './order.ts';

const id = z.string().regex(ID_PATTERN);
const word = z.string().min(1).max(160);

const schema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('set'), device: id, set: z.partialRecord(z.enum(CORRECTABLE), word.nullable()) }),
  z.strictObject({ do: z.literal('merge'), one: id, other: id }),
  z.strictObject({ do: z.literal('split'), device: id, identifiers: z.array(word).min(1).max(24) }),
  z.strictObject({ do: z.literal('undo'), row: z.number().int().positive() }),
]);

const MOST_TEXT = 128;

/** The order in a message, or why it is none. */
export function readOrder(message: unknown): Order | Refused {
  const read = schema.safeParse(message);
  if (!read.success) return { problem: 'That is no order this agent knows.', fix: 'Use the hearthbeat command of the same version.' };
  const order = read.data;
  if (order.do !== 'set') return order;
  const set: Partial<Record<Correctable, string | null>> = {};
  for (const [field, text] of Object.entries(order.set) as [Correctable, string | null][]) {
    const value = text === null ? null : correctValue(field, text);
    if (value !== null && typeof value === 'object') return value;
    set[field] = value;
  }
  if (Object.keys(set).length === 0) return { problem: 'Nothing is to be set.', fix: `Name one of: ${CORRECTABLE.join(', ')}.` };
  return { ...order, set };
}

/** The value in the one form that is kept, or why it is none. */
export function correctValue(field: Correctable, text: string): string | Refused {
  const value = cleanText(text, MOST_TEXT);
  if (value === undefined) return { problem: `The ${field} is empty.`, fix: `Take back what was said of it with: ${field}=unset` };
  if (field === 'kind') {
    const kind = value.toLowerCase().replaceAll(' ', '-');
    return isDeviceKind(kind)
      ? kind
      : { problem: `There is no kind "${value}".`, fix: `Kinds are: ${Object.keys(DEVICE_KINDS).join(', ')}.` };
  }
  if (field === 'behind' && !ID_PATTERN.test(value))
    return { problem: `"${value}" is no device.`, fix: 'Use the hearthbeat command of the same version.' };
  if ((field === 'installed' || field === 'warranty-until') && !isPartialDate(value))
    return {
      problem: `"${value}" is no date.`,
      fix: `Say ${field}=2019, ${field}=2019-05 or ${field}=2019-05-31: as exactly as you know it.`,
    };
  if (field !== 'critical' && field !== 'personal') return value;
  const answer = value.toLowerCase();
  return answer === 'yes' || answer === 'no'
    ? answer
    : { problem: `${field} is yes or no, not "${value}".`, fix: `Say ${field}=yes or ${field}=no.` };
}
