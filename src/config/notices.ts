/** Whom a desk tells of tickets, read from a file: checked as a whole, and in the shape that the desk works with (desk/notices/policy.ts). Secrets are read elsewhere. */
import { parseDuration } from '../base/duration.ts';
import { present } from '../base/present.ts';
import type { Result } from '../base/result.ts';
import { mirrors, type NoticePolicy, type QuietHours, type Receiver, type Route } from '../desk/notices/policy.ts';
import { minutesAWeek } from '../desk/service/spans.ts';
import { CHANGES_FOR_ASKED, type GivenNotices, type GivenReceiver, isHere, noticesSchema, USUAL_CHANGES } from './notices-schema.ts';
import { type FileProblem, readYaml, type WrongAt } from './read-yaml.ts';
import { spanOf } from './service.ts';
import { closest } from './suggest.ts';

const LIMIT_BYTES = 1024 * 1024;
const WEEK_MINUTES = 7 * 1440;

/** Where a secret is. */
export type SecretPlace = { readonly file?: string; readonly env?: string };

/** A policy as the file has it: `secrets` by receiver, that of the mail server and its authority beside them. */
export type ReadNotices = {
  readonly given: GivenNotices;
  /** What is in no file: read by whoever makes the policy. */
  readonly secrets: ReadonlyMap<string, SecretPlace>;
  readonly mailPassword?: SecretPlace;
  policyWith(
    secrets: ReadonlyMap<string, string>,
    mail: { readonly password?: string | undefined; readonly ca?: string | undefined },
  ): NoticePolicy;
};

/** What a file's text says, or every problem in it at once. */
export function readNotices(text: string): Result<ReadNotices, FileProblem[]> {
  const read = readYaml(text, { schema: noticesSchema, limitBytes: LIMIT_BYTES, alsoWrong: wrongIn });
  return read.ok ? { ok: true, value: readNoticesOf(read.value) } : read;
}

function readNoticesOf(given: GivenNotices): ReadNotices {
  const secrets = Object.entries(given.receivers).flatMap(([name, receiver]): [string, SecretPlace][] => {
    const place =
      'secretFile' in receiver || 'secretEnv' in receiver ? present({ file: receiver.secretFile, env: receiver.secretEnv }) : {};
    return Object.keys(place).length === 0 ? [] : [[name, place]];
  });
  const { passwordFile, passwordEnv } = given.mail ?? {};
  const mailPassword = present({ file: passwordFile, env: passwordEnv });
  return {
    given,
    secrets: new Map(secrets),
    ...(Object.keys(mailPassword).length > 0 ? { mailPassword } : {}),
    policyWith: (values, mail) => policyOf(given, values, mail),
  };
}

type MailSecrets = { readonly password?: string | undefined; readonly ca?: string | undefined };

function policyOf(given: GivenNotices, secrets: ReadonlyMap<string, string>, mail: MailSecrets): NoticePolicy {
  const receivers = Object.entries(given.receivers).map(([name, receiver]) => receiverOf(name, receiver, given, secrets.get(name), mail));
  return {
    gatherMs: parseDuration(given.gather) ?? 0,
    receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])),
    routes: given.routes.map(routeOf),
    pushServices: given.pushServices,
    ...(given.mail ? { contact: addressIn(given.mail.from) } : {}),
    ...(given.linkTo === undefined ? {} : { linkTo: given.linkTo.replace(/\/+$/, '') }),
  };
}

/** `Desk <desk@example.com>` and `desk@example.com`. */
function addressIn(from: string): string {
  return /<(.*)>$/.exec(from)?.[1] ?? from;
}

function receiverOf(name: string, given: GivenReceiver, notices: GivenNotices, secret: string | undefined, mail: MailSecrets): Receiver {
  const place = placeOf(given, notices, secret, mail);
  const isForPeople = 'most' in given;
  return {
    name,
    place,
    details: given.details,
    tellsOver: isForPeople ? given.over : mirrors(place),
    most: isForPeople ? given.most : Number.POSITIVE_INFINITY,
    ...(isForPeople && given.quietHours ? { quiet: quietOf(given.quietHours) } : {}),
  };
}

function placeOf(given: GivenReceiver, { mail: server }: GivenNotices, secret: string | undefined, mail: MailSecrets): Receiver['place'] {
  const perhaps = secret === undefined ? {} : { secret };
  switch (given.kind) {
    case 'email': {
      // The file was refused where it has none.
      const { host, tls, from, username } = server!;
      const port = server?.port ?? (tls === 'tls' ? 465 : 587);
      return {
        kind: 'email',
        to: given.to,
        server: { host, port, tls, from, ...present({ username, password: mail.password, ca: mail.ca }) },
      };
    }
    case 'webhook':
      return { kind: 'webhook', url: given.url, secret: secret ?? '' };
    case 'slack':
      return { kind: 'slack', secret: secret ?? '' };
    case 'pagerduty':
      return { kind: 'pagerduty', url: given.url, secret: secret ?? '' };
    case 'alertmanager':
      return { kind: 'alertmanager', url: given.url, ...perhaps };
    case 'ntfy':
      return { kind: 'ntfy', url: given.url, topic: given.topic, ...perhaps };
    case 'web-push': {
      const { people, roles, onShift = people === undefined } = given;
      return { kind: 'web-push', onShift, ...present({ people: setOf(people), roles: setOf(roles) }) };
    }
  }
}

