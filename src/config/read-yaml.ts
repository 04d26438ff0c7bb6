/** From the text of a YAML file to what its schema makes of it, or to every problem in it at once, each with its place and what would be accepted. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { err, ok, type Result } from '../base/result.ts';
import { closest } from './suggest.ts';

/** One thing that is wrong: where (`desk.page.port`, line), what, and what would be right. */
export type FileProblem = { readonly path: string; readonly line?: number; readonly message: string };

/** What is wrong beyond what the schema can say, at a place in the file. */
export type WrongAt = { readonly path: readonly PropertyKey[]; readonly message: string };

export type YamlFile<T extends z.ZodType> = {
  readonly schema: T;
  readonly limitBytes: number;
  /** Looks at the whole, also where the schema has found something wrong: the value may have any shape. */
  readonly alsoWrong?: (value: unknown) => readonly WrongAt[];
};

/** A broken file breaks everywhere: the first problems are those worth reading. */
const LIMIT_PROBLEMS = 20;

export function readYaml<T extends z.ZodType>(
  text: string,
  { schema, limitBytes, alsoWrong }: YamlFile<T>,
): Result<z.output<T>, FileProblem[]> {
  if (Buffer.byteLength(text) > limitBytes) return err([{ path: '', message: `the file is larger than ${limitBytes / 1024} KiB` }]);
  const lines = new LineCounter();
  // The parser compares every key with every other: ten thousand homes take it seconds.
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error', uniqueKeys: false });
  if (document.errors.length > 0) return err(shortened(document.errors.map(syntaxProblem)));
  const unfit = [...aliasesIn(document, lines), ...givenTwice(document, lines)];
  if (unfit.length > 0) return err(shortened(unfit));
  const value = withoutEmpty(document.toJS()) ?? {};
  const parsed = schema.safeParse(value);
  const further = (alsoWrong?.(value) ?? []).map(({ path, message }) => located(path, message, document, lines));
  if (parsed.success && further.length === 0) return ok(parsed.data);
  return err(shortened([...(parsed.error?.issues ?? []).flatMap((issue) => problemsOf(issue, { schema, document, lines })), ...further]));
}

/** In the order of the file; what the parser says twice about one line is said once. */
function shortened(problems: readonly FileProblem[]): FileProblem[] {
  const single = new Map(problems.map((problem) => [`${problem.line} ${problem.path} ${problem.message}`, problem]));
  const sorted = [...single.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const more = sorted.length - LIMIT_PROBLEMS;
  return more <= 0 ? sorted : [...sorted.slice(0, LIMIT_PROBLEMS), { path: '', message: `and ${more} more` }];
}

function syntaxProblem(error: {
  readonly code: string;
  readonly message: string;
  readonly linePos?: readonly { line: number }[];
}): FileProblem {
  return { path: '', line: error.linePos?.[0]?.line ?? 1, message: syntaxWords(error.code, error.message) };
}

function syntaxWords(code: string, message: string): string {
  if (/call stack|Stack overflow/.test(message)) return 'brackets are nested too deeply';
  if (code === 'MULTIPLE_DOCS') return 'the file holds several documents; remove the line "---"';
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function givenTwice(document: Document, lines: LineCounter): FileProblem[] {
  const found: FileProblem[] = [];
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value))
          found.push({ path: '', line: lines.linePos(key.range?.[0] ?? 0).line, message: 'this setting is given twice' });
        seen.add(key.value);
      }
    },
  });
  return found;
}

/** A settings file has no use for aliases, and with them a few lines can stand for gigabytes or contain themselves. */
function aliasesIn(document: Document, lines: LineCounter): FileProblem[] {
  const found: FileProblem[] = [];
  visit(document, {
    Alias(_key, { source, range }) {
      found.push({
        path: '',
        line: lines.linePos(range?.[0] ?? 0).line,
        message: `write the value itself instead of the alias *${source}`,
      });
    },
  });
  return found;
}

/** A heading with nothing below it (`uplink:`) is a section left out. */
function withoutEmpty(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(given.map(([key, inner]) => [key, withoutEmpty(inner)]));
}

type Read = { readonly schema: z.ZodType; readonly document: Document; readonly lines: LineCounter };

function problemsOf(issue: z.core.$ZodIssue, { schema, document, lines }: Read): FileProblem[] {
  if (issue.code !== 'unrecognized_keys') return [located(issue.path, messageOf(issue), document, lines)];
  const known = knownKeys(schema, issue.path);
  return issue.keys.map((key) => {
    const near = closest(key, known);
    const hint = near ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`;
    return located([...issue.path, key], `unknown setting; ${hint}`, document, lines);
  });
}

/** YAML's words for what JavaScript calls otherwise. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list (- one on each line)',
  object: 'a section with settings below it',
};

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return `must be ${issue.issues[0]?.message}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type') return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_format' || issue.code === 'custom') return `must be ${issue.message}`;
  if (issue.code === 'too_big') return `must be ${amountOf(issue.origin, 'at most', Number(issue.maximum))}`;
  if (issue.code === 'too_small') return `must be ${amountOf(issue.origin, 'at least', Number(issue.minimum))}`;
  return issue.message;
}

function amountOf(origin: string, bound: string, limit: number): string {
  const unit = { string: ' characters long', array: ' entries long' }[origin] ?? '';
  return `${bound} ${limit}${limit === 1 ? unit.replace('characters', 'character').replace('entries', 'entry') : unit}`;
}

function located(path: readonly PropertyKey[], message: string, document: Document, lines: LineCounter): FileProblem {
  const dotted = path.map(String).join('.');
  const offset = offsetOf(document, path);
  return offset === undefined ? { path: dotted, message } : { path: dotted, line: lines.linePos(offset).line, message };
}

/** Where the setting at `path` stands in the file: its key in a map, the item in a list. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value ?? '') === String(path.at(-1)));
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  return isSeq(parent) ? (parent.items[Number(path.at(-1))] as Node | undefined)?.range?.[0] : undefined;
}

/** The settings that exist below `path`, from the schema itself. */
function knownKeys(root: unknown, path: readonly PropertyKey[]): string[] {
  let schema = root;
  for (const key of path) schema = below(schema, key);
  return Object.keys(shapeOf(schema) ?? {});
}

type Section = {
  readonly shape?: Record<string, unknown>;
  readonly keyType?: { readonly options?: readonly string[] };
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly def?: { readonly innerType?: unknown };
};

/** What stands at a key: of a section its setting, of a list its items, of a section with names of the reader's own each of them. */
function below(schema: unknown, key: PropertyKey): unknown {
  const inner = unwrapped(schema);
  return inner?.element ?? shapeOf(schema)?.[String(key)] ?? inner?.valueType;
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const inner = unwrapped(schema);
  const names = inner?.keyType?.options?.map((name) => [name, inner.valueType]);
  return names ? Object.fromEntries(names) : inner?.shape;
}

function unwrapped(schema: unknown): Section | undefined {
  let inner = schema as Section | undefined;
  while (inner && !inner.shape && inner.def?.innerType) inner = inner.def.innerType as Section;
  return inner;
}
