/**
 * Fingerprints are data (config/fingerprints): each rule says on which kind of evidence it works, what must match, and what then holds.
 * This file compiles them and applies them to one sighting. It knows no product; unknown evidence says nothing.
 */
import { z } from 'zod';
import type { MdnsService, Sighting } from '../discovery/sighting.ts';
import type { Fact, FactName } from './device.ts';

/** One thing that was heard, as flat text fields: `type`, `instance`, `host`, `txt.md`; `server`, `target`, `header.x`; `manufacturer`, ... */
export type Evidence = { readonly on: string; readonly source: string; readonly fields: Readonly<Record<string, string>> };

const FACT_NAMES = ['name', 'vendor', 'model', 'modelNumber', 'firmware', 'serial', 'kind'] as const satisfies readonly FactName[];

const fieldsSchema = z.record(z.string(), z.string());
/** `null` claims that the evidence says nothing worth telling, although a weaker rule would take it. */
const saysSchema = z.partialRecord(z.enum(FACT_NAMES), z.string().nullable());

export const fingerprintSchema = z.strictObject({
  id: z.string(),
  /** An mDNS service type, `ssdp`, `upnp`, or `mac` (field `vendor`, from the registry). */
  on: z.string(),
  /** Regular expressions, without case, all of which must match; named groups may be used in `say`. */
  match: fieldsSchema.default({}),
  /** Texts with `{field}` or `{group}`; a text whose field is missing or empty is not said. */
  say: saysSchema,
  confidence: z.number().min(0).max(1),
  /** Where the rule's facts are from. */
  source: z.string().optional(),
  examples: z.array(z.strictObject({ fields: fieldsSchema, says: saysSchema })).min(1),
});

export type Fingerprint = z.output<typeof fingerprintSchema>;

type CompiledRule = {
  readonly id: string;
  readonly match: readonly (readonly [field: string, pattern: RegExp])[];
  readonly say: Fingerprint['say'];
  readonly confidence: number;
};

/** Rules by the evidence they work on. */
export type Fingerprints = ReadonlyMap<string, readonly CompiledRule[]>;

export type Statement = { readonly fact: FactName; readonly value: string } & Omit<Fact, 'value' | 'at'>;

/** Throws for a rule that is no rule: the data is ours. */
export function compileFingerprints(rules: readonly unknown[]): Fingerprints {
  const byEvidence = new Map<string, CompiledRule[]>();
  for (const raw of rules) {
    const rule = fingerprintSchema.parse(raw);
    const match = Object.entries(rule.match).map(([field, pattern]) => [field, new RegExp(pattern, 'iu')] as const);
    byEvidence.set(rule.on, [...(byEvidence.get(rule.on) ?? []), { id: rule.id, match, say: rule.say, confidence: rule.confidence }]);
  }
  return byEvidence;
}

/** What the rules conclude from one piece of evidence: for each fact the most confident rule that speaks of it, `null` being silence. */
export function conclude(fingerprints: Fingerprints, evidence: Evidence): Statement[] {
  const best = new Map<FactName, { value: string | null; confidence: number }>();
  for (const rule of fingerprints.get(evidence.on) ?? []) {
    const words = matchedWords(rule, evidence.fields);
    if (!words) continue;
    for (const [fact, template] of Object.entries(rule.say) as [FactName, string | null][]) {
      const value = template === null ? null : fillIn(template, words);
      if (value !== undefined && rule.confidence > (best.get(fact)?.confidence ?? -1))
        best.set(fact, { value, confidence: rule.confidence });
    }
  }
  return [...best].flatMap(([fact, { value, confidence }]) =>
    value === null ? [] : [{ fact, value, confidence, source: evidence.source }],
  );
}

/** The fields and the named groups, or undefined when the rule does not match. */
function matchedWords(rule: CompiledRule, fields: Evidence['fields']): Record<string, string | undefined> | undefined {
  const words: Record<string, string | undefined> = { ...fields };
  for (const [field, pattern] of rule.match) {
    const found = pattern.exec(fields[field] ?? '');
    if (!found) return undefined;
    Object.assign(words, found.groups);
  }
  return words;
}

function fillIn(template: string, words: Record<string, string | undefined>): string | undefined {
  let complete = true;
  const text = template.replace(/\{([^}]+)\}/g, (_, word: string) => {
    const value = words[word]?.trim();
    if (!value) complete = false;
    return value ?? '';
  });
  return complete ? text.trim() || undefined : undefined;
}

/** The pieces of evidence in a sighting, each with the maker of the sender's MAC as `macVendor`; goodbyes are none. */
export function evidenceIn(sighting: Sighting, macVendor?: string): Evidence[] {
  const known: Record<string, string> = macVendor === undefined ? {} : { macVendor };
  return spokenEvidence(sighting).map((evidence) => ({ ...evidence, fields: { ...evidence.fields, ...known } }));
}

function spokenEvidence(sighting: Sighting): Evidence[] {
  switch (sighting.method) {
    case 'mdns':
      return [
        ...hostEvidence(sighting.host),
        ...sighting.services.filter((service) => !service.gone).map((service) => mdnsEvidence(service, sighting.host)),
      ];
    case 'ssdp':
      return sighting.kind === 'byebye' ? [] : [{ on: 'ssdp', source: `ssdp ${tail(sighting.target)}`, fields: ssdpFields(sighting) }];
    case 'upnp':
      return [{ on: 'upnp', source: `upnp ${tail(sighting.deviceType ?? 'description')}`, fields: upnpFields(sighting) }];
    default:
      return [];
  }
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
