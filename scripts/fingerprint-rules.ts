// What a fingerprint rule must be, checked once before it is shipped (`npm run check`, and its own test), so that the agent need not.
import { z } from 'zod';
import { compileFingerprints, conclude, type Evidence, type Fingerprint, matchingRules } from '../src/agent/inventory/fingerprints.ts';
import { isDeviceKind } from '../src/agent/inventory/kinds.ts';
import { type Tables, tablesIn } from '../src/agent/inventory/table-words.ts';

const FACT_NAMES = ['name', 'vendor', 'model', 'modelNumber', 'firmware', 'serial', 'kind'] as const;
const textsSchema = z.record(z.string(), z.string());
const saysSchema = z.partialRecord(z.enum(FACT_NAMES), z.string().min(1).nullable());

export const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  on: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  match: textsSchema.default({}),
  same: z.tuple([z.string(), z.string()]).optional(),
  say: saysSchema,
  confidence: z.number().min(0).max(1),
  source: z.string().min(3).optional(),
  /** `says` is what all rules together conclude from `fields`; `on` names which evidence when the rule works on several. */
  examples: z.array(z.strictObject({ on: z.string().optional(), fields: textsSchema, says: saysSchema })).min(1),
});

export type Rule = z.output<typeof ruleSchema>;

/** A quantified group that itself ends in an open quantifier, `(a+)*`, is how a pattern gets exponential. */
const NESTED_QUANTIFIER = /\((?:[^()\\]|\\.)*[+*](?:[^()\\]|\\.)*\)(?:[+*]|\{\d*,)/;
const LONGEST_PATTERN = 4000;
/** Two open wildcards in a row try every split. */
const DOUBLE_WILDCARD = /\.[*+]\??\.[*+]/;

/** What is wrong with the rules, one line each; empty when nothing is. */
export function problemsIn(written: readonly unknown[], tables: Tables): string[] {
  const parsed = written.map((rule) => ({ rule, result: ruleSchema.safeParse(rule) }));
  const malformed = parsed.flatMap(({ rule, result }) =>
    result.success ? [] : [`${(rule as { id?: string }).id}: ${z.prettifyError(result.error)}`],
  );
  const rules = parsed.flatMap(({ result }) => (result.success ? [result.data] : []));
  const seen = new Set<string>();
  const twice = rules.filter(({ id }) => seen.size === seen.add(id).size).map(({ id }) => `${id}: the id is taken`);
  return [...malformed, ...twice, ...rules.flatMap((rule) => problemsInRule(rule, tables).map((problem) => `${rule.id}: ${problem}`))];
}

function problemsInRule(rule: Rule, tables: Tables): string[] {
  const problems = Object.values(rule.match).flatMap((pattern) => problemsInPattern(pattern, tables));
  const kind = rule.say.kind;
  if (kind && !kind.includes('{') && !isDeviceKind(kind)) problems.push(`there is no kind ${kind}`);
  for (const text of [...Object.values(rule.say), ...(rule.same ?? []).map((word) => `{${word}}`)])
    for (const [, table] of (text ?? '').matchAll(/\{[^}|]+\|([^}]+)\}/g))
      if (!tables.has(table ?? '')) problems.push(`there is no table ${table}`);
  return problems;
}

/** The pattern with one word in place of a table that it names. */
export function withoutTables(pattern: string): string {
  return pattern.replace(/@\{[^}]*\}/g, '(?:acme)');
}

function problemsInPattern(pattern: string, tables: Tables): string[] {
  if (pattern.startsWith('@')) return tables.has(pattern.slice(1)) ? [] : [`there is no table ${pattern.slice(1)}`];
  const missing = tablesIn(pattern).filter((name) => !tables.has(name));
  if (missing.length > 0) return missing.map((name) => `there is no table ${name}`);
  if (pattern.length > LONGEST_PATTERN)
    return [`a pattern of ${pattern.length} characters takes long to compile: name a table in it, @{makers}`];
  try {
    new RegExp(withoutTables(pattern), 'iu');
  } catch (error) {
    return [(error as Error).message];
  }
  if (NESTED_QUANTIFIER.test(pattern)) return [`a quantified group with a quantifier in it can take for ever: ${pattern}`];
  return DOUBLE_WILDCARD.test(pattern) ? [`two wildcards in a row: ${pattern}`] : [];
}

/** Each example with what the rule alone and all rules make of it; `stolenBy` says that another rule is surer of one of its facts. */
export function problemsInExamples(rules: readonly Rule[], tables: Tables): string[] {
  const all = compileFingerprints(rules as readonly Fingerprint[], tables);
  return rules.flatMap((rule) =>
    rule.examples.flatMap(({ on, fields, says }) => {
      const evidence: Evidence = { on: on ?? [rule.on].flat()[0] ?? '', source: 'example', fields };
      if (!matchingRules(all, evidence).includes(rule.id)) return [`${rule.id}: does not match ${JSON.stringify(fields)}`];
      const said = sorted(Object.fromEntries(conclude(all, evidence).map(({ fact, value }) => [fact, value])));
      const wanted = sorted(says);
      return said === wanted ? [] : [`${rule.id}: ${JSON.stringify(fields)} says ${said}, its example wants ${wanted}`];
    }),
  );
}

function sorted(facts: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))));
}

const LINE_WIDTH = 140;

/** The one layout of a rule file: a line for each part of a rule, and for each example where they do not fit on one. */
export function laidOut(rules: readonly unknown[]): string {
  const written = rules.map((rule) => {
    const parts = Object.entries(rule as object).map(([name, value]) => `    ${JSON.stringify(name)}: ${onOneLine(value)}`);
    return `  {\n${parts.map((part) => (part.length > LINE_WIDTH ? spread(part, rule as object) : part)).join(',\n')}\n  }`;
  });
  return `[\n${written.join(',\n')}\n]\n`;
}

function spread(part: string, rule: { readonly examples?: readonly unknown[] }): string {
  if (!part.startsWith('    "examples"')) return part;
  return `    "examples": [\n${(rule.examples ?? []).map((example) => `      ${onOneLine(example)}`).join(',\n')}\n    ]`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${onOneLine(part)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
