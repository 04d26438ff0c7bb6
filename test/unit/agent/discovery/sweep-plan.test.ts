import { expect, test } from 'vitest';
import type { LanInterface } from '../../../../src/agent/discovery/sighting.ts';
import { planSweep } from '../../../../src/agent/discovery/sweep-plan.ts';

const lan = (address: string, prefixLength: number): LanInterface => ({
  name: 'eth0',
  mac: '02:00:00:00:00:01',
  address,
  prefixLength,
  ipv6: [],
  dnsServers: [],
});

function batches(...args: Parameters<typeof planSweep>): readonly (readonly string[])[] {
  const plan = planSweep(...args);
  return plan.ok ? plan.value : [];
}

test('asks every host address but the hub itself', () => {
  const [asked = [], ...more] = batches(lan('192.168.1.7', 24));
  expect([asked.length, asked[0], asked.at(-1), asked.includes('192.168.1.7'), more.length]).toEqual([
    253,
    '192.168.1.1',
    '192.168.1.254',
    false,
    0,
  ]);
});

test('asks no more than 256 at a time, each address once', () => {
  const plan = batches(lan('10.0.0.1', 22));
  expect(plan.map((batch) => batch.length)).toEqual([256, 256, 256, 253]);
  expect(new Set(plan.flat()).size).toBe(1021);
});

test('refuses a network above /22 with its size, until asked', () => {
  expect(planSweep(lan('10.0.0.1', 21))).toEqual({
    ok: false,
    error: '10.0.0.0/21 has 2046 addresses, a sweep without being asked to stops at /22',
  });
  expect(batches(lan('10.0.0.1', 21), { large: true }).flat()).toHaveLength(2045);
});

test('never sweeps more than a /16', () => {
  expect(planSweep(lan('10.0.0.1', 15), { large: true })).toEqual({
    ok: false,
    error: '10.0.0.0/15 has 131070 addresses, a sweep stops at /16',
  });
});
