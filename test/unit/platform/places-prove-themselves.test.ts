/** Against servers on loopback that are not the internet; one that is needs an authority, which the lab has (test/lab/network-probe.test.ts). */
import { createServer as createTcpServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createInternetProbe } from '../../../src/platform/internet-probe.ts';
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
