/** Homes, their devices and what they are promised, as the API answers them: views.ts, homes.ts, service-view.ts. */
import { z } from 'zod';
import {
  absenceSchema,
  deviceSchema,
  evidenceSchema,
  healthStateSchema,
  silenceSchema,
  verdictSchema,
} from '../../../protocol/messages.ts';
import type { FoundDeviceView } from '../../homes.ts';
import type { Consent } from '../../service/policy.ts';
import type { HomeServiceView } from '../../service/service-view.ts';
import type { DeviceView, SiteView } from '../../views.ts';
import { count, instant, site, stateCounts } from './basics.ts';
import { exactly } from './exactly.ts';

export const evidenceShape = evidenceSchema.meta({
  id: 'Evidence',
  description: 'What a hub saw before it judged. By the clock of the desk.',
});
const verdictShape = verdictSchema.meta({ id: 'Verdict', description: 'How near its end a device is.' });

const presenceShape = z.object({
  phase: z.enum(['never', 'online', 'suspect', 'silent', 'stopped']),
  since: instant,
  lastSeenAt: instant.optional(),
  goodbye: z.string().optional().describe('Why the hub said goodbye, when it did.'),
});

export const siteShape = exactly<SiteView>()(
  z.object({
    id: site,
    name: z.string(),
    presence: presenceShape,
    hubVersion: z.string().optional(),
    timeZone: z.string().optional(),
    counts: stateCounts.describe('Devices by their state. Behind a hub that is not heard all are unknown.'),
    devices: count,
    firing: z
      .object({ total: count, holding: count, acknowledged: count })
      .describe(
        'Faults. `holding`: without those that were told before the hub fell silent; `acknowledged`: of these, those that somebody sees to.',
      ),
    toPlan: z.object({ total: count, acknowledged: count }).describe('Ends that are to be planned for.'),
    personalDevices: count,
    gateway: healthStateSchema,
    internet: healthStateSchema,
    ending: z.object({ atRisk: count, overdue: count, due: count }).describe('Devices near their end.'),
    silences: z.array(silenceSchema),
    absence: absenceSchema.optional(),
  }),
).meta({ id: 'Home' });

const deviceFields = deviceSchema.extend({
  state: healthStateSchema,
  since: instant.optional(),
  reason: z.string().optional().describe('One sentence.'),
  detectWithinMs: z.number().optional(),
  detectBecause: z.string().optional(),
  reportAfterMs: z.number().optional(),
  evidence: evidenceShape.optional(),
  lifecycle: verdictShape.optional(),
  lastKnown: z.object({ state: healthStateSchema, since: instant }).optional().describe('What was known before the hub fell silent.'),
});

export const deviceShape = exactly<DeviceView>()(deviceFields).meta({ id: 'Device' });
export const foundDeviceShape = exactly<FoundDeviceView>()(deviceFields.extend({ site, siteName: z.string() })).meta({ id: 'FoundDevice' });

export const consentShape = exactly<Consent>()(z.object({ by: z.string(), on: z.string(), rate: z.string(), recordedBy: z.string() })).meta(
  {
    id: 'Consent',
    description: 'The client agreed to be billed: who, on which day, at which rate.',
  },
);

export const homeServiceShape = exactly<HomeServiceView>()(
  z.object({
    policy: z.object({ version: z.string(), since: z.string() }),
    plan: z.string(),
    title: z.string(),
    covers: z.string(),
    firstAnswer: z.string(),
    premisesDown: z.string(),
    visit: z.string(),
    unanswered: z.string().describe('Who is asked next while nobody takes or answers a ticket.'),
    questions: z.string(),
    dealer: z.string().optional(),
    dealerIncluded: z.boolean(),
    consent: consentShape.optional(),
    noCalls: z.string(),
    mayCall: z.boolean().describe('Whether the home may be called now, where the house is not down.'),
    noCallsBefore: instant.optional(),
    timeZone: z.string(),
    timeZoneBy: z.enum(['policy', 'hub', 'nobody']),
  }),
).meta({ id: 'HomeService', description: 'What the home is promised, in words.' });
