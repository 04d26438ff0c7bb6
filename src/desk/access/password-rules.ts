/**
 * Which passwords are taken. Length decides, and what everybody tries first is refused; nothing is said about kinds of signs, and no password ages (NIST SP 800-63B-4, section
 * 3.1.1.2: at least 15 characters where the password alone lets somebody in, as it does here; no composition rules; a blocklist). Pure.
 */

export const SHORTEST = 15;
export const LONGEST = 256;

/** Parts of what is tried first, and rows of keys. */
const COMMON =
  'password passwort motdepasse contrasena qwertyuiop qwertzuiop azertyuiop asdfghjkl zxcvbnm qwerty qwertz azerty letmein welcome willkommen iloveyou sunshine princess football baseball superman batman dragon monkey master trustno changeme secret whatever administrator admin correct horse battery staple abcdefghijklmnopqrstuvwxyz abcdef abc hearthbeat support helpdesk desk hello login home'.split(
    ' ',
  );

/** What must be left of it without those parts, digits and the person's own names. */
const LEAST_OWN = 6;
const LEAST_DIFFERENT = 5;

/** Why it is not taken, for whoever chose it; undefined where it is. `names`: the person's own. */
export function passwordTrouble(password: string, names: readonly string[]): string | undefined {
  const plain = password.normalize('NFC');
  const { length } = [...plain];
  if (length < SHORTEST)
    return `Take at least ${SHORTEST} characters: four or five words that do not belong together are easy to remember. This has ${length}.`;
  if (length > LONGEST) return `Take at most ${LONGEST} characters.`;
  const folded = plain.toLowerCase();
  if (isRepeated(folded) || new Set(folded).size < LEAST_DIFFERENT)
    return 'It repeats itself too much. Take some words that do not belong together.';
  if (ownPart(folded, names).length < LEAST_OWN)
    return 'It is among the first that others would try. Take some words that do not belong together.';
  return undefined;
}

function ownPart(folded: string, names: readonly string[]): string {
  const parts = [...COMMON, ...names.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u))].filter((part) => part.length > 2);
  const bare = folded.replace(/[^\p{L}]/gu, '');
  return parts.toSorted((left, right) => right.length - left.length).reduce((rest, part) => rest.replaceAll(part, ''), bare);
}

/** The same few signs over and over. */
function isRepeated(text: string): boolean {
  return /^(.{1,8}?)\1+.{0,7}$/su.test(text);
}
