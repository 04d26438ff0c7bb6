/** All homes of a desk in short, as the API answers them: fleet/fleet.ts. */
import { z } from 'zod';
import type { Choice, FleetHome, Heat } from '../../fleet/fleet.ts';
import { type Counts, type Group, STANDINGS } from '../../fleet/standing.ts';
import { count, instant, site } from './basics.ts';
import { exactly } from './exactly.ts';
import { siteShape } from './homes.ts';

export const standing = z
  .enum(STANDINGS)
  .describe(
    '`burning`: its hub tells of faults. `silent`: its hub should be heard and is not. `unknown`: nobody looks, and nobody expects it.',
  );

const dealer = z.string().optional().describe('The dealer of record, by the service policy.');

export const fleetHomeShape = exactly<FleetHome>()(
  siteShape.extend({
    standing,
    standingSince: instant.optional().describe('Since when it is silent or unknown, or since when the first of its faults.'),
    dealer,
    plan: z.string().optional(),
  }),
).meta({ id: 'FleetHome' });

export const choiceShape = exactly<Choice>()(z.object({ name: z.string().describe('`-` stands for none.'), homes: count })).meta({
  id: 'Choice',
  description: 'What homes can be asked for by, and how many there are.',
});

export const countsShape = exactly<Counts>()(z.object({ burning: count, silent: count, unknown: count, well: count, homes: count })).meta({
  id: 'Standings',
  description: 'How many homes stand how.',
});

export const groupShape = exactly<Group>()(
  z.object({ name: z.string().describe('The dealer; `-` for homes that have none.'), counts: countsShape, faults: count }),
).meta({ id: 'DealerHomes' });

export const heatShape = exactly<Heat>()(
  z.object({
    from: instant,
    to: instant,
    homes: count,
    calls: count.describe('Alerts that called for somebody.'),
    perHome: z.number().optional().describe('In thirty days.'),
    budget: z.number().describe('Of a home in thirty days: more often, and people stop looking at them.'),
    overBudget: count.describe('Homes.'),
    rows: z
      .array(z.object({ site, siteName: z.string(), dealer, calls: count, days: z.array(count).describe('Day by day (UTC).') }))
      .describe('The thirty homes with the most, the most first.'),
    dealers: z.array(choiceShape),
  }),
).meta({ id: 'Heat' });
