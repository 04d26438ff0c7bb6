/** `npm run score:identify` over the known observations: what was reached must not get lost unnoticed. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
type Score = { right: number; wrong: number; silent: number };

test('the known observations are named by rules that they alone did not teach, and next to nothing false is said', () => {
  const printed = execFileSync(process.execPath, ['scripts/score-identify.ts', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const { headline } = JSON.parse(printed) as { headline: Record<'vendor' | 'category' | 'model', Score> };
  const share = (field: keyof typeof headline, what: keyof Score): number => {
    const { right, wrong, silent } = headline[field];
    return headline[field][what] / (right + wrong + silent);
  };
  expect(share('vendor', 'right')).toBeGreaterThan(0.96);
  expect(share('category', 'right')).toBeGreaterThan(0.965);
  expect(share('model', 'right')).toBeGreaterThan(0.94);
  expect(share('vendor', 'wrong')).toBeLessThan(0.01);
  expect(share('category', 'wrong')).toBeLessThan(0.01);
  expect(share('model', 'wrong')).toBeLessThan(0.015);
});
