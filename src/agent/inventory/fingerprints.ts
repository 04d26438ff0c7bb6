/**
 * Fingerprints are data (config/fingerprints): each rule says on which kind of evidence it works, what must match, and what then holds.
 * This file compiles them and applies them to one sighting. It knows no product; unknown evidence says nothing.
 */
import { cleanText } from '../../base/text.ts';
import type { EvidenceSighting, MdnsService, Sighting } from '../discovery/sighting.ts';
import type { Fact, FactName } from './device.ts';
import { type Expressions, newExpressions } from './expressions.ts';
import { isModel, modelOf, type SaidModel } from './model-names.ts';
import { requiredTexts } from './required-texts.ts';
import { type Finder, type KeyIndex, newKeyIndex, type Table, type Tables, tableWordsFinder } from './table-words.ts';
import { vendorName } from './vendor-name.ts';

/** One thing that was heard, as flat text fields: `type`, `instance`, `host`, `txt.md`; `server`, `target`, `header.x`; `manufacturer`, ... */
export type Evidence = { readonly on: string; readonly source: string; readonly fields: Readonly<Record<string, string>> };

/** One rule as config/fingerprints/README.md describes it; its source and examples are read by tests only. */
export type Fingerprint = {
  readonly id: string;
  readonly on: string | readonly string[];
  readonly match?: Readonly<Record<string, string>>;
  /** Two makers, each a word or `word|table`: the rule does not hold where both are known and differ. */
  readonly same?: readonly [string, string];
  readonly say: Readonly<Partial<Record<FactName, string | null>>>;
  readonly confidence: number;
};

type Words = Readonly<Record<string, string | undefined>>;

/** Holds for a text when it answers words: the named groups, and the text itself as `value`. */
type Condition = { readonly fields: readonly string[]; readonly wordsIn: (text: string, lower: string) => Words | undefined };

/** One of these texts must be in one of these fields, both in lower case, before a rule is worth running. */
type Gate = { readonly fields: readonly string[]; readonly texts: readonly string[] };

/** A rule as it was written. Of thousands a home needs a few hundred, so what runs is made when its gate first opens. */
type HeldRule = { readonly rule: Fingerprint; readonly gate: Gate | undefined; conditions: readonly Condition[] | undefined };

export type Fingerprints = {
  readonly tables: Tables;
  /** The rules for one kind of evidence; their gates are made when it is first heard: most homes never speak most protocols. */
  readonly rulesOn: (on: string) => readonly HeldRule[];
  readonly conditionsOf: (held: HeldRule) => readonly Condition[];
};

export type Statement = { readonly fact: FactName; readonly value: string } & Omit<Fact, 'value' | 'at'>;

const LONGEST_STATEMENT = 128;
/** The rules for DNS-SD services of a type that no rule names. */
const OTHER_SERVICES = '_other';
/** `@{makers}`: any key of a table. */
const ANY_KEY = /@\{[^}]*\}/g;

/** What all rules share. */
type Workshop = { readonly tables: Tables; readonly expressions: Expressions; readonly keyIndex: KeyIndex };

/** Throws at the first use of a rule whose pattern is none: the data is ours, and `npm run check` has read it. */
export function compileFingerprints(rules: readonly Fingerprint[], tables: Tables = new Map()): Fingerprints {
  const workshop: Workshop = { tables, expressions: newExpressions(), keyIndex: newKeyIndex(tables) };
  const written = byEvidence(rules);
  const ready = new Map<string, readonly HeldRule[]>();
  const splitNames = newNameSplitter();
  /** Rules on several kinds of evidence are held once. */
  const shared = new Map<Fingerprint, HeldRule>();
  const hold = (rule: Fingerprint): HeldRule => {
    const held = shared.get(rule) ?? { rule, gate: gateOf(rule, splitNames), conditions: undefined };
    if (Array.isArray(rule.on)) shared.set(rule, held);
    return held;
  };
  const rulesOn = (on: string): readonly HeldRule[] => {
    const known = ready.get(on);
    if (known) return known;
    const rules = written.get(on);
    // What the LAN calls its services must not fill the memory.
    if (!rules) return on.startsWith('_') && on !== OTHER_SERVICES ? rulesOn(OTHER_SERVICES) : [];
    const held = rules.map(hold);
    written.delete(on);
    ready.set(on, held);
    return held;
  };
  const conditionsOf = (held: HeldRule): readonly Condition[] => {
    held.conditions ??= Object.entries(held.rule.match ?? {}).map(([names, pattern]) => ({
      fields: splitNames(names),
      wordsIn: wordFinder(pattern, workshop),
    }));
    return held.conditions;
  };
  return { tables, rulesOn, conditionsOf };
}

function byEvidence(rules: readonly Fingerprint[]): Map<string, Fingerprint[]> {
  const found = new Map<string, Fingerprint[]>();
  for (const rule of rules)
    for (const on of [rule.on].flat()) {
      const before = found.get(on);
      if (before) before.push(rule);
      else found.set(on, [rule]);
    }
  return found;
}

