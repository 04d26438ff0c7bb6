/**
 * The small Markdown that playbooks are written in, read into a typed tree: `##` headings, paragraphs, ordered and unordered lists with one list
 * inside an item, **bold**, `code`, links and {blanks}. Everything else is a problem with its line, above all HTML: what is not in the tree cannot
 * reach a page. Never throws, whatever it is given, and takes time in proportion to its length.
 */
import { cleanText } from '../../base/text.ts';

/** Words of a line. A blank is filled in with what is known of the alert. */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'bold'; readonly of: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'link'; readonly href: string; readonly text: string }
  | { readonly type: 'blank'; readonly name: string };

export type Line = { readonly line: number; readonly words: readonly Inline[] };
/** `under`: the list inside the item, always unordered. */
export type Item = Line & { readonly under: readonly Line[] };

export type Block =
  | { readonly type: 'heading'; readonly line: number; readonly text: string }
  | ({ readonly type: 'paragraph' } & Line)
  | { readonly type: 'list'; readonly line: number; readonly ordered: boolean; readonly items: readonly Item[] };

/** Line 1 is the first of the file. */
export type MarkdownProblem = { readonly line: number; readonly message: string };

export type Document = { readonly blocks: readonly Block[]; readonly problems: readonly MarkdownProblem[] };

/** A step that is longer is two; what is far longer is no playbook. */
const LONGEST_LINE = 1_000;
const MOST_LINES = 1_000;
/** A file that is no playbook breaks everywhere: its first problems are those worth reading. */
const MOST_PROBLEMS = 50;

