/** What every refusal of the command has in common: one error in words, one fix, nothing of the machinery. */
import { type ExpectStatic, expect as sharedExpect } from 'vitest';
import type { Outcome } from './command.ts';

export type Refusal = { readonly says: RegExp; readonly fix: RegExp; readonly exit?: 1 | 2; readonly withinMs?: number };

/** Stack traces, errno and SQLite names: what a person can do nothing with. */
const MACHINERY = /^\s+at |node:internal|node_modules|\bE[A-Z]{4,}\b|SQLITE_|SqliteError|\[object|undefined/m;

export function expectRefusal(
  outcome: Outcome,
  { says, fix, exit = 1, withinMs = 25_000 }: Refusal,
  expect: ExpectStatic = sharedExpect,
): void {
  const wrongWithoutLog = outcome.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(outcome.complaints, outcome.stderr).toHaveLength(1);
  expect(wrongWithoutLog.join('\n')).toMatch(says);
  expect(wrongWithoutLog.at(-1)).toMatch(fix);
  expect(outcome.stderr).not.toMatch(MACHINERY);
  expect(new Set(wrongWithoutLog).size).toBe(wrongWithoutLog.length);
  expect(outcome.code).toBe(exit);
  expect(outcome.elapsedMs).toBeLessThan(withinMs);
}

/** The same for a program: the one JSON document on stdout. */
export function refusalDocument(outcome: Outcome): { code: string; message: string; fix: string } {
  const { error } = JSON.parse(outcome.stdout);
  return error;
}