type NameSplitter = (names: string) => readonly string[];

/** `a|b` as the same list for all rules. */
function newNameSplitter(): NameSplitter {
  const known = new Map<string, readonly string[]>();
  return (names) => {
    const fields = known.get(names) ?? names.split('|');
    known.set(names, fields);
    return fields;
  };
}

/** The first condition that needs some plain text; undefined when none does. */
function gateOf({ match = {} }: Fingerprint, splitNames: NameSplitter): Gate | undefined {
  for (const [names, pattern] of Object.entries(match)) {
    const texts = pattern.startsWith('@') || !isPlain(pattern) ? undefined : requiredTexts(pattern.replace(ANY_KEY, '.'));
    if (texts) return { fields: splitNames(names), texts };
  }
  return undefined;
}

function mayHold({ gate }: HeldRule, lower: Evidence['fields']): boolean {
  if (!gate) return true;
  for (const field of gate.fields) {
    const heard = lower[field];
    if (heard !== undefined) for (const text of gate.texts) if (heard.includes(text)) return true;
  }
  return false;
}

function wordFinder(pattern: string, workshop: Workshop): Condition['wordsIn'] {
  if (pattern.startsWith('@')) {
    const table = workshop.tables.get(pattern.slice(1));
    return (value, lower) => (table?.has(lower) ? { value } : undefined);
  }
  const find = tableWordsFinder(pattern, workshop) ?? finderOf(pattern, workshop.expressions);
  return (value, lower) => {
    const found = find(value, lower);
    return found ? { ...found.groups, value } : undefined;
  };
}

function finderOf(pattern: string, expressions: Expressions): Finder {
  const flags = isPlain(pattern) ? 'i' : 'iu';
  const required = isPlain(pattern) ? requiredTexts(pattern) : undefined;
  return (value, lower) => (required && !required.some((text) => lower.includes(text)) ? null : expressions.of(pattern, flags).exec(value));
}

/** Case folding beyond ASCII costs a third of the speed, so only patterns that need it have it. */
function isPlain(pattern: string): boolean {
  return !/\\p|[^\u0020-\u007e]/.test(pattern);
}

/** What the rules conclude from one piece of evidence: for each fact the most confident rule that speaks of it, `null` being silence. */
export function conclude(fingerprints: Fingerprints, evidence: Evidence): Statement[] {
  const best = new Map<FactName, SaidModel>();
  const models: SaidModel[] = [];
  const lower = lowerCase(evidence.fields);
  for (const held of fingerprints.rulesOn(evidence.on)) {
    const words = matchedWords(held, evidence.fields, lower, fingerprints);
    if (!words) continue;
    const { confidence } = held.rule;
    for (const [fact, template] of Object.entries(held.rule.say) as [FactName, string | null][]) {
      const isSurest = confidence > (best.get(fact)?.confidence ?? -1);
      if (!isSurest && fact !== 'model') continue;
      const value = template === null ? null : fillIn(template, { ...evidence.fields, ...words }, fingerprints.tables);
      if (value === undefined) continue;
      if (fact === 'model') {
        if (value !== null && !isModel(value, fingerprints.tables)) continue;
        models.push({ value, confidence });
      }
      if (isSurest) best.set(fact, { value, confidence });
    }
  }
  const model = modelOf(models, best.get('vendor')?.value, evidence.fields);
  if (model) best.set('model', model);
  else best.delete('model');
  return [...best].flatMap(([fact, { value, confidence }]) =>
    value === null ? [] : [{ fact, value, confidence, source: evidence.source }],
  );
}

/** The ids of all rules that match, whether or not another is surer. */
export function matchingRules(fingerprints: Fingerprints, { on, fields }: Evidence): string[] {
  const lower = lowerCase(fields);
  return fingerprints
    .rulesOn(on)
    .filter((held) => matchedWords(held, fields, lower, fingerprints))
    .map(({ rule }) => rule.id);
}

/** The words that the conditions found, or undefined when one does not hold. A field that was not heard is an empty text. */
function matchedWords(
  held: HeldRule,
  fields: Evidence['fields'],
  lower: Evidence['fields'],
  { conditionsOf, tables }: Fingerprints,
): Words | undefined {
  if (!mayHold(held, lower)) return undefined;
  const conditions = conditionsOf(held);
  const { same } = held.rule;
  let words: Words = {};
  for (const condition of conditions) {
    const found = firstWords(condition, fields, lower);
    if (!found) return undefined;
    words = conditions.length === 1 ? found : { ...words, ...found };
  }
  return same && differ(same, { ...fields, ...words }, tables) ? undefined : words;
}

/** `Zultys MX250`: the text names a maker, and the letters before the number are another's. */
function differ(same: readonly [string, string], words: Words, tables: Tables): boolean {
  const [one, other] = same.map((word) => vendorName(fillIn(`{${word}}`, words, tables) ?? '')?.toLowerCase());
  return one !== undefined && other !== undefined && one !== other;
}