const HEADING = /^(#{1,6}) (.+)$/;
const ITEM = /^(?<indent> *)(?:(?<number>\d{1,3})\.|-) (?<rest>\S.*)$/;
/** Markdown that this one leaves out, by how its line begins. */
const LEFT_OUT = /^ *(?:```|~~~|>|\||\* |\+ |={3}|-{3}|\*{3}|_{3}|\[[^\]]*\]:)/;

type OpenLine = { readonly line: number; text: string };
type OpenItem = OpenLine & { readonly under: OpenLine[] };
type OpenBlock =
  | { readonly type: 'heading'; readonly line: number; readonly text: string }
  | ({ readonly type: 'paragraph' } & OpenLine)
  | { readonly type: 'list'; readonly line: number; readonly ordered: boolean; readonly items: OpenItem[] };

/** `firstLine`: the number of the first line of `text` in its file. `hosts`: those that a link may lead to. */
export function readMarkdown(text: string, firstLine = 1, hosts: ReadonlySet<string> = new Set()): Document {
  const reader = new BlockReader();
  const lines = text.split(/\r?\n/, MOST_LINES + 1);
  if (lines.length > MOST_LINES) reader.complain(firstLine + MOST_LINES, `it has more than ${MOST_LINES} lines`);
  lines.slice(0, MOST_LINES).forEach((line, i) => {
    reader.read(line.trimEnd(), firstLine + i);
  });
  const words = new WordReader(hosts, (line, message) => reader.complain(line, message));
  const blocks = reader.blocks.map((block) => words.block(block));
  return { blocks, problems: reader.problems.sort((left, right) => left.line - right.line).slice(0, MOST_PROBLEMS) };
}

/** Lines to blocks whose words are still text. */
class BlockReader {
  readonly blocks: OpenBlock[] = [];
  readonly problems: MarkdownProblem[] = [];
  /** What the next line may go on with. */
  #open: OpenLine | undefined;
  #list: Extract<OpenBlock, { type: 'list' }> | undefined;

  complain(line: number, message: string): void {
    if (this.problems.length < MOST_PROBLEMS * 4) this.problems.push({ line, message });
  }

  read(text: string, line: number): void {
    if (text === '') {
      this.#open = undefined;
      return;
    }
    const trouble = troubleOf(text);
    if (trouble !== undefined) {
      this.complain(line, trouble);
      // A step that is wrong is a step all the same: its part is not called empty too.
      if (!ITEM.test(text)) return;
    }
    const heading = HEADING.exec(text);
    const item = ITEM.exec(text)?.groups;
    if (heading) this.#heading(heading[1] as string, heading[2] as string, line);
    else if (item) this.#item(item as { indent: string; number?: string; rest: string }, line);
    else this.#words(text, line);
  }

  #heading(signs: string, text: string, line: number): void {
    if (signs !== '##') this.complain(line, 'headings begin with ## and a space; the title stands above');
    this.blocks.push({ type: 'heading', line, text: text.trim() });
    this.#open = this.#list = undefined;
  }

  #item({ indent, number, rest }: { indent: string; number?: string; rest: string }, line: number): void {
    const last = this.#list?.items.at(-1);
    if (indent.length >= 2) {
      if (!last) this.complain(line, 'a list inside an item needs the item above it');
      else if (number !== undefined) this.complain(line, 'a list inside an item begins its lines with "- "');
      const under = { line, text: rest };
      last?.under.push(under);
      this.#open = under;
      return;
    }
    const item = { line, text: rest, under: [] };
    const ordered = number !== undefined;
    if (this.#list?.ordered === ordered) this.#list.items.push(item);
    else {
      this.#list = { type: 'list', line, ordered, items: [item] };
      this.blocks.push(this.#list);
    }
    this.#open = item;
  }

  #words(text: string, line: number): void {
    if (this.#open) {
      this.#open.text += ` ${text.trim()}`;
      return;
    }
    if (text.startsWith('    ') || text.startsWith('\t')) this.complain(line, 'an indented line goes on with the line above it');
    const paragraph = { type: 'paragraph' as const, line, text: text.trim() };
    this.blocks.push(paragraph);
    this.#open = paragraph;
    this.#list = undefined;
  }
}

function troubleOf(text: string): string | undefined {
  if (text.length > LONGEST_LINE) return `the line is longer than ${LONGEST_LINE} characters`;
  if (cleanText(text, LONGEST_LINE) !== text.normalize('NFC').replace(/\s+/g, ' ').trim())
    return 'it holds characters that cannot be seen or that turn the line round';
  if (/<[a-z/!?]/i.test(text)) return 'HTML is not taken: write words';
  if (/!\[/.test(text)) return 'pictures are not taken';
  if (LEFT_OUT.test(text)) return 'only ## headings, paragraphs, lists that begin with "1. " or "- ", **bold**, `code` and links are taken';
  return undefined;
}

// None of these alternatives can match one text in two ways, and each stops at the sign that would begin another.
const WORDS = /\*\*(?<bold>[^*]+)\*\*|`(?<code>[^`]+)`|\[(?<label>[^\][]+)\]\((?<href>[^\s()]+)\)|\{(?<blank>[a-z ]{1,40})\}/g;
const STRAY = /\*\*|`|[{}]|\]\(/;

/** Text to words. */
class WordReader {
  readonly #hosts: ReadonlySet<string>;
  readonly #complain: (line: number, message: string) => void;

  constructor(hosts: ReadonlySet<string>, complain: (line: number, message: string) => void) {
    this.#hosts = hosts;
    this.#complain = complain;
  }

  block(block: OpenBlock): Block {
    if (block.type === 'heading') return block;
    if (block.type === 'paragraph') return { type: 'paragraph', ...this.#line(block) };
    const items = block.items.map((item) => ({ ...this.#line(item), under: item.under.map((line) => this.#line(line)) }));
    return { ...block, items };
  }

  #line({ line, text }: OpenLine): Line {
    return { line, words: this.#words(text, line) };
  }

  #words(text: string, line: number): Inline[] {
    const words: Inline[] = [];
    let end = 0;
    for (const match of text.matchAll(WORDS)) {
      this.#text(words, text.slice(end, match.index), line);
      end = match.index + match[0].length;
      const { bold, code, label, href, blank } = match.groups ?? {};
      if (bold !== undefined) words.push({ type: 'bold', of: this.#words(bold, line) });
      else if (code !== undefined) words.push({ type: 'code', text: code });
      else if (blank !== undefined) words.push({ type: 'blank', name: blank });
      else if (label !== undefined && href !== undefined) words.push(this.#link(label, href, line));
    }
    this.#text(words, text.slice(end), line);
    return words;
  }

  #text(words: Inline[], text: string, line: number): void {
    if (text === '') return;
    const stray = STRAY.exec(text)?.[0];
    if (stray !== undefined)
      this.#complain(line, `"${stray}" stands alone: what it begins or ends is missing, or is no word that can be filled in`);
    words.push({ type: 'text', text });
  }

  #link(text: string, href: string, line: number): Inline {
    const url = URL.canParse(href) ? new URL(href) : undefined;
    const isNamed = url?.protocol === 'https:' && url.username === '' && url.port === '' && this.#hosts.has(url.hostname);
    if (isNamed) return { type: 'link', href: url.href, text };
    this.#complain(line, `the link ${href} is no https address of a host that the sources name`);
    return { type: 'text', text };
  }
}
