/**
 * Tries to reach one broker step by step: name, TCP or TLS, and where it is allowed the sign-in. The agent's client id is used for that,
 * because brokers may accept no other; it would end a running agent's connection, so the caller allows it only when none runs. Publishes
 * nothing.
 */
import { execFile } from 'node:child_process';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { BrokerFacts } from '../agent/diagnostics/doctor-broker.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { createMqttLink } from './mqtt-link.ts';

export type BrokerTrial = {
  readonly clock: Clock;
  readonly random: Random;
  readonly ca?: string;
  /** What to sign in with, or why not to. */
  readonly account: { readonly clientId: string; readonly username: string; readonly password?: string } | { readonly withheld: string };
};

const STEP_MS = 1500;
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Never rejects; resolves within three steps of 1.5 s. */
export async function tryBroker(url: string, trial: BrokerTrial): Promise<BrokerFacts> {
  const shown = url.replace(/\/\/[^/@]*@/, '//');
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const address = await addressOf(host);
  if (address === undefined) return { url: shown, failed: { step: 'name', why: 'no name server knows the name' } };
  const isTls = protocol === 'mqtts:' || protocol === 'ssl:';
  const place = { address, host, port: Number(port || (isTls ? 8883 : 1883)) };
  const failed = await (isTls ? whyNotTrusted(place, trial) : whyNotOpen(place, trial));
  if (failed !== undefined) return { url: shown, failed };
  if ('withheld' in trial.account) return { url: shown, notSignedIn: trial.account.withheld };
  const refused = await whyNotSignedIn(url, trial.account, trial);
  return refused === undefined ? { url: shown } : { url: shown, failed: refused };
}

/** By the system's own resolver in a process that can be ended: a look-up inside Node holds the command open while DNS is dead. */
function addressOf(host: string): Promise<string | undefined> {
  if (isIP(host) !== 0) return Promise.resolve(host);
  return new Promise((resolve) => {
    execFile('getent', ['ahosts', '--', host], { timeout: STEP_MS, killSignal: 'SIGKILL' }, (_error, stdout) =>
      resolve(/^\S+/.exec(stdout)?.[0]),
    );
  });
}

type Place = { readonly address: string; readonly host: string; readonly port: number };
type Failed = BrokerFacts['failed'];

function whyNotOpen({ address, port }: Place, { clock }: BrokerTrial): Promise<Failed> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: address, port });
    const finish = (why?: string): void => {
      timer.cancel();
      socket.destroy();
      resolve(why === undefined ? undefined : { step: 'connect', why });
    };
    const timer = clock.setTimer(STEP_MS, () => finish('no answer'));
    socket.once('connect', () => finish());
    socket.on('error', (error) => finish(error.message));
  });
}

/** Shakes hands with anyone and says nothing, so that the certificate of a broker that is not trusted can be told. */
function whyNotTrusted({ address, host, port }: Place, { clock, ca }: BrokerTrial): Promise<Failed> {
  return new Promise((resolve) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ host: address, port, rejectUnauthorized: false, ...name, ...(ca === undefined ? {} : { ca }) });
    let isOpen = false;
    const finish = (failed?: Failed): void => {
      timer.cancel();
      socket.destroy();
      resolve(failed);
    };
    const broken = (why: string): void => finish({ step: isOpen ? 'tls' : 'connect', why });
    const timer = clock.setTimer(STEP_MS, () => broken('no answer'));
    socket.once('connect', () => {
      isOpen = true;
    });
    socket.once('secureConnect', () => finish(socket.authorized ? undefined : mistrustOf(socket)));
    socket.on('error', (error) => broken(error.message));
  });
}

function mistrustOf(socket: TLSSocket): Failed {
  const reason: Error | string = socket.authorizationError;
  const code = typeof reason === 'string' ? reason : ((reason as NodeJS.ErrnoException).code ?? reason.message);
  const { valid_from, valid_to } = socket.getPeerCertificate();
  return { step: 'tls', why: code, mistrust: { code, validFrom: Date.parse(valid_from), validTo: Date.parse(valid_to) } };
}

async function whyNotSignedIn(
  url: string,
  account: { clientId: string; username: string; password?: string },
  { clock, random, ca }: BrokerTrial,
): Promise<Failed> {
  const link = createMqttLink({ urls: [url], ...account, ...(ca === undefined ? {} : { ca }), clock, random, log: SILENT });
  const failed = await new Promise<Failed>((resolve) => {
    const timer = clock.setTimer(STEP_MS, () => resolve({ step: 'hang', why: 'no answer' }));
    link.start({
      subscriptions: [],
      onMessage: () => {},
      onState({ connected, problem }) {
        timer.cancel();
        resolve(connected ? undefined : { step: 'sign-in', why: problem ?? 'no reason given' });
      },
    });
  });
  await link.stop();
  return failed;
}
