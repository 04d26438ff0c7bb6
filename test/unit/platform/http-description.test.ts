import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { fetchDescription } from '../../../src/platform/http-description.ts';

/** What a fetch from a server that behaves like `listener` comes to, and how long it took. */
async function fetchFrom(listener: RequestListener, deadlineMs = 1000) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const startedAt = performance.now();
  const result = await fetchDescription(
    { ip: '127.0.0.1', port: (server.address() as AddressInfo).port, path: '/d.xml?x=1' },
    '127.0.0.1',
    deadlineMs,
  );
  server.closeAllConnections();
  server.close();
  return { result, tookMs: performance.now() - startedAt };
}

test('asks for the path as it is and gives the text', async () => {
  const { result } = await fetchFrom((request, response) => response.end(`${request.url} ${request.headers['accept-encoding']}`));
  expect(result).toEqual({ ok: true, value: '/d.xml?x=1 identity' });
});

test('follows no redirect', async () => {
  let requests = 0;
  const { result } = await fetchFrom((_, response) => {
    requests++;
    response.writeHead(302, { Location: '/elsewhere' }).end();
  });
  expect([result, requests]).toEqual([{ ok: false, error: 'status 302' }, 1]);
});

test.each([
  ['a compressed body', { 'Content-Encoding': 'gzip' }, 'compressed'],
  ['a body that says it is too long', { 'Content-Length': '99999999' }, 'too long'],
])('refuses %s before reading it', async (_, headers, error) => {
  expect((await fetchFrom((_request, response) => response.writeHead(200, headers).flushHeaders())).result).toEqual({ ok: false, error });
});

test('stops reading an endless body at 64 KiB', async () => {
  let sent = 0;
  const { result } = await fetchFrom((_, response) => {
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(8192))) sent += 8192;
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  });
  expect(result).toEqual({ ok: false, error: 'too long' });
  expect(sent).toBeLessThan(16 * 1024 * 1024);
});

test('gives a server that drips its answer no more than the deadline', async () => {
  const { result, tookMs } = await fetchFrom((_, response) => {
    const drip = setInterval(() => response.write('x'), 50);
    response.once('close', () => clearInterval(drip));
  }, 400);
  expect(result).toEqual({ ok: false, error: 'no complete answer in time' });
  expect(tookMs).toBeLessThan(900);
});

test('a closed port and a name are answers, not exceptions', async () => {
  expect(await fetchDescription({ ip: '127.0.0.1', port: 1, path: '/' }, '127.0.0.1')).toEqual({ ok: false, error: 'ECONNREFUSED' });
  expect((await fetchDescription({ ip: 'localhost', port: 1, path: '/' }, '127.0.0.1')).ok).toBe(false);
});
