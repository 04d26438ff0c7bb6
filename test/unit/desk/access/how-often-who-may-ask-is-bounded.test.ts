import { expect, it } from 'vitest';
import { settingsSchema } from '../../../../src/config/settings.ts';
import { RateLimits, STANDARD_LIMITS } from '../../../../src/desk/access/rate-limits.ts';
import { VirtualClock } from '../../../../src/simulation/virtual-clock.ts';

const LIMITS = { token: 60, account: 600, address: 6 };

function limits() {
  const clock = new VirtualClock();
  return { clock, rates: new RateLimits(LIMITS, clock) };
}

it('the quota of a minute may be asked at once; then it grows again, and never beyond a minute', async () => {
  const { clock, rates } = limits();
  const first = Array.from({ length: 60 }, () => rates.take('token', 'a'));
  expect(first.map(({ left, waitMs }) => [left, waitMs])).toEqual(Array.from({ length: 60 }, (_, i) => [59 - i, 0]));
  expect(rates.take('token', 'a')).toEqual({ limited: 'token', quota: 60, left: 0, fullInMs: 60_000, waitMs: 1000 });
  await clock.advance(999);
  expect(rates.take('token', 'a').waitMs).toBeCloseTo(1, 6);
  await clock.advance(1);
  expect(rates.take('token', 'a')).toMatchObject({ left: 0, waitMs: 0 });
  await clock.advance(10_000);
  expect(rates.take('token', 'a')).toMatchObject({ left: 9, fullInMs: 51_000 });
  await clock.advance(86_400_000);
  expect(rates.take('token', 'a')).toMatchObject({ left: 59, fullInMs: 1000 });
});

it('whoever is refused and asks on is let in no later for it, and nobody else waits for him', async () => {
  const { clock, rates } = limits();
  for (let i = 0; i < 6; i++) rates.take('address', '192.0.2.1');
  for (let i = 0; i < 1000; i++) expect(rates.take('address', '192.0.2.1').waitMs).toBe(10_000);
  expect(rates.take('address', '192.0.2.2').waitMs).toBe(0);
  expect(rates.take('account', '192.0.2.1').waitMs).toBe(0);
  await clock.advance(10_000);
  expect(rates.take('address', '192.0.2.1').waitMs).toBe(0);
});

it('thirty thousand addresses take the memory of twenty thousand and no account its own; what is whole again is forgotten', async () => {
  const { clock, rates } = limits();
  for (let i = 0; i < 600; i++) rates.take('account', 'ann');
  for (let i = 0; i < 30_000; i++) rates.take('address', `network ${i}`);
  expect(rates.size).toBe(20_001);
  expect(rates.take('account', 'ann').waitMs).toBeGreaterThan(0);
  await clock.advance(60_000);
  rates.take('address', 'another');
  expect(rates.size).toBe(2);
});

it('a clock that steps back in a day changes nothing: it runs on the one that never does', () => {
  const now = { monoMs: 5, wallMs: 1_000_000 };
  const rates = new RateLimits(LIMITS, { now: () => now, setTimer: () => ({ cancel() {} }) });
  for (let i = 0; i < 6; i++) rates.take('address', 'a');
  now.wallMs -= 86_400_000;
  now.monoMs += 10_000;
  expect(rates.take('address', 'a').waitMs).toBe(0);
});

it('the settings say the same as the desk does without any', () => {
  expect(settingsSchema.parse({}).desk.page.requestsPerMinute).toEqual(STANDARD_LIMITS);
});
