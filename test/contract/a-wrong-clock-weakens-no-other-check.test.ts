/**
 * A hub whose clock nobody has set reaches its broker by the desk's time; the broker must be the right one in all else, and must not see a byte before that. Certificates whose
 * dates lie elsewhere stand for a clock that is wrong.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LinkState } from '../../src/base/mqtt.ts';
import { DAY_MS } from '../../src/base/partial-date.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { connectUndated, createUnsureClock } from '../../src/platform/undated-certificate.ts';
import { type Authority, authorityIn, type Wanted } from '../fakes/certificates.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const HOUR_MS = 3_600_000;

/** By the clock of here it ended 35 days ago; by the desk's it lasts. */
const ENDED = { from: Date.now() - 400 * DAY_MS, to: Date.now() - 35 * DAY_MS };
const TO_COME = { from: Date.now() + 2 * DAY_MS, to: Date.now() + 300 * DAY_MS };
const THEN = Date.now() - 100 * DAY_MS;
const PAST = Date.now() - 390 * DAY_MS;

type World = {
  readonly certificate: Wanted;
  readonly signedBy?: (folder: string) => Authority;
  readonly isSynchronised?: boolean | undefined;
  readonly past?: number;
  /** What the desk's first message says of the time. */
  readonly deskNow?: number;
};

