/** What answers of the API are made of, in more than one place. */
import { z } from 'zod';
import type { AnswerView } from '../../service/service-view.ts';
import type { Between, StateCounts } from '../../views.ts';
import { exactly } from './exactly.ts';

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
