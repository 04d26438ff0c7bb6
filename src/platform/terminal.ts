/** The terminal as a whole: its alternate screen, single keys, and its size as it changes. */
import { emitKeypressEvents } from 'node:readline';

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

export type Terminal = {
  /** Replaces the whole screen without flicker: lines are written over, not erased before. */
  show(lines: readonly string[]): void;
  size(): { readonly columns: number; readonly rows: number };
  /** Gives the screen back as it was. */
  close(): void;
};

/** `onKey` hears `q`, `up`, `pagedown`, `ctrl+c`; `onResize` that the size is another one. Undefined where there is no terminal. */
export function openTerminal({ onKey, onResize }: { onKey(key: string): void; onResize(): void }): Terminal | undefined {
  const { stdin, stdout } = process;
  if (!stdout.isTTY || !stdin.isTTY) return undefined;
  const hear = (_: string | undefined, key: { name?: string; sequence?: string; ctrl?: boolean }): void => {
    const name = key.name ?? key.sequence ?? '';
    onKey(key.ctrl ? `ctrl+${name}` : name);
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', hear);
  stdin.resume();
  stdout.on('resize', onResize);
  stdout.write(ENTER);
  return {
    show: (lines) => void stdout.write(`${HOME}${lines.map((line) => `${line}${REST_OF_LINE}`).join('\r\n')}${REST_OF_SCREEN}`),
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    close() {
      stdin.off('keypress', hear);
      stdin.setRawMode(false);
      stdin.pause();
      stdout.off('resize', onResize);
      stdout.write(LEAVE);
    },
  };
}
