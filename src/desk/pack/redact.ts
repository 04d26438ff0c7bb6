/**
 * Takes out of text what is not for others than the desk: what opens something, who lives somewhere and how to reach them, and where a device is in its network. Pure. It is a net
 * below the rule that only named fields leave (pack.ts), and takes away too much rather than too little: what a person typed in prose can name somebody of whom the desk knows nothing.
 */
import { ipFamily } from '../../base/ip-address.ts';

/** What the desk knows of a home that others are not to know. */
export type Hidden = {
  /** Of people and of the home: every word of them is taken out, wherever it stands. */
  readonly names: readonly string[];
  /** Of what is somebody's own, and how people are reached: taken out as a whole. */
  readonly wholes: readonly string[];
  /** Hardware and network addresses of its devices; undefined where addresses may be told. */
  readonly addresses: readonly string[] | undefined;
};

export type Redact = {
  /** Of a sentence. */
  words(text: string): string;
  /** Of a model, a serial or a version: what looks like a telephone number or an address there is mostly none. */
  label(text: string): string;
};

export const LEFT_OUT = '[left out]';

export function redactor({ names, wholes, addresses }: Hidden): Redact {
  const known = knownIn(names, wholes, addresses ?? []);
  const isQuiet = addresses !== undefined;
  const label = (text: string): string => {
    const without = withoutSecrets(text).replace(EMAIL, LEFT_OUT);
    const named = known === undefined ? without : without.replace(known, LEFT_OUT);
    return isQuiet ? named.replace(HARDWARE, LEFT_OUT) : named;
  };
  return {
    label,
    words(text) {
      // Telephone numbers last: addresses are made of digits and dots too.
      const without = label(text).replace(LONG, (run) => (isRandom(run) ? LEFT_OUT : run));
      const placeless = isQuiet ? without.replace(NETWORK_4, LEFT_OUT).replace(NETWORK_6, hideIfAddress) : without;
      return placeless.replace(TELEPHONE, hideIfNumber);
    },
  };
}

