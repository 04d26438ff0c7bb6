/** What a file of notices may say: who is told of tickets outside the desk's page, where, when and how much. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';
import { ID_PATTERN } from '../base/ids.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { ROLES } from '../desk/access/roles.ts';
import { NOTICE_CHANGES } from '../desk/notices/notice.ts';
import { DETAILS, RECEIVER_KINDS } from '../desk/notices/policy.ts';
import { PAGERDUTY_URL } from '../desk/notices/receivers/pagerduty.ts';
import { SERVICE_PATTERN } from '../desk/push/endpoint.ts';
import { TIERS } from '../desk/tickets/ticket.ts';
import { spanSchema } from './service-schema.ts';

const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
/** What people are told of where a route does not say: not that somebody sees to it, nor that others are asked, but where it names these. */
export const USUAL_CHANGES = NOTICE_CHANGES.filter((change) => change !== 'taken' && change !== 'passed-on');
export const CHANGES_FOR_ASKED = NOTICE_CHANGES.filter((change) => change !== 'taken');
const LONGEST_GATHER_MS = 300_000;
const STANDARD_MOST = 20;

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a name of small letters, digits and -, such as on-call');
const words = z.string().trim().min(1).max(128);
const zone = z.string().max(64).refine(isTimeZone, 'a time zone such as America/New_York');
const address = z.string().regex(/^[^\s<>,;:"@]{1,64}@[A-Za-z0-9.-]{1,255}$/, 'an e-mail address such as desk@example.com');
const sender = z
  .string()
  .regex(
    /^([^<>\r\n",;:@]{1,64} <[^\s<>,;:"@]{1,64}@[A-Za-z0-9.-]{1,255}>|[^\s<>,;:"@]{1,64}@[A-Za-z0-9.-]{1,255})$/,
    'an address such as desk@example.com or Desk <desk@example.com>',
  );

/** Nobody between sees it. */
const guarded = z
  .string()
  .max(2048)
  .refine((text) => isUrl(text) && (text.startsWith('https:') || isHere(text)), 'an https:// address');
/** What is sent there is signed or no secret. */
const open = z.string().max(2048).refine(isUrl, 'an http:// or https:// address');

function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' && hash === '';
}

/** On this machine. */
export function isHere(text: string): boolean {
  const host = new URL(text).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const secretFile = (what: string) => z.string().min(1).optional().describe(`File that holds ${what}, readable for the desk only.`);
const secretEnv = (what: string) =>
  z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]{0,127}$/, 'the name of an environment variable such as SLACK_URL')
    .optional()
    .describe(`Environment variable that holds ${what}.`);
const secretOf = (what: string) => ({ secretFile: secretFile(what), secretEnv: secretEnv(what) });

const quietHours = z.strictObject({
  spans: z.array(spanSchema).min(1).max(64).describe('When nobody is to be told what can wait.'),
  timeZone: zone.optional().describe('By which clock. Default: that of the home that it is about.'),
  urgent: z
    .strictObject({
      severities: z.array(z.enum(SEVERITIES)).default(['critical']).describe('How bad it must be.'),
      changes: z.array(z.enum(NOTICE_CHANGES)).default(['answer-late', 'passed-on']).describe('Which news of it.'),
    })
    .prefault({})
    .describe('What goes through all the same: either of the two.'),
});

const over = z.boolean().default(true).describe('Tell also when what was told of is over.');
const details = (standard: (typeof DETAILS)[number]) =>
  z.enum(DETAILS).default(standard).describe('How much is told: that there is a ticket, its title and home, or all its evidence.');
const forPeople = {
  over,
  quietHours: quietHours.optional().describe('When what is not urgent waits; what waited comes as one message.'),
  most: z.int().min(2).max(1000).default(STANDARD_MOST).describe('More messages within ten minutes become one.'),
};

const kind = <K extends (typeof RECEIVER_KINDS)[number]>(is: K) => z.literal(is);

const receiverSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: kind('email'),
      to: z.array(address).min(1).max(50).describe('To whom.'),
      details: details('full'),
      ...forPeople,
    }),
    z.strictObject({
      kind: kind('webhook'),
      url: open.describe('Where it is posted, signed as Standard Webhooks has it.'),
      ...secretOf('the signing key: whsec_ and 24 to 64 bytes in base64'),
      details: details('full'),
      ...forPeople,
    }),
    z.strictObject({
      kind: kind('slack'),
      ...secretOf("the address of the incoming webhook, which is its password; Mattermost's and Rocket.Chat's too"),
      details: details('title'),
      ...forPeople,
    }),
    z.strictObject({
      kind: kind('pagerduty'),
      url: guarded.default(PAGERDUTY_URL).describe('Where events are taken.'),
      ...secretOf('the integration key (Events API v2)'),
      details: details('title'),
    }),
    z.strictObject({
      kind: kind('alertmanager'),
      url: open.describe('Its address, such as http://127.0.0.1:9093.'),
      ...secretOf('a bearer token, where one is asked for'),
      details: details('title'),
    }),
    z.strictObject({
      kind: kind('ntfy'),
      url: open.default('https://ntfy.sh').describe('The server.'),
      topic: z
        .string()
        .regex(/^[-_A-Za-z0-9]{1,64}$/, 'a topic of letters, digits, - and _')
        .describe('Who knows it can read along.'),
      ...secretOf('an access token, where one is asked for'),
      details: details('title'),
      ...forPeople,
    }),
    z.strictObject({
      kind: kind('web-push'),
      people: z
        .array(z.string().trim().toLowerCase().min(2).max(64))
        .min(1)
        .max(200)
        .optional()
        .describe('Whose browsers, by sign-in names. Default: of everybody who has turned it on there.'),
      roles: z.array(z.enum(ROLES)).min(1).optional().describe('Only of people in these roles.'),
      onShift: z.boolean().optional().describe('Only while they are on shift. Default: yes, unless people are named.'),
      details: z.enum(['none', 'title']).default('title').describe('How much is told: that there is a ticket, or its title and home.'),
      ...forPeople,
    }),
  ],
  { error: `must be one of ${RECEIVER_KINDS.join(', ')}` },
);

