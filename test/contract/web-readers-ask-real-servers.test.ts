import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { afterEach, describe, expect, test } from 'vitest';
import { httpReader } from '../../src/agent/evidence/http-page.ts';
import { LOCAL_API_READERS } from '../../src/agent/evidence/local-api/readers.ts';
import type { Finding, Reader, Target } from '../../src/agent/evidence/reader.ts';
import { Spending } from '../../src/agent/evidence/spending.ts';
import { tlsReader } from '../../src/agent/evidence/tls-certificate.ts';
import { createAsker } from '../../src/platform/asker.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { LOCAL_API_ANSWERS } from '../builders/local-api-answers.ts';
import { CERTIFICATE, KEY } from '../fakes/self-signed.ts';

/** An address of this machine that nothing else listens on, so that the devices' own ports are free. */
const IP = '127.53.14.9';
const open: { close(): unknown; closeAllConnections(): void }[] = [];
const requests: { readonly at: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  requests.length = 0;
});

async function serve(port: number, respond: RequestListener, tls = false): Promise<void> {
  const listener: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ at: `${request.method} ${port} ${request.url}`, headers: request.headers, body });
    respond(request, response);
  };
  const server = tls ? createTlsServer({ key: KEY, cert: CERTIFICATE }, listener) : createServer(listener);
  open.push(server);
  server.listen(port, IP);
  await once(server, 'listening');
}

/** Within the reader's own budget, as the agent asks. */
function read(reader: Reader, of: Partial<Target>): Promise<readonly Finding[]> {
  const target: Target = { interface: 'lo', ip: IP, openPorts: [], services: new Set(), ...of };
  const means = { clock: systemClock, spending: new Spending(), localAddress: '127.0.0.1', signal: new AbortController().signal };
  return reader.read(target, createAsker(target, reader, means));
}

const readerNamed = (name: string): Reader => LOCAL_API_READERS.find((reader) => reader.name === name)!;
const answerOf = (name: string) => LOCAL_API_ANSWERS.find(({ reader }) => reader === name)!;

describe('The reader http', () => {
  test('reads a page behind a redirect on the same server, without credentials or cookies', async () => {
    await serve(8080, (request, response) => {
      if (request.url !== '/') return response.end('<title>Camera &amp; more</title>');
      return response.writeHead(302, { location: `http://${IP}:8080/login`, server: 'lighttpd', 'set-cookie': 'a=b' }).end();
    });
    expect(await read(httpReader, { openPorts: [8080] })).toEqual([
      { port: 8080, fields: { status: '200', path: '/login', title: 'Camera & more', server: 'lighttpd' } },
    ]);
    expect(requests.map(({ at }) => at)).toEqual(['GET 8080 /', 'GET 8080 /login']);
    for (const { headers } of requests) expect(headers).not.toHaveProperty(['authorization', 'cookie']);
  });

  test('does not go to another port, although that is the same host', async () => {
    await serve(8080, (_, response) => response.writeHead(302, { location: `http://${IP}:8081/` }).end());
    await serve(8081, (_, response) => response.end('<title>trap</title>'));
    expect(await read(httpReader, { openPorts: [8080] })).toEqual([{ port: 8080, fields: { status: '302', path: '/' } }]);
    expect(requests.map(({ at }) => at)).toEqual(['GET 8080 /']);
  });

  test('reads the head of a page that does not end, and leaves', async () => {
    await serve(8080, (_, response) => {
      response.write(`<title>Endless</title>${' '.repeat(4_096)}`);
      const timer = setInterval(() => response.write(' '.repeat(4_096)), 5);
      response.once('close', () => clearInterval(timer));
    });
    expect(await read(httpReader, { openPorts: [8080] })).toMatchObject([{ fields: { title: 'Endless' } }]);
  });

  test('asks over TLS with whatever certificate there is', async () => {
    await serve(8443, (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="R7000"' }).end(), true);
    expect(await read(httpReader, { openPorts: [8443] })).toMatchObject([
      { port: 8443, fields: { wwwAuthenticate: 'Basic realm="R7000"' } },
    ]);
    expect(await read(tlsReader, { openPorts: [8443] })).toMatchObject([
      {
        port: 8443,
        fields: { subject: 'CN=nas.test,O=Elm Street', selfSigned: 'yes', validTo: String(Date.parse('2126-10-29T01:04:48Z')) },
      },
    ]);
  });
});

describe('A local interface', () => {
  test('is read where the answer comes in pieces and is longer than anything useful', async () => {
    const { body, fields } = answerOf('denon');
    await serve(8080, async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      for (const piece of [body.slice(0, 100), body.slice(100), ' '.repeat(60_000)]) {
        response.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      response.end();
    });
    expect(await read(readerNamed('denon'), { vendor: 'Denon', openPorts: [8080] })).toMatchObject([{ port: 8080, fields }]);
  });

  test('is asked by the second path where the first is not there', async () => {
    const older = LOCAL_API_ANSWERS.find(({ at }) => at === '1400 /status/zp')!;
    await serve(1400, (request, response) => {
      if (request.url === '/status/zp') response.end(older.body);
      else response.writeHead(404).end('<html>no</html>');
    });
    expect(await read(readerNamed('sonos'), { openPorts: [1400] })).toMatchObject([{ fields: older.fields }]);
    expect(requests.map(({ at }) => at)).toEqual(['GET 1400 /info', 'GET 1400 /status/zp']);
  });

  test('that wants a question in the body gets it', async () => {
    const { body, fields } = answerOf('sony');
    await serve(10_000, (_, response) => response.end(requests[0]!.body.includes('getInterfaceInformation') ? body : '{}'));
    expect(await read(readerNamed('sony'), { vendor: 'Sony', openPorts: [10_000] })).toMatchObject([{ port: 10_000, fields }]);
    expect(requests[0]).toMatchObject({ at: 'POST 10000 /sony/system', headers: { 'content-type': 'application/json' } });
  });
});
