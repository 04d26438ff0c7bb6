/** The fuzz run of CI: a million inputs for each parser of LAN input. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

test('a million broken inputs crash no parser and stop none for 5 ms', async () => {
  const { stdout } = await run(process.execPath, ['scripts/fuzz.ts', '--inputs', '1e6', '--seed', process.env.HEARTHBEAT_SEED ?? 'ci'], {
    cwd: ROOT,
  });
  expect(stdout).toMatch(/ parsers held, 0 failed/);
}, 1_800_000);