const mailSchema = z
  .strictObject({
    host: z.string().min(1).max(255).describe('The mail server.'),
    port: z.int().min(1).max(65_535).optional().describe('Default: 587, with tls: tls 465.'),
    tls: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('starttls: encrypted from the first word that matters, or nothing is sent. none is for a server on this machine.'),
    from: sender.describe('Who sends.'),
    username: z.string().min(1).max(256).optional().describe('Whom the server knows.'),
    passwordFile: z.string().min(1).optional().describe('File that holds the password, readable for the desk only.'),
    passwordEnv: secretEnv('the password'),
    caFile: z.string().min(1).optional().describe("PEM file of the authority that signed the server's certificate."),
  })
  .refine(({ passwordFile, passwordEnv }) => passwordFile === undefined || passwordEnv === undefined, {
    path: ['passwordEnv'],
    error: 'left out where passwordFile is given: one of the two',
    when: () => true,
  })
  .describe('The way out for e-mail.');

const routeSchema = z.strictObject({
  receivers: z.array(name).min(1).max(32).describe('Who is told.'),
  changes: z
    .array(z.enum(NOTICE_CHANGES))
    .min(1)
    .optional()
    .describe('Of what. Default: of all but that somebody sees to it and, where the route has no passedTo, that it was passed on.'),
  passedTo: z
    .array(z.string().trim().min(1).max(64))
    .min(1)
    .optional()
    .describe('Only while nobody has taken it and it was passed on to one of these (plans.unanswered of the service policy).'),
  severities: z.array(z.enum(SEVERITIES)).min(1).optional().describe('How bad it must be. Default: however bad.'),
  tiers: z.array(z.enum(TIERS)).min(1).optional().describe('Which tier the ticket is with. Default: any.'),
  plans: z.array(name).min(1).optional().describe('Homes of which plans (of the service policy). Default: all.'),
  dealers: z.array(words).min(1).optional().describe('Homes of which dealers of record (of the service policy). Default: all.'),
  homes: z.array(z.string().regex(ID_PATTERN, 'the id of a site')).min(1).optional().describe('Which homes. Default: all.'),
});

export const noticesSchema = z.strictObject({
  linkTo: open
    .optional()
    .describe(
      "Where people reach the desk's page, such as https://desk.example.com. Default: desk.page.origin of the settings, and without that notices have no link.",
    ),
  gather: z
    .string()
    .refine((text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= LONGEST_GATHER_MS, 'a time such as 20s, at most 5min')
    .default('20s')
    .describe('So long the changes of one ticket become one notice; what is over meanwhile is not told.'),
  mail: mailSchema.optional(),
  pushServices: z
    .array(z.string().max(255).regex(SERVICE_PATTERN, 'a name such as push.example.com, *.push.example.com or push.example.com:8443'))
    .max(20)
    .default([])
    .describe('Push services of browsers (web-push) beside those of Google, Mozilla, Microsoft and Apple. The desk posts to no other.'),
  receivers: z
    .record(name, receiverSchema)
    .default({})
    .describe('Who can be told, by a name of its own. The first that works is told of one that does not.'),
  routes: z.array(routeSchema).max(200).default([]).describe('Who is told what: every route that fits counts.'),
});

export type GivenReceiver = z.infer<typeof receiverSchema>;
export type GivenNotices = z.infer<typeof noticesSchema>;

/** The JSON schema of the file (2020-12), for editors: config/schemas/notices.schema.json. */
export function noticesJsonSchema(): unknown {
  const { $schema, ...schema } = z.toJSONSchema(noticesSchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, $id: 'urn:hearthbeat:schema:notices:1', title: 'Whom a support desk tells of tickets', ...schema };
}
