import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { CoverageBook } from '../../../src/agent/discovery/coverage.ts';
import { SenderBudget } from '../../../src/agent/discovery/sender-budget.ts';
import { openDhcpEar } from '../../../src/platform/dhcp-ear.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';

/** Port 67 takes root. */
const mayOpen = process.getuid?.() === 0;

test.runIf(mayOpen)('a DHCP server on this machine that shares the port keeps what its clients send to it alone', async () => {
  const server = createSocket({ type: 'udp4', reuseAddr: true });
  server.bind(67, '0.0.0.0');
  await once(server, 'listening');
  const ear = await openDhcpEar({
    clock: systemClock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    coverage: new CoverageBook(),
    budget: new SenderBudget(),
    interfaces: () => [],
    tell() {},
  });
  const client = createSocket('udp4');
  try {
    expect(ear.trouble).toBeUndefined();
    const renewal = once(server, 'message', { signal: AbortSignal.timeout(1_000) });
    client.send('a renewal', 67, '127.0.0.1');
    expect(String((await renewal)[0])).toBe('a renewal');
  } finally {
    for (const socket of [server, client, ear]) socket.close();
  }
});
