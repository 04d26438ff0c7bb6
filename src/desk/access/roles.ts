/** Who may do what at the desk, as one table. Pure; everything that is asked is asked through `may`. */

/** The desk's people in the order of how much they may. */
export const ROLES = ['lead', 'agent', 'dealer', 'technician', 'homeowner'] as const;
export type Role = (typeof ROLES)[number];

/**
 * `see`: homes, their devices, alerts and promises. `contacts`: the people of a home, how to reach them, who visited it, and pictures of it. `staff`: what is not for a client's eyes: ends that are to be checked
 * first, playbooks, notes about a home. `tickets`: read them. `note`: write on them, and a note about a home. `work`: everything else with tickets, alerts, contacts and notes.
 * `history`: what hubs told, word for word. `audit`: who did what in a home. `desk`: how the desk itself is. `people`: see who has an account, which tokens there are,
 * and what was done with them; `accounts`: make and change them. `settings`: how the desk is set up. `forget`: delete all that is kept of a home.
 */
export const PERMISSIONS = [
  'see',
  'contacts',
  'staff',
  'tickets',
  'note',
  'work',
  'history',
  'audit',
  'desk',
  'people',
  'accounts',
  'settings',
  'forget',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const MAY: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  lead: new Set(PERMISSIONS),
  agent: new Set(['see', 'contacts', 'staff', 'tickets', 'note', 'work', 'history', 'audit', 'desk']),
  dealer: new Set(['see', 'contacts', 'staff', 'tickets', 'note', 'work', 'history', 'audit']),
  technician: new Set(['see', 'contacts', 'staff', 'tickets', 'note']),
  homeowner: new Set(['see', 'contacts']),
};

export function may(role: Role, permission: Permission): boolean {
  return MAY[role].has(permission);
}

/** What a token may be limited to, as people choose it; to read homes is in each. Those of `people` may do less with accounts than their person (programs.ts). */
export const SCOPES = ['homes', 'tickets', 'notes', 'work', 'people'] as const;
export type TokenScope = (typeof SCOPES)[number];

const IN_SCOPE: Readonly<Record<TokenScope, readonly Permission[]>> = {
  homes: ['see', 'staff'],
  tickets: ['contacts', 'tickets', 'history', 'audit', 'desk'],
  notes: ['contacts', 'tickets', 'note'],
  work: ['contacts', 'tickets', 'note', 'work'],
  people: ['people', 'accounts'],
};

export function permissionsOf(scopes: readonly TokenScope[]): ReadonlySet<Permission> {
  return new Set(['homes' as const, ...scopes].flatMap((scope) => IN_SCOPE[scope]));
}

/** Those of which each alone is enough for it; none for what no such token opens. */
export function scopesFor(permission: Permission): TokenScope[] {
  return SCOPES.filter((scope) => permissionsOf([scope]).has(permission));
}

/** What each is there for: without it the scope would be an empty promise. */
const GIST: Readonly<Record<TokenScope, Permission>> = {
  homes: 'see',
  tickets: 'tickets',
  notes: 'note',
  work: 'work',
  people: 'accounts',
};

/** Those that somebody in that role can give away. */
export function scopesOf(role: Role): TokenScope[] {
  return SCOPES.filter((scope) => may(role, GIST[scope]));
}

/** Of a token that no person stands behind: it makes no accounts and forgets no home, whatever its role. */
export const WITHOUT_A_PERSON: ReadonlySet<Permission> = new Set(
  PERMISSIONS.filter((permission) => permission !== 'accounts' && permission !== 'forget'),
);

/** Which homes: all, or those within the reach of a holder (an account or a token), as the database has it at that moment. */
export type Scope = 'all' | { readonly holder: string };

/** Dealers whose homes these are by the service policy, and homes by their id. */
export type Reach = 'all' | { readonly dealers: readonly string[]; readonly sites: readonly string[] };

/** A lead makes accounts for others, so a lead who sees only some homes could give himself the rest; a client or somebody on one job is never let into all. */
export function reachTrouble(role: Role, reach: Reach): string | undefined {
  if (role === 'lead') return reach === 'all' ? undefined : 'A desk lead sees all homes.';
  if (reach === 'all') return role === 'agent' ? undefined : 'Say which homes: a dealer of record, or site ids.';
  if (reach.dealers.length === 0 && reach.sites.length === 0) return 'Say which homes: a dealer of record, or site ids.';
  if (reach.dealers.length > 0 && role !== 'agent' && role !== 'dealer')
    return 'Only a desk agent or a dealer is given the homes of a dealer.';
  return undefined;
}

/** Whoever asks. Without a `name` it is whoever sits at this machine, who types one. */
export type Who = {
  readonly kind: 'local' | 'person' | 'token';
  readonly id: string;
  readonly name?: string;
  readonly role: Role;
  readonly scope: Scope;
  /** Of a person's token: the account that it belongs to. */
  readonly owner?: string;
  /** Of what the role may, no more than this. */
  readonly limits?: ReadonlySet<Permission>;
};

export function mayHe({ role, limits }: Pick<Who, 'role' | 'limits'>, permission: Permission): boolean {
  return may(role, permission) && (limits === undefined || limits.has(permission));
}

/** No accounts: whoever reaches this machine's loopback is the desk. */
export const WHO_IS_HERE: Who = { kind: 'local', id: 'local', role: 'lead', scope: 'all' };
