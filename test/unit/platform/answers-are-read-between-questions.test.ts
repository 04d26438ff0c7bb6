import { afterAll, expect, test } from 'vitest';
import { createNetwork } from '../../../src/platform/network.ts';
import { createProber } from '../../../src/platform/prober.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';

const network = createNetwork({ clock });
afterAll(() => network.close());

test.each(['udp', 'tcp'] as const)(
  'of 200 that are asked at once by %s, most have answered before the last is asked, so that no answer waits for the questions to others',
  async (method) => {
    const prober = createProber({ clock, network });
    const request = { ip: '127.0.0.1', interface: 'lo', method, port: 1, timeoutMs: 2_000 } as const;
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => prober.probe({ ...request, deviceId: String(i) })));
    expect(results.filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
    const lastAskedMs = results.at(-1)?.startedAt.monoMs ?? 0;
    expect(results.filter(({ finishedAt }) => finishedAt.monoMs < lastAskedMs).length).toBeGreaterThan(150);
  },
);
