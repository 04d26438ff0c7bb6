/** Lines at the bottom of a terminal that are drawn over again in place. Does nothing where the output is no terminal. */
import type { Output } from '../context.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';

export class LiveArea {
  readonly #output: Output;
  #drawn = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Replaces what was drawn before; as many lines as fit on the screen, the last one always. */
  draw(lines: readonly string[]): void {
    if (!this.#output.isTTY) return;
    const room = Math.max(1, (this.#output.rows || 24) - 1);
    const fitting = lines.length <= room ? lines : [...lines.slice(0, room - 1), lines.at(-1) ?? ''];
    const body = fitting.map((line) => `\u001b[2K${line}\n`).join('');
    this.#output.write(`${HIDE_CURSOR}${NO_WRAP}${this.#home()}${body}${WRAP}`);
    this.#drawn = fitting.length;
  }

  clear(): void {
    if (!this.#output.isTTY) return;
    this.#output.write(`${this.#home()}${SHOW_CURSOR}`);
    this.#drawn = 0;
  }

  /** To the first drawn line, all below erased. */
  #home(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}F\u001b[0J`;
  }
}
