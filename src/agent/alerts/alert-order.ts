/** What people decide about alerts, here or at the desk: as a value, and read from outside the process by a closed schema. How it is obeyed: obey-alert-order.ts. */
import { z } from 'zod';
import { ID_PATTERN } from '../../base/ids.ts';
import { cleanText } from '../../base/text.ts';
import { type Acknowledgement, acknowledgementSchema, type RememberedAlert } from '../../protocol/messages.ts';
import type { Refused } from '../inventory/order.ts';
import { LONGEST_SILENCE_MS } from './silences.ts';

export type AlertOrder =
  /** Without a device: the whole house. */
  | {
      readonly do: 'silence';
      readonly device?: string | undefined;
      readonly forMs: number;
      readonly by: string;
      readonly because?: string | undefined;
    }
  /** `n` as the list of silences shows it. */
  | { readonly do: 'end-silence'; readonly n: number }
  /** One occurrence of an alert, by its key and when it was raised. */
  | { readonly do: 'acknowledge'; readonly key: string; readonly raisedAt: number; readonly acknowledged: Acknowledgement }
  /** The desk knows that this fires, a hub with an old memory does not. From the desk only. */
  | { readonly do: 'remember'; readonly alert: RememberedAlert };

/** `until` (Unix milliseconds): when what was done ends by itself. */
export type AlertAnswer = { readonly done: string; readonly until?: number } | Refused;

export const MOST_OF_A_NAME = 64;
export const MOST_OF_A_REASON = 160;
export const MOST_OF_A_NOTE = 256;

/** Clean words, at most so many letters; refused where nothing is left. */
const words = (limit: number) => z.preprocess((text) => cleanText(text, limit), z.string());

const schema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('silence'),
    device: z.string().regex(ID_PATTERN).optional(),
    forMs: z.number().int().positive().max(LONGEST_SILENCE_MS),
    by: words(MOST_OF_A_NAME),
    because: words(MOST_OF_A_REASON).optional(),
  }),
  z.strictObject({ do: z.literal('end-silence'), n: z.number().int().positive() }),
  z.strictObject({
    do: z.literal('acknowledge'),
    key: z.string().max(96),
    raisedAt: z.number().int(),
    acknowledged: acknowledgementSchema.extend({ by: words(MOST_OF_A_NAME), note: words(MOST_OF_A_NOTE).optional() }),
  }),
]);

/** The order in a message, or why it is none. */
export function readAlertOrder(message: unknown): AlertOrder | Refused {
  return (
    schema.safeParse(message).data ?? {
      problem: 'That is no order this agent knows.',
      fix: 'Use the hearthbeat command of the same version.',
    }
  );
}