/** Without who asks and what is asked for: both can be a key. `url`: of a source; anything else is told as text. */
export function redactedUrl(url: string, redact: Redact): string {
  return redact.label(url.replace(/^(\w+:\/\/)[^/?#]*@/, '$1').replace(/[?#].*$/s, ''));
}

/** What follows one of these words, as far as the sentence goes. */
const KEY_WORDS = [
  'pass(?:word|wd|phrase|code|key)s?',
  'pwd?',
  'psk',
  'pins?',
  'secrets?',
  'tokens?',
  'communit(?:y|ies)',
  'credentials?',
  'bearer',
  'authorization',
  'cookies?',
  '(?:api|access|private|pre-?shared|wi-?fi|wlan|network|security|recovery|licen[cs]e|encryption)[-_ ]?(?:keys?|codes?|pass)',
  '(?:user(?:name)?|log-?in|sign-?in|account|key)(?= ?[:=])',
];
const TOLD_SECRET = new RegExp(`(?<![\\p{L}\\p{N}])(${KEY_WORDS.join('|')})(?!\\p{L})(?:(?![.!?;](?:\\s|$)).)+`, 'giu');
const CODE =
  /(?<!(?:error|status|exit|reason|response|http|post|zip|area|country|return|fault)[- ]?)(?<!\p{L})(codes?)(?!\p{L})[^.!?;]{0,24}?\d{3,}[\p{L}\p{N}]*/giu;
const CREDENTIALS = /(?<=\w:\/\/)[^\s/?#@]+@/gu;
const QUERY = /(?<=\w:\/\/[^\s?#]*)[?#]\S*/gu;
const MADE_TOKEN =
  /-----BEGIN[\s\S]*|(?<![\w-])(?:eyJ[\w-]+\.[\w.-]+|(?:hbt|sk|pk|rk|ghp|gho|ghs|glpat|xox[abprs]|github_pat)[-_][\w-]{6,}|AKIA\w{12,})/g;

function withoutSecrets(text: string): string {
  return text
    .replace(CREDENTIALS, '')
    .replace(QUERY, '')
    .replace(MADE_TOKEN, LEFT_OUT)
    .replace(TOLD_SECRET, `$1 ${LEFT_OUT}`)
    .replace(CODE, `$1 ${LEFT_OUT}`);
}

/** Each sign can stand in one place only, and both sides are bounded: a text of nothing but @ would else take minutes. Lengths: RFC 5321, 4.5.3.1. */
const EMAIL = /[^\s<>,;:"()[\]@]{0,63}[\p{L}\p{N}_+-]@[\p{L}\p{N}][^\s<>,;:"()[\]@]{0,254}/gu;
const HARDWARE =
  /(?<![\p{L}\p{N}])(?:[\da-f]{2}(?:-[\da-f]{2}){5,7}|[\da-f]{4}(?:\.[\da-f]{4}){2})(?![\p{L}\p{N}])|(?<![\p{L}\p{N}:])[\da-f]{1,2}(?::[\da-f]{1,2}){5}(?![\p{L}\p{N}:])/giu;
/** Four numbers are a version where that is said. */
const NETWORK_4 =
  /(?<!(?:version|firmware|release|build|\bv)\.? ?)(?<![\p{L}\p{N}.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\p{L}\p{N}]|\.\d)/giu;
const NETWORK_6 = /(?<![\p{L}\p{N}:])[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:%\w+)?(?![\p{L}\p{N}:])/giu;
const TELEPHONE =
  /(?<!(?:version|firmware|release|build|\bv)\.? ?)(?<![\p{L}\p{N}.:-])(?:\+|\()?\d[\d ()./-]{5,24}\d(?![\p{L}\p{N}:]|\.\d)/giu;
const LONG = /(?<![\w+/-])[\w+/=-]{20,}(?![\w+/-])/g;
const DATE = /^\d{4}-\d\d(?:-\d\d)?/;
const LEAST_DIGITS = 7;

function hideIfAddress(text: string): string {
  return ipFamily(text.replace(/%\w+$/, '')) === 6 ? LEFT_OUT : text;
}

function hideIfNumber(text: string): string {
  return DATE.test(text) || ipFamily(text) === 4 || text.replace(/\D/g, '').length < LEAST_DIGITS ? text : LEFT_OUT;
}

/** No word has letters and digits mixed for so long. */
function isRandom(run: string): boolean {
  return /\d/.test(run) && /[A-Za-z]/.test(run);
}

/** Said of a home or of anybody they name nobody. */
const COMMON = new Set(
  'the and von van der den for mrs miss sir home house residence villa apartment flat family office place estate lodge cottage hall street road avenue lane desk test site main'.split(
    ' ',
  ),
);
/** Longer words are found within others too: `smithnas`. */
const FOUND_WITHIN = 5;
const LEAST_WORD = 3;
const LEAST_WHOLE = 2;
/** A home has not so many people and things; more would make every sentence slow. */
const MOST_KNOWN = 2_000;

function knownIn(names: readonly string[], wholes: readonly string[], addresses: readonly string[]): RegExp | undefined {
  const words = names.flatMap((name) => name.split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length >= LEAST_WORD && isTelling(word));
  const bare = addresses.map((address) => address.replace(/[:.-]/g, '')).filter((address) => HARDWARE_BARE.test(address));
  const whole = [...names, ...wholes].map((one) => one.trim()).filter((one) => one.length >= LEAST_WHOLE && isTelling(one));
  const all = [...new Set([...whole, ...words, ...addresses, ...bare])].slice(0, MOST_KNOWN);
  if (all.length === 0) return undefined;
  // The longest first: a name is one thing and not two.
  const patterns = all.toSorted((left, right) => right.length - left.length).map(patternOf);
  return new RegExp(patterns.join('|'), 'giu');
}

const HARDWARE_BARE = /^[\da-f]{12}(?:[\da-f]{4})?$/i;

function isTelling(word: string): boolean {
  return !COMMON.has(word.toLowerCase()) && !/^\d+$/.test(word);
}

function patternOf(word: string): string {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return word.length >= FOUND_WITHIN ? escaped : `(?<![\\p{L}\\p{N}])${escaped}(?:['\\u2019]?s)?(?![\\p{L}\\p{N}])`;
}
