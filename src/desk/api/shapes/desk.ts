/** The desk itself, its people, programs and playbooks, as the API answers them: status.ts, people.ts, tokens.ts, playbooks/, changes.ts. */
import { z } from 'zod';
import type { LinkState } from '../../../base/mqtt.ts';
import { ALERT_CODES } from '../../../protocol/alert-catalogue.ts';
import type { PersonView } from '../../access/people.ts';
import { PERMISSIONS, type Reach, ROLES, SCOPES } from '../../access/roles.ts';
import type { TokenView } from '../../access/tokens.ts';
import type { Change } from '../../changes.ts';
import type { ReceiverStatus } from '../../notices/notices.ts';
import type { PlaybookProblem } from '../../playbooks/library.ts';
import { PARTS, type PartName, type Playbook } from '../../playbooks/playbook.ts';
import type { DeskStatus, IngestCounts } from '../../status.ts';
import { count, instant, site } from './basics.ts';
import { exactly } from './exactly.ts';

const linkShape = exactly<LinkState>()(
  z.object({
    connected: z.boolean(),
    isUndated: z.boolean().optional(),
    problem: z.string().optional(),
    code: z.enum(['HB_BROKER_UNREACHABLE', 'HB_BROKER_REFUSED']).optional(),
    remoteAddress: z.string().optional(),
  }),
);

const countsShape = exactly<IngestCounts>()(
  z.object({
    received: count,
    entries: count,
    duplicates: count,
    malformed: count,
    unknownSites: count,
    overLimit: count,
    dropped: count,
    failedBatches: count,
  }),
);

export const receiverShape = exactly<ReceiverStatus>()(
  z.object({
    name: z.string(),
    kind: z.string(),
    waiting: count,
    sent: count,
    refused: count,
    expired: count,
    failingSince: instant.optional(),
    lastAnswer: z.string().optional(),
  }),
);

export const statusShape = exactly<Omit<DeskStatus, 'counts'> & Partial<Pick<DeskStatus, 'counts'>>>()(
  z.object({
    link: linkShape.describe('The connection to the broker; while it is down the desk is deaf, and what it shows is old.'),
    settled: z.boolean().describe('False while hubs still have time to come back after the desk began to listen.'),
    problem: z.string().optional().describe('Why the desk cannot store now.'),
    counts: countsShape.optional().describe('Messages since the start, for who works for the desk.'),
    receivers: z.array(receiverShape).optional(),
  }),
).meta({ id: 'Status' });

const permission = z.enum(PERMISSIONS);
const role = z.enum(ROLES);

export const meShape = z
  .object({
    kind: z.enum(['local', 'person', 'token']).describe('`local`: the desk has no accounts, and whoever is at its machine is the desk.'),
    name: z.string().optional(),
    role,
    may: z.array(permission),
    sees: z.enum(['all', 'some']),
  })
  .meta({ id: 'Me' });

export const reachShape = exactly<Reach>()(
  z.union([z.literal('all'), z.object({ dealers: z.array(z.string()), sites: z.array(z.string()) })]),
).meta({
  id: 'Reach',
  description: 'Which homes: all, those of which the policy names one of these dealers of record, and those named here.',
});

export const personShape = exactly<PersonView>()(
  z.object({
    id: z.string(),
    signInName: z.string(),
    fullName: z.string(),
    role,
    reach: reachShape,
    state: z.enum(['active', 'waiting', 'ended', 'disabled']).describe('`waiting`: has no password yet.'),
    createdAt: instant,
    endsAt: instant.optional(),
    invitedUntil: instant.optional(),
    signIns: count,
    passkeys: count,
    isLinked: z.boolean().describe('With somebody at the provider of the house.'),
    seenAt: instant.optional(),
  }),
).meta({ id: 'Person' });

export const tokenShape = exactly<TokenView>()(
  z.object({
    id: z.string(),
    title: z.string(),
    role,
    reach: reachShape,
    madeBy: z.string(),
    person: z.string().optional().describe('Whose own it is.'),
    scopes: z.array(z.enum(SCOPES)).optional().describe('What it is limited to, of what he may.'),
    createdAt: instant,
    endsAt: instant,
    usedAt: instant.optional(),
  }),
).meta({ id: 'Token', description: 'Of the token itself only its hash is kept.' });

const tier = z.enum(['basic', 'advanced']);
const from = z.enum(['hearthbeat', 'own']).describe('Whose it is.');
const read = z.string().describe('The day on which somebody last held it against its sources.');

export const listedPlaybookShape = exactly<Omit<Playbook, 'means' | 'parts' | 'sources'>>()(
  z.object({
    name: z.string(),
    from,
    title: z.string(),
    alerts: z.array(z.enum(ALERT_CODES)).describe('None: for whatever alert.'),
    kinds: z.array(z.string()).describe('None: for whatever kind of device.'),
    tier,
    read,
  }),
).meta({ id: 'ListedPlaybook' });

export const playbookProblemShape = exactly<PlaybookProblem>()(z.object({ file: z.string(), line: z.number().int(), message: z.string() }));

export const playbookShape = z
  .object({
    name: z.string(),
    from,
    title: z.string(),
    tier,
    read,
    sources: z.array(z.object({ title: z.string(), url: z.string().optional() })),
    means: z.string(),
    parts: z.array(
      z.object({
        name: z.enum(Object.keys(PARTS) as [PartName, ...PartName[]]),
        steps: z.array(z.object({ text: z.string(), under: z.array(z.string()).optional() })),
      }),
    ),
  })
  .meta({ id: 'Playbook', description: 'With the facts of its alert filled in, where it is for one.' });

export const changeShape = exactly<Change>()(
  z.object({
    sites: z.array(site).describe('Where something changed. None: the desk itself, or more homes than are named.'),
    trouble: z.literal(true).optional().describe('What is wrong there may have changed, and not only how devices are.'),
  }),
).meta({ id: 'Change' });
