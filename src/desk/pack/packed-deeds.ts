/** What was done on a ticket, as others may read it: who as what they are to the desk, without what was said to the client, who agreed to be billed, what it took, and what was noted for the desk alone. Pure. */
import { deedWords } from '../../web/ticket-words.ts';
import type { Role } from '../access/roles.ts';
import type { Link } from '../tickets/audit.ts';
import type { Redact } from './redact.ts';

/** Who did something, by what they are to the desk. `staff`: somebody who has no account, or has none any more. */
export type ActorRole = Role | 'desk' | 'program' | 'staff';

/** `did`: a few words that begin with what was done; `said`: in the words of whoever did it. */
export type PackedDeed = { readonly at: number; readonly by: ActorRole; readonly did: string; readonly said?: string };

/** Which of the details of a deed may leave; a deed that is not here is the desk's own business. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'ticket.opened': ['channel', 'text', 'title'],
  'ticket.joined': ['title'],
  'ticket.reopened': ['title'],
  'ticket.settled': ['to', 'why'],
  'ticket.take': [],
  'ticket.note': ['text'],
  'ticket.answer': ['channel'],
  'ticket.tier': ['to'],
  'ticket.resolve': ['outcome', 'text'],
  'ticket.reopen': ['text'],
  'ticket.merge': ['into'],
};
/** These say what people tried. */
const TRIED: ReadonlySet<string> = new Set(['ticket.note', 'ticket.resolve', 'ticket.time']);

export function packedDeeds(
  deeds: readonly Link[],
  roleOf: (actor: string) => ActorRole,
  redact: Redact,
): { readonly tried: readonly PackedDeed[]; readonly timeline: readonly PackedDeed[] } {
  const packed = deeds.flatMap((deed) => {
    const told = toldOf(deed);
    if (told === undefined) return [];
    const { did, said } = told;
    const one: PackedDeed = { at: deed.at, by: roleOf(deed.actor), did, ...(said === undefined ? {} : { said: redact.words(said) }) };
    return [{ one, isTried: TRIED.has(deed.what) }];
  });
  const those = (isTried: boolean): PackedDeed[] => packed.flatMap((each) => (each.isTried === isTried ? [each.one] : []));
  return { tried: those(true), timeline: those(false) };
}

function toldOf(deed: Link): ReturnType<typeof deedWords> | undefined {
  const detail = JSON.parse(deed.detail) as Readonly<Record<string, unknown>>;
  // How long it took and who pays is between the desk and its client.
  if (deed.what === 'ticket.time') return { did: 'worked on it', ...(typeof detail.text === 'string' ? { said: detail.text } : {}) };
  const fields = Object.hasOwn(TOLD, deed.what) ? TOLD[deed.what] : undefined;
  if (fields === undefined || detail.inner === true) return undefined;
  const allowed = Object.fromEntries(fields.flatMap((field) => (Object.hasOwn(detail, field) ? [[field, detail[field]]] : [])));
  return deedWords({ ...deed, detail: JSON.stringify(allowed) });
}
