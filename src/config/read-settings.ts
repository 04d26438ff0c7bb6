/** From the text of a configuration file to settings, or to every problem in it at once, each with its place and what would be accepted. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { err, ok, type Result } from '../base/result.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { closest } from './suggest.ts';

/** One thing that is wrong: where (`desk.page.port`, line), what, and what would be right. */
export type SettingsProblem = { readonly path: string; readonly line?: number; readonly message: string };

const LIMIT_BYTES = 256 * 1024;

export function readSettings(text: string): Result<Settings, SettingsProblem[]> {
  if (text.length > LIMIT_BYTES) return err([{ path: '', message: `the file is larger than ${LIMIT_BYTES / 1024} KiB` }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    return err(document.errors.map((error) => ({ path: '', line: error.linePos?.[0].line ?? 1, message: firstLine(error.message) })));
  }
  const parsed = settingsSchema.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {});
  if (parsed.success) return ok(parsed.data);
  return err(parsed.error.issues.flatMap((issue) => problemsOf(issue, document, lines)));
}

function problemsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): SettingsProblem[] {
  if (issue.code !== 'unrecognized_keys') return [located(issue.path, messageOf(issue), document, lines)];
  const known = knownKeys(issue.path);
  return issue.keys.map((key) => {
    const near = closest(key, known);
    const hint = near ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`;
    return located([...issue.path, key], `unknown setting; ${hint}`, document, lines);
  });
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format' || issue.code === 'custom') return `must be ${issue.message}`;
  return issue.message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, '');
}

function located(path: readonly PropertyKey[], message: string, document: Document, lines: LineCounter): SettingsProblem {
  const dotted = path.map(String).join('.');
  const offset = offsetOf(document, path);
  return offset === undefined ? { path: dotted, message } : { path: dotted, line: lines.linePos(offset).line, message };
}

/** Where the setting at `path` stands in the file: its key in a map, the item in a list. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1));
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  return isSeq(parent) ? (parent.items[Number(path.at(-1))] as Node | undefined)?.range?.[0] : undefined;
}

/** The settings that exist below `path`, from the schema itself. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = settingsSchema;
  for (const key of path) schema = shapeOf(schema)?.[String(key)];
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  let inner = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } } | undefined;
  while (inner && !inner.shape && inner.def?.innerType) inner = inner.def.innerType as typeof inner;
  return inner?.shape;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}
