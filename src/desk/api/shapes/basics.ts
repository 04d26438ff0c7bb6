/** What answers of the API are made of, in more than one place. The types of the views say the same; that nothing else is answered a test looks at. */
import { z } from 'zod';
import type { AnswerView } from '../../service/service-view.ts';
import type { Between, StateCounts } from '../../views.ts';
import type { Told } from '../call.ts';

type Differs<A, B> = { [K in keyof A | keyof B]-?: K extends keyof A & keyof B ? (IsSame<A[K], B[K]> extends true ? never : K) : K }[
  | keyof A
  | keyof B];

/** To the compiler: no field more, none less, and none optional in one of them only. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * A shape that says of answers what their type does, and nothing else: whoever adds a field to one of them and not to the other is told so by the compiler, with the names of
 * the fields. `exactly<SiteView>()(z.object(...))`.
 */
export function exactly<View>(): <S extends z.ZodType>(
  shape: S &
    (IsSame<Told<z.output<S>>, Told<View>> extends true ? unknown : { readonly differsIn: Differs<Told<z.output<S>>, Told<View>> }),
) => S {
  return (shape) => shape;
}

export const instant = z.number().describe('Unix milliseconds, by the clock of the desk.');
export const count = z.number().int().nonnegative();
export const site = z.string().describe('Id of the home.');

/** Desk time; `from` is missing where nothing was heard before. */
export const between = exactly<Between>()(z.object({ from: instant.optional(), to: instant })).meta({
  id: 'Between',
  description: 'Nobody can say nearer when it was: the clock of the hub was not right. Without `from` nothing was heard before.',
});

export const answerShape = exactly<AnswerView>()(
  z.object({
    openedAt: instant,
    warnAt: instant.optional(),
    dueAt: instant.optional(),
    answeredAt: instant.optional(),
    state: z.enum(['running', 'warned', 'breached', 'answered', 'answered-late']),
  }),
).meta({ id: 'FirstAnswer', description: 'The first answer that is promised, and how that stands.' });

export const stateCounts = exactly<StateCounts>()(
  z.object({ up: count, asleep: count, suspect: count, down: count, unreachable: count, unknown: count }),
);
