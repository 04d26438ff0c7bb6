/** `hearthbeat desk invite`, `accounts`, `link`, `disable`, `enable` and `token`: who is let in at the desk, by whoever has a shell on its machine. Also while the desk runs. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import type { Access } from '../../desk/access/access.ts';
import { COMMAND_LINE } from '../../desk/access/deeds.ts';
import type { MadeLink, PersonView } from '../../desk/access/people.ts';
import type { Trouble } from '../../desk/access/reach.ts';
import { type Reach, ROLES, type Role } from '../../desk/access/roles.ts';
import { withAccess } from '../../desk/main.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deskPlace, pageOrigin } from '../desk-options.ts';

const DAY_MS = 86_400_000;

type Given = {
  readonly role?: string;
  readonly all?: boolean;
  readonly dealer?: string[];
  readonly site?: string[];
  readonly days?: string;
};

export async function deskInvite(context: CliContext, command: Command): Promise<number> {
  const [signInName = ''] = command.args;
  const { fullName, ...given } = command.opts<Given & { fullName?: string }>();
  const [role, days] = [roleIn(given), daysIn(given.days)];
  return withDesk(context, command, async ({ people }, settings) => {
    const endsAt = days === undefined ? undefined : systemClock.now().wallMs + days * DAY_MS;
    const asked = { signInName, fullName: fullName ?? signInName, role, reach: reachIn(given, role), endsAt };
    return sayLink(context, command, settings, taken(await people.invite(COMMAND_LINE, asked)));
  });
}

export async function deskLink(context: CliContext, command: Command): Promise<number> {
  return withDesk(context, command, async ({ people }, settings) => {
    const person = await named(people, command);
    return sayLink(context, command, settings, taken(await people.newLink(COMMAND_LINE, person.id)));
  });
}

export async function deskDisable(context: CliContext, command: Command): Promise<number> {
  return withDesk(context, command, async ({ people }) => {
    const person = await named(people, command);
    taken(await people.disable(COMMAND_LINE, person.id));
    return say(context, command, { disabled: person.signInName }, `${person.fullName} is let in no more.`);
  });
}

export async function deskEnable(context: CliContext, command: Command): Promise<number> {
  return withDesk(context, command, async ({ people }) => {
    const person = await named(people, command);
    taken(await people.enable(COMMAND_LINE, person.id));
    return say(context, command, { enabled: person.signInName }, `${person.fullName} is let in again.`);
  });
}

export async function deskAccounts(context: CliContext, command: Command): Promise<number> {
  return withDesk(context, command, async ({ people }) => {
    const list = await people.list();
    const lines = list.map((person) => [person.signInName, person.fullName, person.role, sees(person.reach), person.state].join('\t'));
    return say(
      context,
      command,
      { people: list },
      lines.join('\n') || 'There are no accounts yet. `hearthbeat desk` prints a link for the first one.',
    );
  });
}

export async function deskTokenCreate(context: CliContext, command: Command): Promise<number> {
  const [title = ''] = command.args;
  const given = command.opts<Given>();
  const [role, days] = [roleIn(given), daysIn(given.days ?? '90') ?? 90];
  return withDesk(context, command, async ({ tokens }) => {
    const { token, id, endsAt } = taken(await tokens.create(COMMAND_LINE, { title, role, reach: reachIn(given, role), days }));
    const words = `The token, shown only this once (until ${new Date(endsAt).toISOString().slice(0, 10)}):\n\n  ${token}\n\nPrograms send it as a header: Authorization: Bearer TOKEN`;
    return say(context, command, { token, id, endsAt }, words);
  });
}

export async function deskTokens(context: CliContext, command: Command): Promise<number> {
  return withDesk(context, command, async ({ tokens }) => {
    const list = await tokens.list();
    const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
    const lines = list.map(({ id, title, role, reach, endsAt, usedAt }) =>
      [id, title, role, sees(reach), `until ${day(endsAt)}`, usedAt === undefined ? 'never used' : `used ${day(usedAt)}`].join('\t'),
    );
    return say(context, command, { tokens: list }, lines.join('\n') || 'There are no tokens.');
  });
}

export async function deskTokenRevoke(context: CliContext, command: Command): Promise<number> {
  const [id = ''] = command.args;
  return withDesk(context, command, async ({ tokens }) => {
    taken(await tokens.revoke(COMMAND_LINE, id));
    return say(context, command, { revoked: id }, 'The token opens nothing any more.');
  });
}

async function withDesk(
  context: CliContext,
  command: Command,
  task: (access: Access, settings: Settings) => Promise<number>,
): Promise<number> {
  const { settings, place } = deskPlace(context, command);
  return withAccess(place, (access) => task(access, settings));
}

/** Throws HB_NOT_FOUND. */
async function named(people: Access['people'], command: Command): Promise<PersonView> {
  const asked = cleanText(command.args[0])?.toLowerCase();
  const person = (await people.list()).find(({ signInName }) => signInName === asked);
  if (person) return person;
  throw new HearthbeatError('HB_NOT_FOUND', `Nobody signs in as "${asked ?? ''}".`, 'See who does: hearthbeat desk accounts');
}

function taken<T>(answer: T | Trouble): Exclude<T, Trouble> {
  if (typeof answer === 'object' && answer !== null && 'trouble' in answer)
    throw new HearthbeatError('HB_USAGE', answer.trouble, 'See: hearthbeat desk invite --help');
  return answer as Exclude<T, Trouble>;
}

function roleIn({ role }: Given): Role {
  const found = ROLES.find((one) => one === role);
  if (found !== undefined) return found;
  throw new HearthbeatError(
    'HB_USAGE',
    role === undefined ? '--role is missing.' : `There is no role "${role}".`,
    `Give one of: ${ROLES.join(', ')}`,
  );
}

/** A lead sees all homes without being asked. */
function reachIn({ all, dealer = [], site = [] }: Given, role: Role): Reach {
  const some = { dealers: dealer, sites: site.map((id) => id.toLowerCase()) };
  const isSome = dealer.length > 0 || site.length > 0;
  if (all && isSome) throw new HearthbeatError('HB_USAGE', '--all goes with neither --dealer nor --site.', 'Give one or the other.');
  return all || (role === 'lead' && !isSome) ? 'all' : some;
}

function daysIn(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,3}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new HearthbeatError('HB_USAGE', `--days ${text} is no number of days.`, 'Give a whole number, for example --days 7.');
}

function sayLink(context: CliContext, command: Command, settings: Settings, { secret, endsAt, person }: MadeLink): number {
  const link = `${pageOrigin(settings)}/links/${secret}`;
  const until = new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ');
  const words = `With this link ${person.fullName} chooses a password. It works once, until ${until} UTC, and is shown only now:\n\n  ${link}`;
  return say(context, command, { link, endsAt, person }, words);
}

function say(context: CliContext, command: Command, json: unknown, words: string): number {
  if (globalFlags(command).json) printJson(context, json);
  else context.stdout.write(`${words}\n`);
  return EXIT.fine;
}

function sees(reach: Reach): string {
  if (reach === 'all') return 'all homes';
  return [...reach.dealers.map((name) => `homes of ${name}`), ...reach.sites].join(', ');
}
