/**
 * A process that is started and killed again and again. It says where it is by lines of one word; whoever kills it waits for a word. When it
 * ends by itself, and not in order, that is a fault of it, and is kept with what it wrote last. None outlives the process that started it.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const COMPLAINT_LENGTH = 2_000;

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export class Mortal {
  readonly name: string;
  readonly #command: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #folder: string | undefined;
  readonly #words = new Map<string, number>();
  readonly faults: string[] = [];
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  #closed: Promise<unknown> = Promise.resolve();
  #listeners = new Set<() => void>();

  /** `folder`: where it runs. */
  constructor(name: string, command = process.execPath, env = process.env, folder?: string) {
    this.name = name;
    this.#command = command;
    this.#env = env;
    this.#folder = folder;
  }

  start(args: readonly string[]): void {
    const child = spawn(this.#command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: this.#env, cwd: this.#folder });
    this.#child = child;
    alive.add(child);
    this.#words.clear();
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const word of lines) this.#words.set(word, (this.#words.get(word) ?? 0) + 1);
      this.#tell();
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-COMPLAINT_LENGTH);
    });
    this.#closed = once(child, 'close').then(([code, signal]) => {
      alive.delete(child);
      if (this.#child === child && code !== 0) this.faults.push(`${this.name} ended by itself (${signal ?? code}): ${complaint}`);
      this.#child = this.#child === child ? undefined : this.#child;
      this.#tell();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Since it was started. */
  timesSaid(word: string): number {
    return this.#words.get(word) ?? 0;
  }

  /** True once it has said `word` so many times since it was started; false when it ended before, or when `withinMs` are over. */
  async says(word: string, { times = 1, withinMs }: { times?: number; withinMs: number }): Promise<boolean> {
    const isSaid = (): boolean => this.timesSaid(word) >= times;
    if (isSaid() || !this.#child) return isSaid();
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#child && !isSaid()) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        resolve();
      }, withinMs);
      this.#listeners.add(look);
    });
    return isSaid();
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill(signal);
    await this.#closed;
  }
}