function lowerCase(fields: Evidence['fields']): Evidence['fields'] {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.toLowerCase()]));
}

function firstWords({ fields: names, wordsIn }: Condition, fields: Evidence['fields'], lower: Evidence['fields']): Words | undefined {
  for (const name of names) {
    const words = wordsIn(fields[name] ?? '', lower[name] ?? '');
    if (words) return words;
  }
  return undefined;
}

/** `{word}` is a field or a named group, `{word|table}` what the table has for it; undefined when one of them is missing. */
function fillIn(template: string, words: Words, tables: Tables): string | undefined {
  let complete = true;
  const text = template.replace(/\{([^}|]+)(?:\|([^}]+))?\}/g, (_, word: string, table?: string) => {
    const heard = words[word]?.trim();
    const value = heard && table ? lookedUp(tables.get(table), words[word] ?? '') : heard;
    if (!value) complete = false;
    return value ?? '';
  });
  return complete ? cleanText(text, LONGEST_STATEMENT) : undefined;
}

/** A key may end in a blank (`taskalfa `), where the number of a product stands apart. */
function lookedUp(table: Table | undefined, heard: string): string | undefined {
  const key = heard.toLowerCase();
  return table?.get(key) ?? table?.get(key.trim());
}

/** The pieces of evidence in a sighting, each with the maker of the sender's MAC as `macVendor`; goodbyes are none. */
export function evidenceIn(sighting: Sighting, macVendor?: string): Evidence[] {
  const known: Record<string, string> = macVendor === undefined ? {} : { macVendor };
  return spokenEvidence(sighting).map((evidence) => ({ ...evidence, fields: { ...evidence.fields, ...known } }));
}

function spokenEvidence(sighting: Sighting): Evidence[] {
  switch (sighting.method) {
    case 'neighbour':
    case 'icmp':
    case 'udp':
    case 'tcp':
      return [];
    case 'mdns':
      return [
        ...hostEvidence(sighting.host),
        ...sighting.services.filter((service) => !service.gone).map((service) => mdnsEvidence(service, sighting.host)),
      ];
    case 'ssdp':
      return sighting.kind === 'byebye' ? [] : [{ on: 'ssdp', source: `ssdp ${tail(sighting.target)}`, fields: ssdpFields(sighting) }];
    case 'upnp':
      return [{ on: 'upnp', source: `upnp ${tail(sighting.deviceType ?? 'description')}`, fields: upnpFields(sighting) }];
    case 'dhcp':
      return [{ on: 'dhcp', source: 'dhcp', fields: sighting.fields }];
    case 'controller':
      return [{ on: sighting.reader, source: sighting.reader, fields: sighting.fields }];
    default:
      return [readEvidence(sighting)];
  }
}

/** Two pages of one device are two sources: the later one must not unsay the earlier. */
function readEvidence({ reader, port, fields, openPorts }: EvidenceSighting): Evidence {
  const source = [reader, port, fields.path === '/' ? undefined : fields.path?.slice(0, 48)].filter((word) => word !== undefined).join(' ');
  return { on: reader, source, fields: openPorts ? { ...fields, openPorts: openPorts.join(' ') } : fields };
}

function hostEvidence(host: string | undefined): Evidence[] {
  return host ? [{ on: 'mdns-host', source: 'mdns host', fields: { host } }] : [];
}

function mdnsEvidence(service: MdnsService, host: string | undefined): Evidence {
  const fields: Record<string, string> = { instance: service.instance };
  if (host) fields.host = host;
  for (const [key, value] of Object.entries(service.txt)) fields[`txt.${key}`] = value;
  return { on: service.type.toLowerCase(), source: `mdns ${service.type}`, fields };
}

function ssdpFields(sighting: Extract<Sighting, { method: 'ssdp' }>): Record<string, string> {
  const fields: Record<string, string> = { target: sighting.target, usn: sighting.usn };
  if (sighting.server) fields.server = sighting.server;
  for (const [name, value] of Object.entries(sighting.headers)) fields[`header.${name}`] = value;
  return fields;
}

function upnpFields(sighting: Extract<Sighting, { method: 'upnp' }>): Record<string, string> {
  const { deviceType, friendlyName, manufacturer, modelName, modelNumber, modelDescription, serialNumber, firmware } = sighting;
  const told = { deviceType, friendlyName, manufacturer, modelName, modelNumber, modelDescription, serialNumber, firmware };
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(told)) if (value) fields[name] = value;
  for (const [name, value] of Object.entries(sighting.extra)) fields[`extra.${name}`] = value;
  return fields;
}

/** `MediaRenderer:1` of `urn:schemas-upnp-org:device:MediaRenderer:1`. */
function tail(urn: string): string {
  return urn.split(':').slice(-2).join(':');
}
