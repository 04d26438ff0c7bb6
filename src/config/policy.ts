/** The settings section `policy`: what an integrator may turn of when people are told of what. Its shape and its standard are in agent/policy.ts. */
import { z } from 'zod';
import { type DeviceKind, isDeviceKind, kindTraits } from '../agent/inventory/kinds.ts';
import { KINDS_OF_THE_HOUSE, type KindPolicy, MAY_BE_UNTOLD, makesLess, type Policy } from '../agent/policy.ts';
import { parseDuration } from '../base/duration.ts';

const DAY_MS = 86_400_000;
const GUARDS = 'left as it is, but for hold and silence: fault, for a kind that guards lives';

const time = (leastMs: number, mostMs: number, words: string) =>
  z.string().refine((text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= leastMs && ms <= mostMs;
  }, words);
const hold = time(0, DAY_MS, 'a time such as 90s, 5min or 2h, at most 24h');

const kindSchema = z.strictObject({
  silence: z.enum(['fault', 'habit']).optional(),
  hold: hold.optional(),
  worth: z.enum(['core', 'usual']).optional(),
  told: z.boolean().optional(),
});

export const policySchema = z
  .strictObject({
    hold: z
      .strictObject({
        wired: hold.default('2min').describe('A device on a wire.'),
        wifi: hold.default('5min').describe('A device on Wi-Fi, or where nothing tells its link.'),
        gateway: hold.default('2min').describe('The router.'),
        internet: hold.default('1min').describe('The internet, while the router answers.'),
        names: hold.default('2min').describe('The name servers, while the internet answers.'),
        service: hold.default('2min').describe('What a device is there for, while it answers itself.'),
        degraded: hold.default('15min').describe('A device that answers worse than it used to.'),
        hub: hold.default('5min').describe('The hub itself, when it cannot judge its home.'),
      })
      .prefault({})
      .describe('How long a fault must last before people are asked to act: 90s, 5min, 2h.'),
    confirmations: z
      .int()
      .min(4)
      .max(30)
      .default(6)
      .describe('So many questions in a row at least stay unanswered before a device is down; a bad link asks for more by itself.'),
    unstable: z
      .strictObject({
        falls: z.int().min(2).max(20).default(4).describe('So often.'),
        within: time(300_000, DAY_MS, 'a time such as 30min or 2h, from 5min to 24h').default('30min').describe('Within so long.'),
      })
      .prefault({})
      .describe('What comes and goes is one message.'),
    never: z.array(z.enum(MAY_BE_UNTOLD)).max(MAY_BE_UNTOLD.length).default([]).describe('Messages that are never made.'),
    kinds: z
      .partialRecord(z.enum(KINDS_OF_THE_HOUSE as [DeviceKind, ...DeviceKind[]]), kindSchema)
      // Also said where something else in the section is wrong.
      .superRefine(
        (kinds, context) => {
          for (const [kind, own] of Object.entries(kinds ?? {}))
            if (isGuard(kind) && own && makesLess(own)) context.addIssue({ code: 'custom', path: [kind], message: GUARDS });
        },
        { when: () => true },
      )
      .default({})
      .describe(
        'Kinds of devices that are worth something else in this home: silence (fault or habit), hold, worth (core or usual), told (false: never).',
      ),
  })
  .prefault({})
  .describe('When people are asked to act, and on what. `hearthbeat replay` tries it on the last month.');

const isGuard = (kind: string): boolean => isDeviceKind(kind) && kindTraits(kind).criticality === 'safety';

/** The section as the pipeline takes it. */
export function policyOf({ hold, confirmations, unstable, never, kinds }: z.infer<typeof policySchema>): Policy {
  const ms = (text: string): number => parseDuration(text) ?? 0;
  const ofKinds = Object.entries(kinds).map(([kind, { hold: own, ...rest }]): [DeviceKind, KindPolicy] => [
    kind as DeviceKind,
    { ...rest, ...(own === undefined ? {} : { holdMs: ms(own) }) },
  ]);
  return {
    hold: Object.fromEntries(Object.entries(hold).map(([what, text]) => [what, ms(text)])) as Policy['hold'],
    confirmations,
    unstable: { falls: unstable.falls, withinMs: ms(unstable.within) },
    never: new Set(never),
    kinds: new Map(ofKinds),
  };
}
