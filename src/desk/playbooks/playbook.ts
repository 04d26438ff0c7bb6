/**
 * A playbook: what somebody with little training does about one sort of alert, at night and from afar. Read from a file, Markdown with front matter
 * (config/playbooks/README.md), and checked: every problem at once, each with its line. Pure.
 */
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { err, ok, type Result } from '../../base/result.ts';
import { ALERT_CODES, type AlertCode } from '../../protocol/alert-catalogue.ts';
import { BLANKS, isBlank } from './blanks.ts';
import { type Block, type Document, type Inline, type Item, type Line, type MarkdownProblem, readMarkdown } from './markdown.ts';

/** The parts of a playbook by their headings, in the order in which they are used. `steps`: done one after another and ticked off. */
export const PARTS = {
  'Look first': { id: 'look', steps: true, required: true },
  'From afar': { id: 'afar', steps: true, required: false },
  'Ask the client': { id: 'ask', steps: true, required: false },
  Never: { id: 'never', steps: false, required: true },
  'Hand over': { id: 'hand-over', steps: false, required: true },
  'Over when': { id: 'over', steps: false, required: true },
  Technical: { id: 'technical', steps: false, required: false },
} as const;
export type PartName = keyof typeof PARTS;

export type Part = { readonly name: PartName; readonly line: number; readonly items: readonly Item[] };

export type Playbook = {
  /** Of its file, without the ending. */
  readonly name: string;
  /** Whose it is: it came with hearthbeat, or lies in the desk's own folder. */
  readonly from: 'hearthbeat' | 'own';
  readonly title: string;
  /** Empty: whatever the alert. */
  readonly alerts: readonly AlertCode[];
  /** Empty: whatever the kind of device, also none. */
  readonly kinds: readonly string[];
  readonly tier: 'basic' | 'advanced';
  /** The day on which somebody last held it against its sources, `2026-11-23`. */
  readonly read: string;
  readonly sources: readonly Source[];
  /** One sentence. */
  readonly means: readonly Inline[];
  readonly parts: readonly Part[];
};

export type Source = { readonly title: string; readonly url?: string | undefined };

const LONGEST_FILE = 64 * 1024;
export const PLAYBOOK_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const https = z.string().max(400).refine(isHttps, 'an https address');
const schema = z
  .strictObject({
    title: z.string('a title is missing').min(1, 'a title is missing').max(80),
    for: z.strictObject({
      alerts: z.array(z.enum(ALERT_CODES, 'no alert has this code')).max(ALERT_CODES.length).default([]),
      kinds: z.array(z.string().regex(PLAYBOOK_NAME, 'a kind of device, as `hearthbeat device list` names it')).max(100).default([]),
    }),
    tier: z.enum(['basic', 'advanced'], 'basic or advanced'),
    read: z.iso.date('a day such as 2026-11-23'),
    sources: z
      .array(z.strictObject({ title: z.string().min(1).max(200), url: https.optional() }))
      .max(20)
      .default([]),
  })
  .refine((head) => head.for.alerts.length + head.for.kinds.length > 0, { path: ['for'], message: 'names neither an alert nor a kind' });

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}

/** `name`: of the file, without its ending. */
export function readPlaybook(name: string, text: string, from: Playbook['from']): Result<Playbook, MarkdownProblem[]> {
  if (text.length > LONGEST_FILE) return err([{ line: 1, message: `the file is larger than ${LONGEST_FILE / 1024} KiB` }]);
  const halves = /^---\r?\n(?<head>[\s\S]*?)\r?\n---\r?\n(?<body>[\s\S]*)$/.exec(text)?.groups;
  if (!PLAYBOOK_NAME.test(name)) return err([{ line: 1, message: 'its name holds more than small letters, digits and single hyphens' }]);
  if (halves === undefined) return err([{ line: 1, message: 'it does not begin with "---", its title and what it is for, and "---"' }]);
  const { head = '', body = '' } = halves;
  const read = readHead(head);
  const sources = read.ok ? read.value.sources : [];
  const hosts = new Set(sources.flatMap(({ url }) => (url === undefined ? [] : [new URL(url).hostname])));
  const document = readMarkdown(body, head.split('\n').length + 3, hosts);
  const problems = [...(read.ok ? [] : read.error), ...document.problems, ...shapeProblems(document)];
  if (!read.ok || problems.length > 0) return err(problems.sort((left, right) => left.line - right.line));
  const { for: where, ...rest } = read.value;
  return ok({ name, from, ...rest, ...where, means: meansOf(document.blocks), parts: partsOf(document.blocks) });
}

