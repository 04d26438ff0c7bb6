/**
 * What is a model, and where it ends. What devices say of themselves is free text, and rules find the product in it by one word or two:
 * the words around tell whether that was a model at all, and whether more of its name stands beside it. A wrong model is worse than none,
 * because the dates of support hang on it: the FRITZ!Box 7590 AX is another device than the 7590.
 */
import type { Tables } from './table-words.ts';

/** A model that a rule found, `null` being silence, and how sure the rule is. */
export type SaidModel = { readonly value: string | null; readonly confidence: number };

type Fields = Readonly<Record<string, string>>;

/** Fields in which a device describes itself in free text; elsewhere the model has a field of its own, and names of hosts are people's. */
const FREE_TEXT = ['sysDescr', 'title', 'wwwAuthenticate', 'server', 'banner', 'userAgent', 'vendorClass', 'id', 'subject', 'realm'];

/** Systems, pages and programs by which no hardware can be told: `RouterOS`, `Command Center RX`. */
const NO_MODELS = 'no-models';
const NOUN = new Set(
  `adapter adsl audio autoloader blu-ray bluray broadband cable camera cameras codec device devices digital disc document drive environmental ethernet
  extender for gateway gateways gigabit imaging internet ip kvm lan laser layer library managed media mediarenderer mediaserver mfp model models modem
  modems nas network networks of pdu phone player players point ports powerline print printer printers product products protected rack radio range
  recorder render renderer repeater residential router routers scanner serial series server setup soundbar soundbars speaker speakers system systems
  tape television terminal the tv tvs unit units video voip wi-fi wifi wireless wlan wps`.split(/\s+/),
);
const COUNT = /^(?:layer\d?(?:-\d)?|\d{1,2}-?ports?)$/;

/** False for what names a kind of thing or the program that speaks for it: `Gateway`, `Layer2-7`, `EdgeOS`. */
export function isModel(text: string, tables: Tables): boolean {
  return !tables.get(NO_MODELS)?.has(text.toLowerCase()) && !wordsOf(text).every((word) => NOUN.has(word) || COUNT.test(word));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/[\s/]+/);
}

/** The surest of the models that rules found, in full; undefined where none is left. `null` is silence. */
export function modelOf(models: readonly SaidModel[], vendor: string | null | undefined, fields: Fields): SaidModel | undefined {
  const said = models.filter(
    ({ value, confidence }) => value === null || confidence >= OWN_WORDS || !isMakersKindOfThing(value, vendor ?? ''),
  );
  const [first, ...others] = withoutTheMaker(said, vendor ?? '');
  if (!first) return undefined;
  const surest = others.reduce((one, other) => (other.confidence > one.confidence ? other : one), first);
  if (surest.value === null) return surest;
  const value = asNamed(asWritten(inFull(surest.value, models), fields), fields);
  return value === undefined ? undefined : { ...surest, value };
}

/** A rule this sure was told by the maker that this is the model: a Roku calls itself `Roku`. */
const STATED = 0.85;

/** A rule this sure knows the very product. */
const OWN_WORDS = 0.9;

/** Of these a maker has many, and calls none by this word alone; Apple has one `TV`. */
const MANY = new Set(['camera', 'printer', 'router', 'scanner', 'television', 'tv']);

/** `TOSHIBA Network Camera` of Toshiba is any of its cameras, as `Philips TV` is any of its sets; `Sonos Port` is one product. */
function isMakersKindOfThing(model: string, vendor: string): boolean {
  const maker = new Set(wordsOf(vendor));
  const others = wordsOf(model).filter((word) => !maker.has(word));
  const [only = ''] = others;
  if (others.length === 1) return MANY.has(only) && vendor !== 'Apple' && wordsOf(model).length > 1;
  return others.length > 1 && others.every((word) => NOUN.has(word) || COUNT.test(word));
}

