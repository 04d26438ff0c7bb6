import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import type { Asker, Budget } from '../../../src/agent/evidence/reader.ts';
import { Spending } from '../../../src/agent/evidence/spending.ts';
import { createAsker, createAskers } from '../../../src/platform/asker.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { CERTIFICATE, KEY } from '../../fakes/self-signed.ts';

const PLENTY: Budget = { packets: 10_000, bytes: 10_000_000 };
const closing: { close(): unknown }[] = [];
afterAll(() => {
  for (const server of closing.splice(0)) server.close();
});

function askerOf({ method = 'api', budget = PLENTY, signal = new AbortController().signal } = {}): Asker {
  const means = { clock: systemClock, spending: new Spending(), localAddress: '127.0.0.1', signal };
  return createAsker({ ip: '127.0.0.1', interface: 'lo' }, { name: 'test', method: method as 'api', budget }, means);
}

async function listening(server: Server): Promise<number> {
  closing.push(server);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

const serving = (behave: (socket: Socket) => void): Promise<number> =>
  listening(
    createServer((socket) => {
      socket.on('error', () => {});
      behave(socket);
    }),
  );

/** Writes for as long as anybody reads, and says how much that was. */
function pour(socket: Socket): void {
  const block = Buffer.alloc(65_536, 'x');
  const more = (): void => {
    while (!socket.destroyed && socket.write(block));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}

async function timed<T>(question: Promise<T>): Promise<{ answer: T; tookMs: number }> {
  const startedAt = performance.now();
  return { answer: await question, tookMs: performance.now() - startedAt };
}

const drip = (socket: Socket, text: string): void => {
  const timer = setInterval(() => socket.write(text), 20);
  socket.once('close', () => clearInterval(timer));
};

describe.concurrent('a conversation', () => {
  it.each<[string, (socket: Socket) => void, string | undefined]>([
    ['a peer that greets and waits', (socket) => socket.write('hello'), 'hello'],
    ['a peer that greets and hangs up', (socket) => socket.end('hello'), 'hello'],
    ['a peer that greets and resets', (socket) => socket.write('hello', () => setTimeout(() => socket.resetAndDestroy(), 50)), 'hello'],
    ['a peer that hangs up at once', (socket) => socket.end(), undefined],
    ['a peer that resets at once', (socket) => socket.resetAndDestroy(), undefined],
  ])('with %s is what was said', async (_, behave, said) => {
    const answer = await askerOf().conversation(await serving(behave), {});
    expect(answer && Buffer.from(answer).toString()).toBe(said);
  });

  it('with a peer that never says anything ends in three seconds', async () => {
    const { answer, tookMs } = await timed(askerOf().conversation(await serving(() => {}), { send: Buffer.from('?') }));
    expect(answer).toBeUndefined();
    expect(tookMs).toBeLessThan(3_500);
  });

  it('with a peer that drips ends in three seconds with what came', async () => {
    const { answer, tookMs } = await timed(askerOf().conversation(await serving((socket) => drip(socket, '.')), {}));
    expect(answer?.length).toBeGreaterThan(50);
    expect(tookMs).toBeLessThan(3_500);
  });

  it('with a peer that pours without end takes as much as it wants', async () => {
    const { answer, tookMs } = await timed(askerOf().conversation(await serving(pour), { maxBytes: 5_000 }));
    expect(answer?.length).toBe(5_000);
    expect(tookMs).toBeLessThan(1_000);
  });

  it('ends when the asker has heard enough, and does not fall over a reader that throws', async () => {
    const port = await serving((socket) => drip(socket, 'line\n'));
    const enough = await timed(askerOf().conversation(port, { until: (heard) => heard.includes(10) }));
    expect(enough.tookMs).toBeLessThan(400);
    const broken = (): boolean => {
      throw new Error('a mistake');
    };
    expect((await askerOf().conversation(port, { until: broken }))?.length).toBeGreaterThan(0);
  });

  it('does not put a word to a printer port, unless PJL is what the reader speaks', async () => {
    expect(await timed(askerOf().conversation(9100, { send: Buffer.from('GET /') }))).toMatchObject({ answer: undefined });
    expect(await askerOf().http({ port: 9100, path: '/' })).toBeUndefined();
    const spent = new Spending();
    const means = { clock: systemClock, spending: spent, localAddress: '127.0.0.1', signal: new AbortController().signal };
    await createAsker({ ip: '127.0.0.1', interface: 'lo' }, { name: 'pjl', method: 'pjl', budget: PLENTY }, means).conversation(9100, {
      send: Buffer.from('@PJL INFO ID\r\n'),
    });
    expect(spent.allows('lo 127.0.0.1 pjl', PLENTY, PLENTY, systemClock.now().monoMs), 'the question went out').toBe(false);
  });
});

describe.concurrent('a port', () => {
  it('is open, closed or silent', async () => {
    const port = await serving(() => {});
    expect(await askerOf().connects(port)).toBe('open');
    expect(await askerOf().connects(1)).toBe('closed');
  });
});

describe.concurrent('an HTTP answer', () => {
  const web = (listener: Parameters<typeof createHttpServer>[1]): Promise<number> => listening(createHttpServer(listener as never));

  it('is its status, headers and body, whatever the status', async () => {
    const port = await web((request, response) => response.writeHead(401, { Server: 'Boa/0.94' }).end(`${request.method} ${request.url}`));
    const answer = await askerOf().http({ port, path: '/a?b', method: 'POST', body: 'x' });
    expect(answer).toMatchObject({ status: 401, headers: { server: 'Boa/0.94' } });
    expect(Buffer.from(answer!.body).toString()).toBe('POST /a?b');
  });

  it('that is too long is cut', async () => {
    const port = await web((_, response) => pour(response as unknown as Socket));
    expect((await askerOf().http({ port, path: '/', maxBytes: 1_000 }))?.body.length).toBe(1_000);
  });

  it('has at most 32 headers of 512 characters', async () => {
    const headers = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-${i}`, 'y'.repeat(200)]));
    const port = await web((_, response) => response.writeHead(200, { ...headers, 'x-long': 'z'.repeat(2_000) }).end());
    const answer = await askerOf().http({ port, path: '/' });
    expect(Object.keys(answer!.headers)).toHaveLength(32);
    const lengths = Object.values(answer!.headers).map((value) => value.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(512);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['no HTTP', (socket) => socket.end('SSH-2.0-dropbear\r\n')],
    ['endless headers', (socket) => drip(socket, `X-${Math.random()}: ${'y'.repeat(3_000)}\r\n`)],
    ['nothing', () => {}],
    ['a reset in the middle of the headers', (socket) => socket.write('HTTP/1.1 200 OK\r\nX: ', () => socket.resetAndDestroy())],
    ['binary nonsense', (socket) => socket.end(Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * 37) % 256)))],
  ])('of a peer that sends %s is none, in time', async (_, behave) => {
    const { answer, tookMs } = await timed(askerOf().http({ port: await serving(behave), path: '/' }));
    expect(answer).toBeUndefined();
    expect(tookMs).toBeLessThan(3_500);
  });

  it('of a peer that stalls in the body is what came', async () => {
    const port = await serving((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<title>NAS</title>'));
    expect(Buffer.from((await askerOf().http({ port, path: '/' }))!.body).toString()).toBe('<title>NAS</title>');
  });
});

describe.concurrent('a certificate', () => {
  it('tells its names, dates and fingerprint, trusted or not', async () => {
    const port = await listening(createTlsServer({ key: KEY, cert: CERTIFICATE }));
    expect(await askerOf().certificate(port)).toMatchObject({
      subject: 'CN=nas.test,O=Elm Street',
      issuer: 'CN=nas.test,O=Elm Street',
      names: ['nas.test', '192.168.1.5'],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      validTo: expect.any(Number),
    });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['speaks no TLS', (socket) => socket.end('220 ftp ready\r\n')],
    ['never answers the hello', () => {}],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['announces a record and drips', (socket) => drip(socket, '\x16\x03\x03')],
  ])('of a peer that %s is none, in time', async (_, behave) => {
    const { answer, tookMs } = await timed(askerOf().certificate(await serving(behave)));
    expect(answer).toBeUndefined();
    expect(tookMs).toBeLessThan(3_500);
  });
});

describe.concurrent('a datagram', () => {
  async function answering(reply: (question: Buffer) => (Buffer | string)[]): Promise<number> {
    const socket = createSocket('udp4');
    socket.on('message', (question, from) => {
      for (const part of reply(question)) socket.send(part, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    closing.push(socket);
    return socket.address().port;
  }

  it('has as its answer the first reply that is taken', async () => {
    const port = await answering((question) => ['noise', Buffer.concat([question, Buffer.from('!')])]);
    const answer = await askerOf().datagram(port, Buffer.from('who'), { accepts: (reply) => reply[0] === 'w'.charCodeAt(0) });
    expect(Buffer.from(answer!).toString()).toBe('who!');
  });

  it('to a closed port is over at once, to a silent one in its time, and is repeated as told', async () => {
    expect((await timed(askerOf().datagram(2, Buffer.from('x')))).tookMs).toBeLessThan(300);
    let asked = 0;
    const port = await answering(() => {
      asked++;
      return [];
    });
    const { answer, tookMs } = await timed(askerOf().datagram(port, Buffer.from('x'), { tries: 2, timeoutMs: 200 }));
    expect([answer, asked]).toEqual([undefined, 2]);
    expect(tookMs).toBeLessThan(700);
  });

  it('that is answered with a flood of others is given up', async () => {
    const port = await answering(() => Array.from({ length: 200 }, () => 'noise'));
    const { answer, tookMs } = await timed(askerOf().datagram(port, Buffer.from('x'), { timeoutMs: 2_000, accepts: () => false }));
    expect(answer).toBeUndefined();
    expect(tookMs).toBeLessThan(1_000);
  });
});

it('asks nothing more when the budget of the day is spent', async () => {
  let connections = 0;
  const port = await serving((socket) => {
    connections++;
    socket.end('hello');
  });
  const asker = askerOf({ budget: { packets: 12, bytes: 2_000 } });
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await asker.conversation(port, {}));
  expect(answers.map((answer) => answer !== undefined)).toEqual([true, true, true, false, false, false]);
  expect(connections).toBe(3);
});

it('ends every question at once when the hub stops', async () => {
  const stopping = new AbortController();
  const asker = askerOf({ signal: stopping.signal });
  const port = await serving(() => {});
  const questions = [
    asker.conversation(port, {}),
    asker.http({ port, path: '/' }),
    asker.certificate(port),
    asker.datagram(4, Buffer.from('x')),
  ];
  setTimeout(() => stopping.abort(), 100);
  const { answer, tookMs } = await timed(Promise.all(questions));
  expect(answer).toEqual([undefined, undefined, undefined, undefined]);
  expect(tookMs).toBeLessThan(500);
});

describe.concurrent('an asker', () => {
  const lan = {
    name: 'eth0',
    mac: 'd8:3a:dd:00:00:02',
    address: '192.168.1.2',
    prefixLength: 24,
    ipv6: [],
    gateway: '192.168.1.1',
    dnsServers: [],
  };
  const askers = createAskers({ clock: systemClock, spending: new Spending(), interfaces: () => [lan] });
  const reader = { name: 'test', method: 'http' as const, budget: PLENTY };
  const target = (ip: string, over = 'eth0') => ({ interface: over, ip, openPorts: [], services: new Set<string>() });

  it('is made for a neighbour and for the router', () => {
    expect(askers.askerFor(target('192.168.1.9'), reader)).toBeDefined();
    expect(askers.askerFor(target('192.168.1.1'), reader)).toBeDefined();
  });

  it.each([
    '192.168.1.2',
    '192.168.2.9',
    '8.8.8.8',
    '127.0.0.1',
    '192.168.1.255',
    '192.168.1.0',
    '224.0.0.251',
    'fe80::1',
    'nas.local',
    '',
  ])('is not made for %s', (ip) => {
    expect(askers.askerFor(target(ip), reader)).toBeUndefined();
    expect(askers.askerFor(target('192.168.1.9', 'wg0'), reader)).toBeUndefined();
  });
});
