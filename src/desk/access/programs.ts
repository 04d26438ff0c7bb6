/** What programs may do with accounts: less than the person whose token they have, so that whoever steals one can make no way in that lasts, and lock out nobody who could end it. */
import type { PersonRow } from '../store/access-tables.ts';
import type { Trouble } from './reach.ts';
import type { Role, Who } from './roles.ts';

/** The name that stands in the audit; of a program also the account that its token belongs to. */
export type Actor = string | Program;
export type Program = { readonly name: string; readonly owner: string };

export function actorOf({ kind, id, name = '', owner = id }: Pick<Who, 'kind' | 'id' | 'name' | 'owner'>): Actor {
  return kind === 'token' ? { name, owner } : name;
}

export function nameOf(actor: Actor): string {
  return typeof actor === 'string' ? actor : actor.name;
}

/** As the audit calls them. A link, or enabling an account, would let somebody in as somebody who is here already. */
const DEEDS_OF_PROGRAMS = new Set(['person.invited', 'person.changed', 'person.disabled', 'sign-ins.ended']);

/** `role`: that somebody is to have; `isLetIn`: the account is neither disabled nor over. */
export type AboutWhom = {
  readonly person?: Pick<PersonRow, 'id' | 'role'>;
  readonly role?: Role | undefined;
  readonly isLetIn?: boolean;
};

/** Undefined where a person does it, or a program may. */
export function programTrouble(actor: Actor, what: string, { person, role, isLetIn = true }: AboutWhom): Trouble | undefined {
  if (typeof actor === 'string') return undefined;
  if (person?.id === actor.owner) return forbidden('A program does nothing with the account that its token belongs to.');
  if (!DEEDS_OF_PROGRAMS.has(what)) return forbidden('A program may not do that: a desk lead who is signed in may.');
  if (role === 'lead') return forbidden('A program makes nobody a desk lead.');
  // Another end would let him in again by the password that he had.
  if (what === 'person.changed' && !isLetIn) return forbidden('A program lets nobody in again: a desk lead who is signed in may.');
  return person?.role === 'lead' ? forbidden('A program does nothing with the account of a desk lead.') : undefined;
}

function forbidden(trouble: string): Trouble {
  return { trouble, isForbidden: true };
}