/** Makers are read as products that have their name; where a text tells another product, that was the maker. */
function withoutTheMaker(models: readonly SaidModel[], vendor: string): readonly SaidModel[] {
  if (models.length < 2 || vendor === '') return models;
  const others = models.filter(({ value, confidence }) => value === null || confidence >= STATED || !isOnlyTheMaker(value, vendor));
  return others.some(({ value }) => value !== null) ? others : models;
}

/** `Blackmagic` of `Blackmagic HyperDeck`. */
function isOnlyTheMaker(model: string, vendor: string): boolean {
  return bare(vendor).startsWith(bare(model));
}

/** `FRITZ!Box` is surer than `FRITZ!Box 7490` and says less: where a model has no number, the one that goes on with it is the name in full. */
function inFull(surest: string, models: readonly SaidModel[]): string {
  if (/\d/.test(surest)) return surest;
  const start = bare(surest);
  const goesOn = models.flatMap(({ value, confidence }) =>
    value !== null && bare(value).startsWith(start) && isNumber(bare(value).slice(start.length)) ? [{ value, confidence }] : [],
  );
  return goesOn.reduce((one, other) => (other.confidence > one.confidence ? other : one), { value: surest, confidence: 0 }).value;
}

/** What makers put behind a name, such as `7490` and `m5`; a serial number or the end of a MAC is longer. */
function isNumber(rest: string): boolean {
  return /^[a-z]{0,3}\d[a-z\d]{0,6}$/.test(rest) && !/^[\da-f]{6,}$/.test(rest);
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** The rest of a word that was cut at a hyphen: `ex2200` of `ex2200-c-12t-2g`. */
const REST_OF_WORD =
  /^(?:\+|(?:-(?:[A-Z]{2,4}\d{0,2}|[A-Z]\d{0,4}|(?!(?:19|20)\d\d(?!\w))\d{1,4}(?:[A-Z]{1,4}(?:\d[A-Z]{0,2})?|[a-z]{1,2})?|[a-z]\d?)){1,6}\+?)(?![\w.:])/;
/** What stands behind a hyphen and is no part of a model: a protocol, a version, a serial number, a MAC, the number of a host. */
const NOT_ITS_REST = /^-(?:[\da-f]{6}|(?:[\da-f]{2}-){3}|(?:sip|sep|mac|sn|fw|hw|sw|rev|ver|ua|os|v\d|k\d)(?![a-z]))/i;
/** The number beside a name without one: `LS 6200` behind `OmniStack`. Years, speeds and counts of ports are none. */
const NUMBER_BESIDE =
  /^ (?!(?:19|20)\d\d(?!\w))(?![45]0\d [A-Z])(?:(?:[A-Z]{1,4} ){1,2}\d{2,5}|[A-Z]{1,5}-?\d{2,5}|\d{3,5})(?:[A-Z]{0,3}|[a-z]{0,4})(?:[-/][A-Z\d]{1,5})*\+?(?![\w.:%/-])/;
const OF_SOMETHING_ELSE = /^ (?:sn|id|ip|fw|hw|sw|os|rev|ver|mac|pid|rom|port|v|r)[ -]?\d/i;
/** A word that makes another model of the name in front of it: a generation, or how many ports (speeds are none). */
const VARIANT = /^ (?:AX|AC|Go|XL|II|III|IV|Ultra|Plus|Pro|Max|Mini|Lite|Slim|(?:5|8|12|16|18|20|24|26|28|48|50|52)[GT])(?![\w/-])/;
/** Words of pages that run into a number: `ScanFront 220Web Menu`. */
const WORD_OF_PAGE = /(?<=\d)(?:Web|Series|Menu|Login|Printer|Switch|Router|Camera|Status|Home)$/;
/** A serial number or a MAC behind a number: `CP-8841-SEP001122334455`. */
const OWN_NUMBER = /(?<=\d\w*)[-_ ](?:SEP|SN)?(?=[A-F]*\d)[\dA-F]{6,16}$/i;
/** The version of the firmware behind a name: `IP Verso 2.34.1.44.5`; a model ends in two numbers at most, as in `Touch 2.0`. */
const VERSION = /(?<=\w{2}) v?\d{1,4}(?:\.\d{1,6}){2,6}$/i;
/** The first number of such a version, where the rest of it stands behind: `Network Card v3` of `Network Card v3.0.5`. */
const BEGUN_VERSION = /(?<=\w{2}) v\d{1,4}$/i;

/** The model as the device itself writes it: with what of its name stands beside it, and without the serial number or MAC behind it. */
export function asWritten(model: string, fields: Fields): string {
  const name = model.replace(OWN_NUMBER, '').replace(VERSION, '').replace(WORD_OF_PAGE, '');
  const behind = FREE_TEXT.flatMap((field) => textsBehind(name, fields[field] ?? ''));
  if (behind.length === 0) return name;
  if (BEGUN_VERSION.test(name) && behind.every((text) => /^\.\d/.test(text))) return name.replace(BEGUN_VERSION, '');
  const ends = behind.some((text) => !/^[-+]/.test(text));
  const rest = ends ? '' : restOfWord(name, behind[0] ?? '');
  return `${name}${rest}${besideOf(`${name}${rest}`, behind, rest.length)}`;
}

/** What machines are called on the network; the words of a product may be joined in any way there. */
const HOST_NAMES = ['hostname', 'host', 'name'];
/** A count of hosts or the end of a MAC behind a name; any other number or letter makes another model of it. */
const NUMBER_OF_HOST = /^(?:\d{1,2}|[\da-f]{6,12})(?![a-z\d])/i;
/** Words that make another product of the one in front. `Max` may be a person. */
const VARIANT_OF_HOST = /^[-_ ]?(mini|pro|plus|lite|ultra|4k|x|xl|sfp|se|hd|hub|slim|go)(?![a-z\d])/i;

/**
 * The model with what the host's name adds to it, as in `Google-Home-Mini`; undefined where the name goes on within the word, since then it is
 * another model's beginning: `GL-MT` of `GL-MT300N`.
 */
export function asNamed(model: string, fields: Fields): string | undefined {
  if (bare(model).length < 3) return model;
  const sought = new RegExp(`(?<![a-z\\d])${[...bare(model)].join('[^a-z\\d]*')}(?<rest>.*)`, 'i');
  const rests = HOST_NAMES.flatMap((field) => sought.exec(fields[field] ?? '')?.groups?.rest ?? []);
  if (rests.length === 0) return model;
  const variant = rests.flatMap((rest) => VARIANT_OF_HOST.exec(rest)?.[1] ?? [])[0];
  if (variant !== undefined) return `${model} ${variant}`;
  return rests.some((rest) => !/^[a-z\d]/i.test(rest) || NUMBER_OF_HOST.test(rest)) ? model : undefined;
}

/** What follows each place where the name stands as a word of its own. */
function textsBehind(name: string, text: string): string[] {
  const [lower, sought] = [text.toLowerCase(), name.toLowerCase()];
  const found: string[] = [];
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, at + sought.length))
    if (!/[a-z\d]/i.test(text[at - 1] ?? '') && !/[a-z\d]/i.test(text[at + sought.length] ?? ''))
      found.push(text.slice(at + sought.length));
  return found;
}

/** A single digit or two behind a name without a number count hosts: `isilon-1`. */
function restOfWord(name: string, behind: string): string {
  if (NOT_ITS_REST.test(behind) || (!/\d/.test(name) && /^-\d{1,2}(?!\w)/.test(behind))) return '';
  return REST_OF_WORD.exec(behind)?.[0] ?? '';
}

function besideOf(name: string, behind: readonly string[], skipped: number): string {
  const patterns = /\d/.test(name) ? [VARIANT] : [NUMBER_BESIDE, VARIANT];
  const beside = behind.map((text) => text.slice(skipped)).filter((text) => !OF_SOMETHING_ELSE.test(text));
  const found = patterns.flatMap((pattern) => beside.flatMap((text) => pattern.exec(text)?.[0] ?? []));
  return found[0] ?? '';
}
