/** Roles and browsers in words, and what was done with accounts. */
import type { Reach, Role, TokenScope } from '../desk/access/roles.ts';
import type { Way } from '../desk/store/access-tables.ts';
import type { Link } from '../desk/tickets/audit.ts';
import { plural } from './words.ts';

export const ROLE_WORDS: Readonly<Record<Role, { readonly title: string; readonly about: string }>> = {
  lead: { title: 'Desk lead', about: 'sees all homes, works on everything, makes accounts' },
  agent: { title: 'Desk agent', about: 'answers alerts and works on tickets' },
  dealer: { title: 'Dealer', about: 'sees and works on the homes that are his' },
  technician: { title: 'Technician', about: 'sees the homes of a job and notes on their tickets, until it is over' },
  homeowner: { title: 'Homeowner', about: 'sees how the own home is' },
};

/** What a token may do. */
export const SCOPE_WORDS: Readonly<Record<TokenScope, string>> = {
  homes: 'read homes, devices and alerts',
  tickets: 'read tickets, history and audits',
  notes: 'write notes on tickets',
  work: 'acknowledge alerts and work on tickets',
  people: 'make and change accounts, but no lead and not yours',
};

export const WAY_WORDS: Readonly<Record<Way, string>> = {
  password: 'with a password',
  link: 'with a link',
  passkey: 'with a passkey',
  provider: 'by single sign-on',
};

export function reachWords(reach: Reach): string {
  if (reach === 'all') return 'all homes';
  const dealers = reach.dealers.map((name) => `homes of ${name}`);
  const few = reach.sites.length <= 3 ? reach.sites.map((id) => `home ${id}`) : [plural(reach.sites.length, 'home')];
  return [...dealers, ...few].join(', ') || 'no home';
}

const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'] as const;

/** As somebody knows it again; what it says of itself where that is nothing known. */
export function browserWords(browser: string): string {
  const name = BROWSERS.find(([mark]) => browser.includes(mark))?.[1];
  const system = SYSTEMS.find((mark) => browser.includes(mark));
  if (name === undefined) return browser.slice(0, 40) || 'A browser that says nothing of itself';
  return system === undefined ? name : `${name} on ${system === 'Mac OS X' ? 'a Mac' : system}`;
}

const DEEDS: Readonly<Record<string, string>> = {
  'sign-in': 'signed in',
  'sign-in.failed': 'somebody failed to sign in under this name',
  'sign-out': 'signed out',
  'sign-ins.ended': 'ended sign-ins',
  'person.first': 'made the first account',
  'person.invited': 'made an account',
  'person.changed': 'changed role or homes',
  'person.disabled': 'disabled an account',
  'person.enabled': 'enabled an account',
  'link.made': 'made a link to choose a password',
  'password.chosen': 'chose a password by a link',
  'password.changed': 'changed the password',
  'keys.removed': 'removed passkeys and other ways in',
  'passkey.added': 'added a passkey',
  'passkey.removed': 'removed a passkey',
  'browser.added': 'turned on notices in a browser',
  'browser.removed': 'turned off notices in a browser',
  'browser.gone': 'found a browser gone that was told of tickets',
  'provider.connected': 'connected the account with single sign-on',
  'provider.disconnected': 'disconnected the account from single sign-on',
  'shift.on': 'said to be on shift',
  'shift.off': 'said to be off shift',
  'token.made': 'made a token',
  'token.revoked': 'revoked a token',
  'home.forgotten': 'forgot a home',
  'program.refused': 'was refused what no program may',
};

/** `said`: about whom, and what else there is to know. */
export function accessDeedWords({ what, detail }: Pick<Link, 'what' | 'detail'>): { readonly did: string; readonly said: string } {
  const { person, of, token, role, reach, count, failures, failedBefore, from, signInsEnded, ...more } = JSON.parse(detail) as Record<
    string,
    unknown
  >;
  const { passkey, browser, provider, email, by, scopes, tried, times, home, because, rows } = more;
  const parts = [
    home ?? person ?? of ?? token ?? passkey ?? browser ?? provider,
    email,
    by && WAY_WORDS[by as Way],
    scopes && (scopes as TokenScope[]).map((scope) => SCOPE_WORDS[scope]).join(', '),
    role && ROLE_WORDS[role as Role]?.title.toLowerCase(),
    reach && reachWords(reach as Reach),
    failures && `${failures} times in a row`,
    failedBefore && `after ${failedBefore} failed tries`,
    count !== undefined && plural(Number(count), 'sign-in'),
    signInsEnded && `${plural(Number(signInsEnded), 'sign-in')} ended`,
    from && `from ${from}`,
    because,
    rows !== undefined && plural(Number(rows), 'row'),
    tried && `${tried}, ${plural(Number(times), 'time')}`,
  ];
  return { did: DEEDS[what] ?? what, said: parts.filter(Boolean).join(' · ') };
}
