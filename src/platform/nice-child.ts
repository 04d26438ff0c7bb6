/** A short-lived process beside the agent, for what would hold its watching up or stay in its memory. However it ends is a value here. */
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { cleanText } from '../base/text.ts';

export type ChildOptions = {
  /** What it is given on its standard input. */
  readonly input?: string;
  readonly timeoutMs: number;
  /** How much watching goes first: 1 to 19. */
  readonly niceness: number;
  /** In characters; a longer answer is a failure. */
  readonly longestAnswer: number;
};

/** What it wrote where it ended well, else why not in words: its own, if it complained. */
export type ChildEnd = { readonly answer: string } | { readonly failure: string };

export type NiceChild = { readonly ended: Promise<ChildEnd>; kill(): void };

/** Of what it complains the end, which says why it ended. */
const LONGEST_COMPLAINT = 2_048;
const LONGEST_FAILURE = 400;

export function runNicely([command = '', ...args]: readonly string[], options: ChildOptions): NiceChild {
  const { input = '', timeoutMs, niceness, longestAnswer } = options;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<ChildEnd>((resolve) => {
    let answer = '';
    let complaint = '';
    const late = setTimeout(() => end({ failure: `it took longer than ${timeoutMs} ms` }), timeoutMs);
    function end(how: ChildEnd): void {
      clearTimeout(late);
      child.kill('SIGKILL');
      resolve(how);
    }
    child.once('error', (error) => end({ failure: error.message }));
    // Out of file descriptors (EMFILE) there is a child object without pipes; its `error` comes later.
    if (!child.stdin || !child.stdout || !child.stderr) return;
    if (child.pid !== undefined) beNice(child.pid, niceness);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (answer.length > longestAnswer) end({ failure: 'its answer is too long' });
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-LONGEST_COMPLAINT);
    });
    child.once('close', (code, signal) =>
      end(code === 0 ? { answer } : { failure: cleanText(complaint, LONGEST_FAILURE) ?? `it ended with ${signal ?? code}` }),
    );
    // It may have ended before it read.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
  return { ended, kill: () => child.kill('SIGKILL') };
}

function beNice(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It has ended already.
  }
}
