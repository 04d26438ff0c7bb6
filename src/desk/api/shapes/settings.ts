/** How a desk is set up, as the API answers it: settings/settings-view.ts. */
import { z } from 'zod';
import type { SettingsView } from '../../settings/settings-view.ts';
import { count, instant } from './basics.ts';
import { playbookProblemShape, receiverShape } from './desk.ts';
import { exactly } from './exactly.ts';

const policyVersion = z.object({
  version: z.string(),
  since: z.string(),
  heldFrom: instant,
  file: z.string().optional(),
  changedAt: instant.optional(),
  changedBy: z.string().optional(),
  changes: z.array(z.string()).optional().describe('In words, of the one before; none where that is not known.'),
});

const about = z.object({
  version: z.string().optional(),
  settingsFile: z.string().optional(),
  noticesFile: z.string().optional(),
  playbooksFolder: z.string().optional(),
  url: z.string().optional().describe('Where people reach the page.'),
  hasAccounts: z.boolean(),
  hasOwnBroker: z.boolean(),
});

export const settingsShape = exactly<SettingsView>()(
  z.object({
    troubles: z
      .array(z.object({ what: z.string(), toDo: z.string(), isNote: z.literal(true).optional() }))
      .describe('What is wrong, or will be. `isNote`: nothing is wrong, somebody should know.'),
    policies: z.array(policyVersion).describe('Of service, the newest first.'),
    holdsPolicy: z.boolean().describe('The first of them holds; if not, the desk runs without one.'),
    receivers: z.array(receiverShape).optional(),
    historyDays: count,
    database: z.object({ engine: z.string(), place: z.string(), bytes: count }).optional(),
    about,
    certificate: z.object({ file: z.string(), endsAt: instant.optional(), trouble: z.string().optional() }).optional(),
    hubs: z.array(z.object({ version: z.string().nullable(), homes: count })).describe('How many homes have a hub of which version.'),
    playbookProblems: z.array(playbookProblemShape),
  }),
).meta({ id: 'Settings', description: 'Nothing secret is in it.' });