type GivenQuiet = NonNullable<Extract<GivenReceiver, { most: number }>['quietHours']>;

function quietOf({ spans, timeZone, urgent }: GivenQuiet): QuietHours {
  return {
    spans: spans.map(spanOf),
    urgent: { severities: new Set(urgent.severities), changes: new Set(urgent.changes) },
    ...present({ timeZone }),
  };
}

function routeOf({
  receivers,
  passedTo,
  changes = passedTo ? CHANGES_FOR_ASKED : USUAL_CHANGES,
  severities,
  tiers,
  plans,
  dealers,
  homes,
}: GivenNotices['routes'][number]): Route {
  const narrowed = {
    passedTo: setOf(passedTo),
    severities: setOf(severities),
    tiers: setOf(tiers),
    plans: setOf(plans),
    dealers: setOf(dealers),
    homes: setOf(homes),
  };
  return { receivers, changes: new Set(changes), ...present(narrowed) };
}

function setOf<T>(items: readonly T[] | undefined): ReadonlySet<T> | undefined {
  return items && new Set(items);
}

/** Whose secret has to be there. */
const NEEDS_SECRET: ReadonlySet<unknown> = new Set(['webhook', 'slack', 'pagerduty']);

/** What one part of the file says of another. The value may have any shape. */
function wrongIn(file: unknown): WrongAt[] {
  const receivers = sectionOf(sectionOf(file).receivers);
  return [
    ...Object.entries(receivers).flatMap(([name, receiver]) =>
      wrongReceiver(['receivers', name], sectionOf(receiver), sectionOf(file).mail),
    ),
    ...wrongRoutes(sectionOf(file).routes, Object.keys(receivers)),
    ...wrongMail(sectionOf(sectionOf(file).mail)),
  ];
}

function wrongReceiver(path: readonly string[], receiver: Record<string, unknown>, mail: unknown): WrongAt[] {
  const { kind, url, secretFile, secretEnv } = receiver;
  const [hasFile, hasEnv] = [secretFile !== undefined, secretEnv !== undefined];
  const wrong: WrongAt[] = [];
  if (hasFile && hasEnv)
    wrong.push({ path: [...path, 'secretEnv'], message: 'must be left out where secretFile is given: one of the two' });
  if (NEEDS_SECRET.has(kind) && !hasFile && !hasEnv) wrong.push({ path, message: 'needs secretFile or secretEnv' });
  if (kind === 'email' && mail === undefined) wrong.push({ path, message: 'needs the section mail: by which server e-mail goes out' });
  if ((hasFile || hasEnv) && kind !== 'webhook' && typeof url === 'string' && url.startsWith('http:') && URL.canParse(url) && !isHere(url))
    wrong.push({ path: [...path, 'url'], message: 'must be an https:// address where a secret goes along' });
  const spans = sectionOf(receiver.quietHours).spans;
  if (Array.isArray(spans) && isWholeWeek(spans))
    wrong.push({ path: [...path, 'quietHours', 'spans'], message: 'must leave some time of the week that is not quiet' });
  return wrong;
}

function isWholeWeek(spans: readonly unknown[]): boolean {
  const read = noticesSchema.shape.receivers.safeParse({ x: { kind: 'ntfy', topic: 'x', quietHours: { spans } } });
  const receiver = read.success ? Object.values(read.data ?? {})[0] : undefined;
  return receiver !== undefined && 'quietHours' in receiver && minutesAWeek(receiver.quietHours?.spans.map(spanOf) ?? []) === WEEK_MINUTES;
}

function wrongRoutes(routes: unknown, names: readonly string[]): WrongAt[] {
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((route, i) => {
    const named = sectionOf(route).receivers;
    if (!Array.isArray(named)) return [];
    return named.flatMap((name, k): WrongAt[] => {
      if (typeof name !== 'string' || names.includes(name)) return [];
      const near = closest(name, names);
      const hint = near ? `did you mean "${near}"?` : `there are: ${names.join(', ') || 'none'}`;
      return [{ path: ['routes', i, 'receivers', k], message: `must be one of the receivers of this file; ${hint}` }];
    });
  });
}

function wrongMail({ username, passwordFile, passwordEnv, tls, host }: Record<string, unknown>): WrongAt[] {
  const hasPassword = passwordFile !== undefined || passwordEnv !== undefined;
  if (hasPassword && username === undefined) return [{ path: ['mail', 'username'], message: 'must be given where a password is' }];
  const isOutside = typeof host === 'string' && !/^(localhost|127\.[\d.]+|::1)$/.test(host);
  return tls === 'none' && isOutside
    ? [{ path: ['mail', 'tls'], message: 'must be starttls or tls for a server that is not on this machine' }]
    : [];
}

function sectionOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
