/**
 * Every setting of agent and desk: one schema, from which defaults, messages, the JSON schema for editors and the documentation come.
 * All settings have working defaults; an empty file is a good file.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { brokerUrl, ONE_PASSWORD, onePassword } from './broker-access.ts';
import { deskDatabaseSchema } from './desk-database.ts';
import { deskPageSchema, isPublic } from './desk-page.ts';
import { deskProviderSchema } from './desk-provider.ts';
import { identifySchema } from './identify.ts';
import { mirrorSchema } from './mirror.ts';
import { policySchema } from './policy.ts';
import { unifiSchema } from './unifi.ts';

const port = z.number().int().min(1).max(65_535);
const interfaceName = z.string().regex(/^[^\s/]{1,15}$/, 'an interface name such as eth0');

/** `tcp://192.0.2.1:443` or `dns://192.0.2.1`: an address, not a name, because names need the very thing that is tested. */
const anchor = z.string().refine(isAnchor, 'tcp://ADDRESS:PORT or dns://ADDRESS, with an IP address');

function isAnchor(text: string): boolean {
  const { groups } = /^(?:tcp:\/\/(?<host>.+):(?<port>\d{1,5})|dns:\/\/(?<server>.+?)(?::(?<serverPort>\d{1,5}))?)$/.exec(text) ?? {};
  const host = groups?.host ?? groups?.server;
  const wanted = groups?.port ?? groups?.serverPort ?? '53';
  return host !== undefined && isIP(host.replace(/^\[|\]$/g, '')) !== 0 && port.safeParse(Number(wanted)).success;
}

const NOT_LOCAL = {
  path: ['access'],
  error: 'accounts, where desk.page.origin lets people in from elsewhere; local is for a page that only this machine reaches',
  when: () => true,
};

