/** Against servers on loopback that are not the internet; one that is needs an authority, which the lab has (test/lab/network-probe.test.ts). */
import { createServer as createTcpServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createInternetProbe } from '../../../src/platform/internet-probe.ts';
import { readPage } from '../../../src/platform/place-proof.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { CERTIFICATE, KEY } from '../../fakes/self-signed.ts';

const internet = createInternetProbe({ clock: systemClock, random: systemRandom });
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function placeOf(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `tls://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('a place', () => {
  it('that shows the certificate of somebody else is an impostor, and told by the name in it', async () => {
    const place = await placeOf(createTlsServer({ key: KEY, cert: CERTIFICATE }, (socket) => socket.on('error', () => {})));
    expect(await internet.prove(place, 1_000)).toMatchObject({ place, outcome: 'impostor', instead: 'the certificate of nas.test' });
  });

  it('that answers a greeting with a page is an impostor', async () => {
    const place = await placeOf(createTcpServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await internet.prove(place, 1_000)).toMatchObject({ outcome: 'impostor', instead: 'something without a certificate' });
  });

  it('that says nothing, hangs up or refuses is silent, within its time', async () => {
    const mute = await placeOf(createTcpServer((socket) => void socket.on('error', () => {})));
    const startedAt = performance.now();
    expect((await internet.prove(mute, 200)).outcome).toBe('silent');
    expect(performance.now() - startedAt).toBeLessThan(900);
    const rude = await placeOf(createTcpServer((socket) => socket.on('error', () => {}).resetAndDestroy()));
    expect((await internet.prove(rude, 1_000)).outcome).toBe('silent');
    const gone = await placeOf(createTcpServer());
    await new Promise((resolve) => servers.at(-1)?.close(resolve));
    expect((await internet.prove(gone, 1_000)).outcome).toBe('silent');
  });

  it.each(['tls://example.org:443', 'tls://127.0.0.1', 'tls://127.0.0.1:99999', 'tcp://127.0.0.1:443'])(
    'that is none is not asked: %s',
    async (place) => {
      expect(await internet.prove(place, 1_000)).toMatchObject({ outcome: 'unable' });
    },
  );
});

describe('the page in the place of the internet', () => {
  const answer = (status: string, ...headers: string[]): string => [`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n');

  it.each([
    [
      'the page that it leads to, without who asks',
      answer('302 Found', 'Location: http://login.example/terms?mac=02:00:00:00:00:01'),
      'http://login.example/terms',
    ],
    ['one by a path of the portal', answer('307 x', 'location: //10.0.0.1:8080/guest#top'), 'http://10.0.0.1:8080/guest'],
    ['a page without a way on', answer('200 OK', 'Content-Type: text/html'), 'a page of its own (HTTP 200)'],
    ['what RFC 6585 has for it', answer('511 Network Authentication Required'), 'a page of its own (HTTP 511)'],
    ['nothing where it leads to the place itself', answer('301 Moved', 'Location: https://192.0.2.1/'), undefined],
    ['nothing where it is refused', answer('403 Forbidden'), undefined],
    ['nothing of what is no HTTP', 'SSH-2.0-dropbear\r\n', undefined],
    ['no controls of a terminal', answer('302 Found', 'Location: http://a.example/\u001b[31m'), 'http://a.example/[31m'],
  ])('is %s', (_what, head, page) => {
    expect(readPage(head, '192.0.2.1')).toBe(page);
  });

  it('has no name and no password in it, and no end', () => {
    expect(readPage(answer('302 Found', `Location: http://user:secret@a.example/${'x'.repeat(400)}`), '192.0.2.1')).toMatch(
      /^http:\/\/a\.example\/x{40,48}$/,
    );
  });
});