function readHead(head: string): Result<z.infer<typeof schema>, MarkdownProblem[]> {
  const lines = new LineCounter();
  const document = parseDocument(head, { lineCounter: lines, logLevel: 'error' });
  // The first line of the head is the second of the file.
  const lineAt = (offset: number): number => lines.linePos(offset).line + 1;
  if (document.errors.length > 0)
    return err(document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message: message.split('\n')[0] ?? message })));
  const parsed = schema.safeParse(plain(document));
  if (parsed.success) return ok(parsed.data);
  return err(
    parsed.error.issues.map(({ path, message }) => {
      const node = document.getIn(path as (string | number)[], true) as { range?: [number, number, number] } | undefined;
      const offset = node?.range?.[0];
      return { line: offset === undefined ? 2 : lineAt(offset), message: `${path.join('.') || 'the head'}: ${message}` };
    }),
  );
}

/** An alias may stand for a million copies: it is none of the words of a head. */
function plain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

function isPart(text: string): text is PartName {
  return Object.hasOwn(PARTS, text);
}

/** What the blocks are, held against what a playbook is made of. */
function shapeProblems({ blocks }: Document): MarkdownProblem[] {
  const first = blocks[0];
  const problems: MarkdownProblem[] = [];
  if (first?.type !== 'paragraph')
    problems.push({ line: first?.line ?? 1, message: 'the first words say in one sentence what the alert means' });
  const seen = new Set<string>();
  for (const block of first?.type === 'paragraph' ? blocks.slice(1) : blocks) {
    if (block.type === 'heading') problems.push(...headingProblems(block, seen));
    else if (block.type === 'paragraph') problems.push({ line: block.line, message: 'below a heading stand lists only: make it a step' });
  }
  for (const [name, { required }] of Object.entries(PARTS))
    if (required && !seen.has(name)) problems.push({ line: 1, message: `the part "## ${name}" is missing` });
  for (const { name, line, items } of partsOf(blocks)) problems.push(...partProblems(name, line, items));
  for (const { line, words } of linesOf(blocks)) problems.push(...blankProblems(words, line));
  return problems;
}

function headingProblems({ text, line }: Extract<Block, { type: 'heading' }>, seen: Set<string>): MarkdownProblem[] {
  if (!isPart(text)) return [{ line, message: `there is no part "${text}"; there are ${Object.keys(PARTS).join(', ')}` }];
  if (seen.has(text)) return [{ line, message: `the part "${text}" stands here a second time` }];
  seen.add(text);
  return [];
}

function partProblems(name: PartName, line: number, items: readonly Item[]): MarkdownProblem[] {
  if (items.length === 0) return [{ line, message: `nothing stands below "${name}"` }];
  if (name !== 'Ask the client') return [];
  return items
    .filter(({ under }) => under.length === 0)
    .map((item) => ({ line: item.line, message: 'say below the question what each answer means' }));
}

function blankProblems(words: readonly Inline[], line: number): MarkdownProblem[] {
  return words.flatMap((word) => {
    if (word.type === 'bold') return blankProblems(word.of, line);
    if (word.type !== 'blank' || isBlank(word.name)) return [];
    return [{ line, message: `{${word.name}} cannot be filled in; there are ${BLANKS.join(', ')}` }];
  });
}

function meansOf(blocks: readonly Block[]): readonly Inline[] {
  const first = blocks[0];
  return first?.type === 'paragraph' ? first.words : [];
}

/** Each heading that is known with the items of the lists below it. */
function partsOf(blocks: readonly Block[]): Part[] {
  const parts: { name: PartName; line: number; items: Item[] }[] = [];
  let last: (typeof parts)[number] | undefined;
  for (const block of blocks) {
    if (block.type === 'heading') {
      last = isPart(block.text) ? { name: block.text, line: block.line, items: [] } : undefined;
      if (last) parts.push(last);
    } else if (block.type === 'list') last?.items.push(...block.items);
  }
  return parts;
}

function linesOf(blocks: readonly Block[]): Line[] {
  return blocks.flatMap((block) => {
    if (block.type === 'heading') return [];
    return block.type === 'paragraph' ? [block] : block.items.flatMap((item) => [item, ...item.under]);
  });
}