export const settingsSchema = z.strictObject({
  site: z
    .strictObject({ name: z.string().min(1).max(128).optional().describe('What the desk calls this home. Default: its id.') })
    .prefault({})
    .describe('This home.'),
  data: z.string().min(1).optional().describe('Folder for the databases. Default: the state folder of the user who runs hearthbeat.'),
  log: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is written to standard error.'),
  lan: z
    .strictObject({
      include: z.array(interfaceName).max(16).default([]).describe('Interfaces to look at although they would be left out.'),
      exclude: z.array(interfaceName).max(64).default([]).describe('Interfaces to leave alone.'),
      large: z.boolean().default(false).describe('Sweep subnets above /22 (1,022 addresses) too.'),
    })
    .prefault({})
    .describe('Which networks are looked at. By default: every cable and Wi-Fi, no VPN and no container bridge.'),
  identify: identifySchema,
  unifi: unifiSchema,
  watch: z
    .strictObject({
      services: z
        .boolean()
        .default(true)
        .describe('Watch printing, video, files and pages of devices too: one TCP connection a device and a minute.'),
    })
    .prefault({})
    .describe('What is watched beside whether devices answer.'),
  policy: policySchema,
  lifecycle: z
    .strictObject({
      keys: z
        .array(z.string().regex(/^[A-Za-z0-9+/]{43}=(\s+\S.{0,79})?$/, 'a public key (44 characters of base64) and whose it is'))
        .max(8)
        .default([])
        .describe('Whose editions of the lifecycle catalogue are taken beside those of the product: public keys, each with a name.'),
    })
    .prefault({})
    .describe('How long products are looked after.'),
  backup: z
    .strictObject({
      automatic: z.boolean().default(true).describe('Keep a copy of everything once a week, the newest four.'),
      folder: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Where they are kept. Default: "backups" in the data folder, which dies with its disk: a USB stick or a NAS is better, that only you can read: they hold the secrets of the hub.',
        ),
    })
    .prefault({})
    .describe('Copies from which a new hub is brought back with `hearthbeat restore`.'),
  privacy: z
    .strictObject({
      tellPersonal: z
        .boolean()
        .default(false)
        .describe('Tell the desk the names and addresses of phones, computers, watches and consoles too. For the homeowner to decide.'),
    })
    .prefault({})
    .describe('What leaves the house.'),
  internet: z
    .strictObject({
      anchors: z
        .array(anchor)
        .max(8)
        .default(['tcp://1.1.1.1:443', 'tcp://9.9.9.9:443', 'tcp://8.8.8.8:443'])
        .describe(
          'Places on the internet that are asked in turn whether the line works; on 443 and 853 their certificates tell them from a sign-in page. An empty list turns the check off.',
        ),
    })
    .prefault({})
    .describe('Whether the internet works.'),
  uplink: z
    .strictObject({
      brokers: z
        .array(brokerUrl)
        .max(8)
        .default([])
        .describe('MQTT brokers of the support desk, tried in order. None: the agent works for this house alone.'),
      username: z.string().min(1).max(256).optional().describe("Default: the site's id."),
      password: z.string().min(1).max(1024).optional().describe('Default: the one this hub made for itself at its first start.'),
      passwordFile: z.string().min(1).optional().describe('File that holds the password; better than the password itself.'),
      caFile: z.string().min(1).optional().describe('PEM file of the authority that signed the broker certificate.'),
      heartbeatSeconds: z.number().int().min(5).max(600).default(30).describe('How often the desk is told that this hub lives.'),
    })
    .refine(onePassword, ONE_PASSWORD)
    .prefault({})
    .describe('The way to the support desk, used by `hearthbeat agent`.'),
  mirror: mirrorSchema,
  desk: z
    .strictObject({
      page: deskPageSchema,
      access: z
        .enum(['accounts', 'local'])
        .optional()
        .describe(
          'Who is let in: people with accounts, or whoever is at this machine (local). Default: accounts for `hearthbeat desk` and for a page that others reach, local for `hearthbeat up`.',
        ),
      provider: deskProviderSchema,
      broker: z
        .strictObject({
          port: port.default(7381).describe('Port of the built-in broker, on this machine only.'),
          urls: z.array(brokerUrl).max(8).default([]).describe('Outside brokers to use instead of the built-in one.'),
          username: z.string().min(1).max(256).optional().describe("The desk's user name at the outside brokers."),
          password: z.string().min(1).max(1024).optional().describe("The desk's password at the outside brokers."),
          passwordFile: z.string().min(1).optional().describe('File that holds the password; better than the password itself.'),
          caFile: z.string().min(1).optional().describe('PEM file of the authority that signed the broker certificate.'),
        })
        .refine(onePassword, ONE_PASSWORD)
        .prefault({})
        .describe('Where hubs and desk meet.'),
      database: deskDatabaseSchema,
      playbooks: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Folder of your own playbooks (config/playbooks/README.md). One of the same name, or for the same alert and kind, wins over what comes along.',
        ),
      service: z
        .string()
        .min(1)
        .optional()
        .describe('File that says what homes are promised: plans, clocks, whom to call and to bill. Default: no home has a plan.'),
      notices: z
        .string()
        .min(1)
        .optional()
        .describe(
          'File that says who is told of tickets outside the page: e-mail, webhooks, Slack, PagerDuty, Alertmanager, ntfy. Default: nobody.',
        ),
    })
    .refine(({ page, access }) => !(isPublic(page) && access === 'local'), NOT_LOCAL)
    .prefault({})
    .describe('The support desk, used by `hearthbeat desk` and `hearthbeat up`.'),
});

export type Settings = z.infer<typeof settingsSchema>;

/** The JSON schema of the configuration file (2020-12), for editors. A heading with nothing below it is null there, and is fine. */
export function settingsJsonSchema(): unknown {
  return z.toJSONSchema(settingsSchema, {
    io: 'input',
    target: 'draft-2020-12',
    override({ jsonSchema }) {
      if (jsonSchema.type === 'object') Object.assign(jsonSchema, { type: ['object', 'null'] });
    },
  });
}
