/** Whose browsers a notice goes to: those whom the receiver means, and of them those who may see at the desk what it is about. Pure. */
import { may, type Role } from '../access/roles.ts';
import type { Tellable } from '../notices/notice.ts';
import type { PlaceOf } from '../notices/policy.ts';

export type Holder = {
  readonly id: string;
  readonly signInName: string;
  readonly fullName: string;
  readonly role: Role;
  readonly seesAll: boolean;
};

/** `onShift`: the full names of those who are. */
export function isMeant({ people, roles, onShift }: PlaceOf<'web-push'>, holder: Holder, present: ReadonlySet<string>): boolean {
  return isNamed({ people, roles }, holder) && (!onShift || present.has(holder.fullName));
}

/** On shift or not. */
export function isNamed({ people, roles }: Pick<PlaceOf<'web-push'>, 'people' | 'roles'>, { signInName, role }: Holder): boolean {
  return may(role, 'tickets') && (people?.has(signInName) ?? true) && (roles?.has(role) ?? true);
}

/** `within`: which homes each holder sees who does not see all, `HOLDER SITE`. What many homes have in common is for who sees all of them. */
export function maySee({ id, role, seesAll }: Holder, notice: Tellable, within: ReadonlySet<string>): boolean {
  if (!may(role, 'tickets')) return false;
  if (notice.about === 'ticket') return seesAll || within.has(`${id} ${notice.ticket.site}`);
  return seesAll && (notice.about === 'incident' || may(role, 'desk'));
}
