/** The real pipeline and store through days in which nothing is acknowledged. A month: `npm run simulate:offline`. */
import { expect, test } from 'vitest';
import { OUTBOX_LIMITS } from '../../src/agent/store/outbox-store.ts';
import { lifeOf } from '../months/month.ts';
import { runLife } from '../months/run.ts';
import { lostWithoutAWord } from '../months/unsent.ts';

test('ten days of a home wait for its desk whole', { timeout: 180_000 }, () => {
  const life = lifeOf({ seed: '3', days: 10, weather: 'usual' });
  const { outbox, heard } = runLife(life, { seed: '3', isFast: true, hasDesk: false });
  expect(outbox.committed).toBeGreaterThan(300);
  expect(outbox.bytes).toBeLessThan(OUTBOX_LIMITS.bytes);
  expect(outbox.gaps).toEqual([]);
  expect(lostWithoutAWord(outbox)).toBe(0);
  expect(outbox.alerts).toBe(heard.length);
});

test('a queue that is far too small keeps the alerts and counts what it drops', { timeout: 180_000 }, () => {
  const life = lifeOf({ seed: '7', days: 5, weather: 'stress' });
  const limits = { ...OUTBOX_LIMITS, bytes: 96 * 1024 };
  const { outbox, heard } = runLife(life, { seed: '7', isFast: true, hasDesk: false, limits });
  expect(outbox.bytes).toBeLessThanOrEqual(limits.bytes);
  expect(outbox.gaps.length).toBeGreaterThan(0);
  expect(outbox.gaps.map((gap) => gap.class)).not.toContain('alert');
  expect(lostWithoutAWord(outbox)).toBe(0);
  expect(outbox.alerts).toBe(heard.length);
});
