/** Alerts, what is promised about each, and what hubs told, as the API answers them: views.ts, service-view.ts. */
import { z } from 'zod';
import { ALERT_CODES } from '../../../protocol/alert-catalogue.ts';
import { acknowledgementSchema, alertSchema } from '../../../protocol/messages.ts';
import type { Escalation } from '../../service/entitlement.ts';
import type { ServiceView } from '../../service/service-view.ts';
import type { AlertView, EventView } from '../../views.ts';
import { answerShape, between, instant, site } from './basics.ts';
import { exactly } from './exactly.ts';
import { evidenceShape } from './homes.ts';

const escalationShape = exactly<Escalation>()(
  z.union([
    z.object({
      isAllowed: z.literal(true),
      dealer: z.string(),
      rate: z.string().optional(),
      because: z.string(),
      toLog: z.string().optional(),
    }),
    z.object({ isAllowed: z.literal(false), because: z.string() }),
  ]),
);

const serviceShape = exactly<ServiceView>()(
  z.object({
    plan: z.string(),
    title: z.string(),
    covered: z.boolean(),
    because: z.string(),
    premisesDown: z.boolean(),
    firstAnswer: answerShape.optional(),
    visit: z.object({ at: instant, day: z.string(), sameDay: z.boolean() }).optional(),
    noCallsBefore: instant.optional(),
    escalation: escalationShape.describe('Whether the dealer of record may be asked to work on it.'),
    timeZone: z.string(),
  }),
).meta({ id: 'Service', description: 'What is promised about an alert that fires.' });

export const alertShape = exactly<AlertView>()(
  z.object({
    site,
    siteName: z.string(),
    key: z.string().describe('With `site` and `raisedHubAt` it names this occurrence.'),
    code: z.enum(ALERT_CODES),
    severity: alertSchema.shape.severity,
    title: z.string(),
    text: z.string(),
    device: z.string().optional(),
    stage: z.number().int().optional().describe('Of what nears its end: so many days before that it was told last; 0 when past.'),
    ends: z.string().optional().describe('A partial date: 2027, 2027-03 or 2027-03-31.'),
    raisedAt: instant,
    raisedHubAt: z.number().describe('By the clock of the hub.'),
    actionableAt: instant.describe('From when on people are asked to act.'),
    held: z.boolean(),
    clearedAt: instant.optional(),
    clearedBecause: z.string().optional(),
    acknowledged: acknowledgementSchema.extend({ untold: z.boolean() }).optional(),
    evidence: evidenceShape.optional(),
    raisedBy: z.enum(['hub', 'desk']),
    receivedAt: instant,
    late: z.boolean(),
    raisedBetween: between.optional(),
    stale: z.boolean().describe('Told before the hub fell silent: nobody knows whether it still holds.'),
    ticket: z.number().int().optional(),
    incident: z.number().int().optional(),
    service: serviceShape.optional(),
  }),
).meta({ id: 'Alert' });

export const eventShape = exactly<EventView>()(
  z.object({
    seq: z.number().int().describe('In the order of arrival.'),
    site,
    id: z.string(),
    ses: z.number().int(),
    pos: z.number().int(),
    kind: z.string(),
    body: z.unknown().describe('As the hub told it; its fields are those of `kind`. Text where it was too long to keep whole.'),
    occurredAt: instant,
    occurredBy: z.string(),
    hubAt: z.number().describe('By the clock of the hub.'),
    receivedAt: instant,
    late: z.boolean(),
    occurredBetween: between.optional(),
  }),
).meta({ id: 'Event' });
