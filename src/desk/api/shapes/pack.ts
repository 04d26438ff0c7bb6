/** What a vendor is given of a ticket, as the API answers it: pack/pack.ts. */
import { z } from 'zod';
import { ALERT_CODES } from '../../../protocol/alert-catalogue.ts';
import { alertSchema, healthStateSchema, verdictSchema } from '../../../protocol/messages.ts';
import { ROLES } from '../../access/roles.ts';
import { PACK_FORMAT, type Pack } from '../../pack/pack.ts';
import { OUTCOMES, TICKET_STATES, TIERS } from '../../tickets/ticket.ts';
import { between, count, instant } from './basics.ts';
import { courseShape } from './courses.ts';
import { exactly } from './exactly.ts';
import { evidenceShape, siteShape } from './homes.ts';

const evidence = evidenceShape.optional();

const knownFields = {
  name: z.string().optional(),
  vendor: z.string().optional(),
  model: z.string().optional(),
  kind: z.string().optional(),
};

const alert = z
  .object({
    code: z.enum(ALERT_CODES),
    severity: alertSchema.shape.severity,
    title: z.string(),
    text: z.string(),
    since: instant,
    sinceBetween: between.optional(),
    over: z.object({ at: instant, because: z.string().optional() }).optional().describe('Missing while it fires.'),
    ends: z.string().optional(),
    evidence,
  })
  .meta({ id: 'PackedAlert' });

const { state, tell, why, grade, toDo, timeline, source, ends } = verdictSchema.shape;

const device = z
  .object({
    ...knownFields,
    modelNumber: z.string().optional(),
    serial: z.string().optional(),
    firmware: z.string().optional(),
    isGateway: z.boolean(),
    state: healthStateSchema,
    since: instant.optional(),
    reason: z.string().optional(),
    lastKnown: z.object({ state: healthStateSchema, since: instant }).optional(),
    because: z
      .array(z.object({ fact: z.string(), source: z.string(), confidence: z.number(), or: z.string().optional() }))
      .describe('How each of the above is known.'),
    addresses: z
      .object({ ips: z.array(z.string()), macs: z.array(z.string()) })
      .optional()
      .describe('Only where they were asked for.'),
    lifecycle: z.object({ state, tell, why, grade, toDo, timeline, source, ends }).optional(),
    hangsOn: z
      .array(z.object({ ...knownFields, state: healthStateSchema }))
      .describe('From what it hangs on to the last before the router, as far as anybody told.'),
    evidence,
    course: z
      .object({
        from: instant,
        to: instant,
        totals: courseShape.shape.totals,
        days: courseShape.shape.parts,
        stretches: courseShape.shape.stretches.describe('The newest, the oldest of them first.'),
      })
      .optional()
      .describe('How it did in the last days.'),
  })
  .meta({ id: 'PackedDevice' });

const deed = z
  .object({
    at: instant,
    by: z.enum(['desk', 'program', 'staff', ...ROLES]).describe('Who, by what they are to the desk.'),
    did: z.string(),
    said: z.string().optional(),
  })
  .meta({ id: 'PackedDeed' });

export const packShape = exactly<Pack>()(
  z.object({
    format: z.literal(PACK_FORMAT),
    madeAt: instant,
    hasAddresses: z.boolean().describe('Whether texts and devices are told with their network addresses.'),
    versions: z.object({ hub: z.string().optional(), desk: z.string().optional() }),
    ticket: z.object({
      number: z.number().int(),
      title: z.string(),
      state: z.enum(TICKET_STATES),
      tier: z.enum(TIERS),
      openedAt: instant,
      resolvedAt: instant.optional(),
      outcome: z.enum(OUTCOMES).optional(),
      reopened: count,
    }),
    home: z.object({
      id: z.string(),
      hub: siteShape.shape.presence.shape.phase,
      router: healthStateSchema,
      internet: healthStateSchema,
    }),
    alerts: z.array(alert),
    devices: z.array(device).describe('At most 8.'),
    personalDevices: count.describe("How many devices it is about that could be somebody's own, and are left out."),
    tried: z.array(deed).describe('What people tried, in their order.'),
    timeline: z.array(deed).describe('What else was done, in its order.'),
  }),
).meta({
  id: 'Pack',
  description: 'What is known of a ticket, to be given to a vendor: without names, ways to reach people, and secrets.',
});
