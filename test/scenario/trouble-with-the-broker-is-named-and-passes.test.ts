/**
 * Whatever is wrong with the broker or the way to it: the hub says so in the words that `hearthbeat status` prints, keeps what it has, and tells it
 * by itself once that is mended. The hub's waits are 20 times shorter than in life; mosquitto, sockets and TLS are real.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hurriedClock } from '../deaths/hurried-clock.ts';
import { AUTHORITY, EXPIRED, FOR_ANOTHER_NAME, NOT_YET_VALID, OF_ANOTHER_AUTHORITY, RIGHT } from '../fakes/broker-certificates.ts';
import { startChild } from '../fakes/child.ts';
import { startDeskOn } from '../fakes/desk-on-broker.ts';
import { expectAllTold, homeOnAWay, keysAt } from '../fakes/home-on-a-way.ts';
import { startHubOn, until } from '../fakes/hub-on-broker.ts';
import { HAS_MOSQUITTO, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const clock = hurriedClock({ speed: 20, epochMs: Date.now() });
const HUB = new URL('../fakes/telling-hub.ts', import.meta.url).pathname;
/** Where a process may have files of its own in place of those in /etc: for root on Linux, not in every container. */
const CAN_CHANGE_NAMES = spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.skipIf(!HAS_MOSQUITTO)('a hub', () => {
  it('tells each thing once over a broker that is there for 1 s of 5, for minutes', { timeout: 90_000 }, async () => {
    const { way, hub, desk } = await homeOnAWay(clock);
    const keys: string[] = [];
    const begunMs = clock.now().monoMs;
    for (let round = 0; round < 36; round++) {
      await way.open();
      await sleep(1_000 / 20);
      await way.close();
      keys.push(`round ${round}`);
      hub.raise(`round ${round}`);
      await sleep(4_000 / 20);
    }
    expect(hub.uplink.status().problem).toMatch(/nothing listens on that port|closed the connection|connection was lost/);
    // Each attempt ends with a line, also where it found nobody. On a busy machine the rounds take longer than 3 minutes.
    const attempts = hub.log.filter((line) => line.includes('cannot be reached')).length;
    const minutes = (clock.now().monoMs - begunMs) / 60_000;
    expect(attempts).toBeGreaterThanOrEqual(Math.max(6, way.taken() - 1));
    expect(attempts).toBeLessThanOrEqual(6 * Math.ceil(minutes));
    await way.open();
    await expectAllTold(hub, desk, keys);
  });

  it.each([
    ['has expired', EXPIRED, /its certificate has expired/],
    ['is not valid yet', NOT_YET_VALID, /its certificate is not valid yet/],
    ['another authority signed', OF_ANOTHER_AUTHORITY, /signed by an authority unknown here/],
    ['is for another name', FOR_ANOTHER_NAME, /its certificate is for another name/],
  ])('says nothing to a broker whose certificate %s, and speaks once it has a right one', { timeout: 60_000 }, async (_, wrong, words) => {
    const broker = await mosquittoOnLoopback({ certificate: wrong });
    await broker.start();
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url], ca: AUTHORITY, clock });
    hub.raise('in secret');
    await until('it is said', () => words.test(hub.uplink.status().problem ?? ''));
    expect(hub.store.outbox.waiting().count).toBe(1);
    broker.present(RIGHT);
    await broker.kill();
    await broker.start();
    const { desk } = startDeskOn({ url: broker.url, ca: AUTHORITY });
    await expectAllTold(hub, desk, ['in secret']);
  });

  it.skipIf(!CAN_CHANGE_NAMES).each([
    ['is known to no name server', 'files', /no name server knows that name/],
    ['no name server can tell', 'files dns', /no name server answers/],
  ])('finds a broker whose name %s as soon as it has an address', { timeout: 60_000 }, async (_, sources, words) => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const { desk } = startDeskOn(broker);
    const names = namesOfItsOwn(sources);
    const options = { folder: temporaryFolder(), urls: [broker.url.replace('127.0.0.1', 'broker.test')] };
    const hub = startChild('unshare', ['--mount', 'sh', '-c', names.script, process.execPath, HUB, JSON.stringify(options)]);
    await until('it is said', () => words.test(hub.lines().at(-1) ?? ''), 30_000);
    names.give('127.0.0.1 broker.test');
    await until('the desk has it', () => keysAt(desk).includes('while nobody listens'), 30_000);
    await until('all is well', () => hub.lines().at(-1) === JSON.stringify({ granted: true, waiting: 0 }), 30_000);
  });
});

/** `script` gives the command behind it name files of its own; only in its own view of the file system. The name server is a port where nobody is. */
function namesOfItsOwn(sources: string): { script: string; give(line: string): void } {
  const folder = temporaryFolder();
  const files = {
    hosts: '',
    'nsswitch.conf': `hosts: ${sources}\n`,
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const mounts = Object.keys(files).map((name) => `mount --bind '${join(folder, name)}' /etc/${name}`);
  return { script: `${mounts.join(' && ')} && exec "$0" "$@"`, give: (line) => writeFileSync(join(folder, 'hosts'), `${line}\n`) };
}