/** A broker with such a certificate, a hub that believes `ours`, and what came of it within a few attempts. */
async function meet({ certificate, signedBy, isSynchronised, past = PAST, deskNow = THEN }: World) {
  const folder = temporaryFolder();
  const ours = authorityIn(folder, 'ours');
  const { cert, key } = (signedBy?.(folder) ?? ours).issue(certificate);
  const aedes = await Aedes.createBroker();
  const broker = createTlsServer({ cert, key });
  const seen = { bytes: 0, text: '', published: [] as string[] };
  broker.on('secureConnection', (socket: TLSSocket) => {
    socket.on('data', (data) => {
      seen.bytes += data.length;
      seen.text += data.toString('latin1');
    });
    socket.on('error', () => {});
    aedes.handle(socket);
  });
  broker.on('tlsClientError', () => {});
  aedes.on('publish', ({ topic }, client) => {
    if (client) seen.published.push(topic);
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  const { port } = broker.address() as AddressInfo;
  let known: number | undefined;
  const states: LinkState[] = [];
  const link = createMqttLink({
    urls: [`mqtts://127.0.0.1:${port}`],
    clientId: 'hub',
    username: 'hub',
    password: 'hush-hush',
    ca: ours.pem,
    clock: systemClock,
    random: systemRandom,
    log: QUIET,
    unsureClock: createUnsureClock({
      clock: systemClock,
      past: () => past,
      deskNow: () => known,
      isSynchronised: async () => isSynchronised,
    }),
  });
  onTestFinished(async () => {
    await link.stop();
    broker.close();
    aedes.close();
  });
  link.start({
    subscriptions: ['grant'],
    onState: (state) => states.push(state),
    onMessage: () => {
      known = deskNow;
      void link.publish('entries', 'what the house is like', { qos: 1 });
    },
  });
  const settled = async (): Promise<LinkState | undefined> => {
    for (let i = 0; i < 200 && states.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    return states.at(-1);
  };
  const grant = async (): Promise<void> => {
    await new Promise<void>((resolve) =>
      aedes.publish({ cmd: 'publish', topic: 'grant', payload: Buffer.from('x'), qos: 0, retain: false, dup: false }, () => resolve()),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  return { seen, states, settled, grant };
}

describe('a hub whose clock nobody has set', () => {
  it.for([
    ['has ended', { certificate: ENDED, isSynchronised: false }],
    ['is not valid yet', { certificate: TO_COME, isSynchronised: false, deskNow: Date.now() + 3 * DAY_MS }],
    [
      'is not valid yet, by a clock that is before what is certainly past',
      { certificate: TO_COME, past: Date.now() + 2 * DAY_MS, deskNow: Date.now() + 3 * DAY_MS },
    ],
  ] as [string, World][])('connects though by its clock the certificate %s, and stays when the desk says the time', async ([, world]) => {
    const { settled, grant, seen, states } = await meet(world);
    expect(await settled()).toMatchObject({ connected: true, isUndated: true });
    await grant();
    expect(states).toHaveLength(1);
    expect(seen.published).toEqual(['entries']);
  });

  it('drops a broker whose certificate had ended when the desk says what time it is, and tells it nothing of the house', async () => {
    const { settled, grant, seen, states } = await meet({ certificate: ENDED, isSynchronised: false, deskNow: ENDED.to + HOUR_MS });
    expect(await settled()).toMatchObject({ connected: true });
    await grant();
    expect(states[1]).toMatchObject({ connected: false, problem: expect.stringMatching(/certificate has expired/) });
    expect(seen.published).toEqual([]);
    expect(seen.text).not.toContain('what the house is like');
  });

  const refused: [string, World, RegExp][] = [
    [
      'is signed by another authority',
      { certificate: ENDED, signedBy: (folder) => authorityIn(folder, 'theirs') },
      /authority unknown here/,
    ],
    ['is for another name', { certificate: { ...ENDED, name: 'DNS:elsewhere.example' } }, /for another name/],
    ['is for no server', { certificate: { ...ENDED, purpose: 'clientAuth' } }, /unsuitable certificate purpose|authority unknown/],
    ['had ended at an instant that is certainly past', { certificate: ENDED, past: ENDED.to + HOUR_MS }, /has expired/],
  ];
  it.for(refused)('says no word to a broker whose certificate %s', async ([, world, words]) => {
    const { settled, seen } = await meet({ ...world, isSynchronised: false });
    expect(await settled()).toMatchObject({ connected: false, problem: expect.stringMatching(words) });
    expect(seen.bytes).toBe(0);
  });
});

describe('a hub whose clock is set, or that cannot tell', () => {
  it.for([
    ['is synchronised', { certificate: ENDED, isSynchronised: true }],
    ['is synchronised, whatever is past', { certificate: TO_COME, isSynchronised: true, past: Date.now() + 2 * DAY_MS }],
    ['may be right', { certificate: ENDED }],
  ] as [string, World][])('believes the dates: its clock %s', async ([, world]) => {
    const { settled, seen } = await meet(world);
    expect(await settled()).toMatchObject({ connected: false, problem: expect.stringMatching(/has expired|not valid yet/) });
    expect(seen.bytes).toBe(0);
  });
});

describe('a connection without dates', () => {
  /** What a broker with such a certificate is told of what was written before it was verified. */
  async function tell(certificate: Wanted, signer?: Authority): Promise<{ told: string; verdict: string }> {
    const ours = authorityIn(temporaryFolder(), 'ours');
    const { cert, key } = (signer ?? ours).issue(certificate);
    let told = '';
    const broker = createTlsServer({ cert, key }, (socket) => {
      socket.on('data', (data) => {
        told += data;
      });
      socket.on('error', () => {});
    });
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const clock = { isUnset: async () => true, past: () => PAST, deskNow: () => undefined };
    const verdict = await new Promise<string>((resolve) => {
      const { port } = broker.address() as AddressInfo;
      const ends = { onVerified: () => resolve('verified'), onRefused: ({ code }: { code: string }) => resolve(code) };
      const socket = connectUndated({ host: '127.0.0.1', port, ca: ours.pem, clock, ...ends });
      socket.on('error', () => {});
      socket.write('hush-hush');
      onTestFinished(() => void socket.destroy());
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    broker.close();
    return { told, verdict };
  }

  it('passes on what was written once everything but the dates is right', async () => {
    expect(await tell(ENDED)).toEqual({ told: 'hush-hush', verdict: 'verified' });
  });

  it('passes nothing on to who made an authority of the same name', async () => {
    const forger = authorityIn(temporaryFolder(), 'ours');
    const refused = { told: '', verdict: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    expect(await tell(ENDED, forger)).toEqual(refused);
    expect(await tell({ ...ENDED, hidesSigner: true }, forger)).toEqual(refused);
  });
});

it('is asked once more by hand after a fault of dates, and by no other fault', async () => {
  const silent = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  let asked = 0;
  const { port } = silent.address() as AddressInfo;
  const states: LinkState[] = [];
  const link = createMqttLink({
    urls: [`mqtts://127.0.0.1:${port}`],
    clientId: 'hub',
    ca: authorityIn(temporaryFolder(), 'ours').pem,
    clock: systemClock,
    random: systemRandom,
    log: QUIET,
    unsureClock: {
      isUnset: async () => {
        asked++;
        return true;
      },
      past: () => 0,
      deskNow: () => undefined,
    },
  });
  onTestFinished(() => link.stop());
  link.start({ subscriptions: [], onState: (state) => states.push(state), onMessage: () => {} });
  for (let i = 0; i < 100 && states.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(states[0]).toMatchObject({ connected: false });
  expect(asked).toBe(0);
});
