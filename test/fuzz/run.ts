/** Runs one parser over seeded mutations and says what went wrong and how slow its slowest input was. */
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { mutated } from './mutate.ts';
import type { FuzzTarget } from './targets.ts';

export type FuzzReport = {
  readonly name: string;
  readonly inputs: number;
  /** How many inputs were taken for what they claim to be: a fuzz that only makes noise proves nothing. */
  readonly taken: number;
  readonly slowestMs: number;
  readonly perSecond: number;
  /** The first that went wrong, with the input in hex. */
  readonly failure?: string;
};

/** An input may stop the process for longer than this only if the parser is to blame: it is timed again in processor time, and the best of five counts. */
const SUSPICIOUS_MS = 2;
const MOST_TEXT = 64 * 1024;
const LOOKS_EVERY = 1_000;
// Controls, bidirectional overrides, unpaired surrogates: what a terminal or a page must never get (base/text.ts).
const UNCLEAN =
  /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Ends before `wanted` inputs once it has taken `mostMs` of processor time, but not before a twentieth of them. */
export function fuzz(target: FuzzTarget, wanted: number, seed: string, mostMs = Number.POSITIVE_INFINITY): FuzzReport {
  const random = seededRandom(`${seed} ${target.name}`);
  const startedAt = performance.now();
  const endsAtMs = usedMs() + mostMs;
  let [slowestMs, taken, inputs] = [0, 0, 0];
  for (let i = 0; i < wanted; i++) {
    if (i % LOOKS_EVERY === 0 && i >= wanted / 20 && usedMs() > endsAtMs) break;
    inputs++;
    const input = mutated(target.seeds, random);
    try {
      const before = performance.now();
      const result = target.parse(input);
      const tookMs = performance.now() - before;
      if (tookMs > slowestMs && tookMs > SUSPICIOUS_MS) slowestMs = Math.max(slowestMs, bestOfFive(target, input));
      else slowestMs = Math.max(slowestMs, tookMs);
      if (result !== undefined) {
        taken++;
        assertBounded(result);
      }
    } catch (error) {
      return { ...reportOf(), failure: `input ${i}: ${(error as Error).message} for ${Buffer.from(input).toString('hex').slice(0, 2000)}` };
    }
  }
  return reportOf();

  function reportOf(): FuzzReport {
    const perSecond = Math.round((inputs / Math.max(1, performance.now() - startedAt)) * 1000);
    return { name: target.name, inputs, taken, slowestMs, perSecond };
  }
}

function bestOfFive(target: FuzzTarget, input: Uint8Array): number {
  const times = Array.from({ length: 5 }, () => {
    const before = usedMs();
    target.parse(input);
    return usedMs() - before;
  });
  return Math.min(...times);
}

/** Processor time of this thread: what others take from it on a busy machine is not the parser's. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Throws unless every text in the value is clean and all of them together are short. */
function assertBounded(value: unknown): void {
  let length = 0;
  const visit = (part: unknown, depth: number): void => {
    if (typeof part === 'string') {
      length += part.length;
      if (UNCLEAN.test(part)) throw new Error(`unclean text ${JSON.stringify(part.slice(0, 200))}`);
    } else if (part instanceof Uint8Array) length += part.length;
    else if (part !== null && typeof part === 'object') {
      if (depth > 16) throw new Error('nested too deeply');
      for (const [key, inner] of Object.entries(part)) {
        visit(key, depth + 1);
        visit(inner, depth + 1);
      }
    }
  };
  visit(value, 0);
  if (length > MOST_TEXT) throw new Error(`${length} characters were kept`);
}
