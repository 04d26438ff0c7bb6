/** How a device did, as the API answers it: courses/course.ts. */
import { z } from 'zod';
import { healthStateSchema } from '../../../protocol/messages.ts';
import type { Course, Totals } from '../../courses/course.ts';
import { count, instant } from './basics.ts';
import { exactly } from './exactly.ts';

const ms = z.number().describe('Milliseconds.');
const state = z.enum([...healthStateSchema.options, 'untold']).describe('`untold`: before the desk had heard of it.');

const totalsShape = exactly<Totals>()(
  z.object({
    up: ms,
    asleep: ms,
    suspect: ms,
    down: ms,
    unreachable: ms,
    unknown: ms,
    untold: ms,
    outages: count.describe('How often it went down.'),
    share: z.number().optional().describe('Up or asleep, of the time in which that is known; none where nothing is.'),
  }),
).meta({ id: 'CourseTotals' });

export const courseShape = exactly<Course>()(
  z.object({
    from: instant,
    to: instant,
    stretches: z.array(z.object({ from: instant, to: instant, state })).describe('Without a hole, the oldest first.'),
    totals: totalsShape,
    parts: z
      .array(z.object({ from: instant, to: instant, totals: totalsShape, medianMs: z.number().optional() }))
      .describe('In equal parts, the last up to now.'),
    roundTrips: z.array(z.object({ at: instant, ms })).describe('How long answers took, as told with each change.'),
    isCut: z.boolean().describe('It changed more often than is kept: the beginning is left out.'),
  }),
).meta({ id: 'Course', description: 'How a device did. What nobody saw is unknown, never down.' });
