import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';
import { HAS_MOSQUITTO } from '../fakes/mosquitto.ts';

const QUIET = `lan:\n  exclude: [${Object.keys(networkInterfaces()).join(', ')}]\ninternet:\n  anchors: []\n`;
const OFFLINE = /Check uplink\.brokers .*--offline/;
/** The first contact takes 15 s; the rest is start and stop on a busy machine. */
const WITHIN_MS = 25_000;

const ports = { plain: 0, tls: 0, silent: 0, free: 0 };
const clean: (() => unknown)[] = [];

beforeAll(async () => {
  if (!HAS_MOSQUITTO) return;
  const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-test-'));
  chmodSync(folder, 0o755);
  clean.push(() => rmSync(folder, { recursive: true }));
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  clean.push(() => silent.close());
  Object.assign(ports, {
    plain: await freePort(),
    tls: await freePort(),
    silent: (silent.address() as AddressInfo).port,
    free: await freePort(),
  });
  execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), 'home', 'right'], { stdio: 'ignore' });
  makeCertificate(folder);
  const config = join(folder, 'mosquitto.conf');
  const tls = `certfile ${folder}/cert.pem\nkeyfile ${folder}/key.pem`;
  writeFileSync(
    config,
    `user root\npassword_file ${folder}/passwords\nlistener ${ports.plain} 127.0.0.1\nlistener ${ports.tls} 127.0.0.1\n${tls}\n`,
  );
  const broker = spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  clean.push(() => broker.kill('SIGKILL'));
  for await (const line of broker.stderr) if (String(line).includes('running')) break;
});

afterAll(async () => {
  for (const step of clean.splice(0).reverse()) await step();
});

function makeCertificate(folder: string): void {
  const name = ['-subj', '/CN=broker', '-addext', 'subjectAltName=DNS:broker.example'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'key.pem')];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', join(folder, 'cert.pem'), '-days', '2', ...name], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function agentFor(place: Workplace, url: string, more = ''): string[] {
  const settings = place.file('hearthbeat.yaml', `${QUIET}uplink:\n  brokers: ["${url}"]\n${more}`);
  return ['agent', '--config', settings, '--data', join(place.folder, 'data')];
}

describe
  .skipIf(!HAS_MOSQUITTO)
  .concurrent('a broker that does not take the agent in at its first start ends it', { timeout: 60_000 }, () => {
    const unreachable = {
      'a port where nothing listens': { url: () => `mqtt://127.0.0.1:${ports.free}`, says: /nothing listens on that port/ },
      'a program that takes the connection and says nothing': {
        url: () => `mqtt://127.0.0.1:${ports.silent}`,
        says: /takes the connection and says nothing/,
      },
      'a certificate of an unknown authority': {
        url: () => `mqtts://127.0.0.1:${ports.tls}`,
        says: /authority unknown here; name that one with caFile/,
      },
      'a name that nobody knows': { url: () => 'mqtt://no-such-broker.invalid:1883', says: /no name server (knows that name|answers)/ },
      'TLS where plain words are expected': { url: () => `mqtt://127.0.0.1:${ports.tls}`, says: /wants TLS \(mqtts:\/\/\)/ },
    };
    it.for(Object.entries(unreachable))('because of %s', async ([, { url, says }], { expect, onTestFinished }) => {
      const place = workplace(onTestFinished);
      const outcome = await place.run([...agentFor(place, url()), '--json']);
      expectRefusal(outcome, { says, fix: OFFLINE, withinMs: WITHIN_MS }, expect);
      expect(refusalDocument(outcome)).toMatchObject({ code: 'HB_BROKER_UNREACHABLE', message: expect.stringMatching(says) });
      // What the log told while it tried is one line, however often it tried.
      expect(outcome.stderr.split('\n').filter((line) => line.includes('"code":"HB_BROKER_UNREACHABLE"'))).toHaveLength(1);
    });

    it('because of a wrong password, at once, and a start after that is as good as the first', async ({ expect, onTestFinished }) => {
      const place = workplace(onTestFinished);
      const refusal = {
        says: /refused this client: .*user name and password/,
        fix: /Check uplink\.username and uplink\.password/,
        withinMs: 12_000,
      };
      const wrong = agentFor(place, `mqtt://127.0.0.1:${ports.plain}`, '  username: home\n  password: wrong\n');
      expectRefusal(await place.run(wrong), refusal, expect);
      const running = place.start(agentFor(place, `mqtt://127.0.0.1:${ports.plain}`, '  username: home\n  password: right\n'));
      await running.said('connected to the broker');
      running.kill('SIGTERM');
      expect(await running.ended).toMatchObject({ code: 0, complaints: [] });
    });

    it('but not with --offline, which watches on', async ({ expect, onTestFinished }) => {
      const place = workplace(onTestFinished);
      const running = place.start([...agentFor(place, `mqtt://127.0.0.1:${ports.free}`), '--offline']);
      await running.said('nothing listens on that port');
      running.kill('SIGTERM');
      expect(await running.ended).toMatchObject({ code: 0, complaints: [] });
    });

    it('and refuses the desk as well', async ({ expect, onTestFinished }) => {
      const place = workplace(onTestFinished);
      const broker = `broker: { urls: ["mqtt://127.0.0.1:${ports.plain}"], username: home, password: wrong }`;
      const settings = place.file('desk.yaml', `desk:\n  page: { port: ${await freePort()} }\n  ${broker}\n`);
      const outcome = await place.run(['desk', '--config', settings, '--data', join(place.folder, 'data')]);
      expectRefusal(outcome, { says: /refused this client/, fix: /Check desk\.broker\.username and desk\.broker\.password/ }, expect);
    });
  });
