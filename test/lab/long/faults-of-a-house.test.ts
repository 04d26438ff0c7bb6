/**
 * What people are asked to act on for each of the faults that a house has, on real packets: the counts of
 * test/scenario/each-fault-of-a-house-asks-for-one-visit.test.ts, which plays them in simulation. Two homes side by side; in each one fault
 * after another.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addBranch, type Branch } from '../branch.ts';
import { type FaultyHome, startFaultyHome } from '../faulty-home.ts';
import { tableOf } from '../host-table.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seconds = (n: number): Promise<void> => sleep(n * 1000);
const minutes = (n: number): Promise<void> => seconds(n * 60);
const SETTLING_MS = 400_000;
/** After the tests before it, while the other house has its own. */
const inTurn = (minutesAtMost: number) => ({ concurrent: false, timeout: minutesAtMost * 60_000 });

/** Nothing tells what it is. */
const SWITCH = 'esp-garage';
const CHILDREN = words`sonos-den sonos-bed hik-front dahua axis-gate reolink-cam hue-spare qnap wyze kasa-lamp kasa-fan wemo-porch`;
const ACCESS_POINT = 'unifi-ap2';
const OVER_THE_AIR = words`sonos-bath nest-hello ring-pro unifi-cam hik-back esp-pool ikea-gw google-home`;
const OTHERS = words`ds-backup c4-ea3 lutron-ra2`;
const SLEEPERS = words`iphone-anna iphone-ben pixel galaxy ipad macbook imac watch laptop-dell laptop-lenovo desktop-msi desktop-asus
  kindle ps5 switch-game xbox-den firetv roku-guest samsung-tv2 vizio nanoleaf-hall roborock tivo peloton`;
const NEIGHBOURS = words`sonos-den nest-hello google-home unifi-cam eero hue-spare ds-backup qnap hik-front dahua axis-gate ring-pro wyze
  kasa-lamp esp-garage ikea-gw c4-ea3 enphase wattbox laptop-dell samsung-tv2 pixel`;

function words(text: TemplateStringsArray): readonly string[] {
  return text.join('').split(/\s+/);
}

function startHome(
  name: string,
  hosts: readonly string[],
  arrange: Parameters<typeof startFaultyHome>[3] = async () => {},
): Promise<FaultyHome> {
  const own = path.join(folder, name);
  mkdirSync(own);
  const table = tableOf(path.join(own, 'hosts.tsv'), (row) => hosts.includes(row.name));
  return startFaultyHome(own, hosts.length, table, arrange);
}

const each = (home: FaultyHome, fault: string, hosts: readonly string[]): Promise<unknown> =>
  Promise.all(hosts.map((host) => home.lab.fault(fault, host)));

describe.concurrent('in a house with a switch and an access point that nothing tells of, people are asked to act', () => {
  let home: FaultyHome;
  let behindSwitch: Branch;
  let overTheAir: Branch;
  beforeAll(async () => {
    home = await startHome('branches', [SWITCH, ...CHILDREN, ACCESS_POINT, ...OVER_THE_AIR, ...OTHERS, ...SLEEPERS], async (lab) => {
      behindSwitch = await addBranch(lab, 'switch', [SWITCH, ...CHILDREN]);
      overTheAir = await addBranch(lab, 'ap', [ACCESS_POINT, ...OVER_THE_AIR], true);
    });
  }, SETTLING_MS);
  afterAll(() => home?.close());

  test('once when the switch with 12 children dies, though the hub doubts itself first', inTurn(7), async () => {
    const at = Date.now();
    behindSwitch.die();
    await minutes(4);
    expect(
      home.ear.raised(at).map(({ code }) => code),
      home.story(at),
    ).toEqual(['devices-down']);
    expect(home.asked(at)).toEqual(['devices-down']);
    expect((await home.devices()).filter(({ state }) => state === 'down').length).toBeGreaterThan(CHILDREN.length);
    behindSwitch.live();
    await minutes(1);
    expect(home.ear.cleared('devices-down', at), home.story(at)).toBeDefined();
    expect(home.visits(at)).toEqual(['devices-down']);
    expect(home.ear.raised(at)).toHaveLength(1);
  });

  test('never when the access point restarts for 90 s', inTurn(6), async () => {
    const at = Date.now();
    overTheAir.die();
    await seconds(90);
    overTheAir.live();
    await minutes(3);
    expect(home.visits(at), home.story(at)).toEqual([]);
    expect(home.asked(at)).toEqual([]);
    expect(home.states(at), 'it was seen').toContain('down');
  });

  test('never when half of the house sleeps for ten minutes, and once when the provider is gone for five of them', inTurn(15), async () => {
    const at = Date.now();
    await each(home, 'unplug', SLEEPERS);
    await minutes(3);
    expect(home.ear.raised(at), home.story(at)).toEqual([]);
    const cutAt = Date.now();
    await home.lab.fault('wan-down');
    await minutes(5);
    // The desk hears nothing from this house any more.
    expect(home.asked(at)).toEqual(['hub-silent']);
    await home.lab.fault('wan-up');
    await minutes(2);
    const all = await home.devices();
    expect(all.filter(({ state }) => state === 'asleep').length).toBeGreaterThanOrEqual(SLEEPERS.length - 3);
    await each(home, 'replug', SLEEPERS);
    await minutes(2);
    expect(home.visits(at), home.story(at)).toEqual(['internet-down']);
    expect(home.asked(cutAt)).toEqual(['hub-silent']);
    expect(home.states(at)).not.toContain('down');
  });
});

describe.concurrent('in a house whose hub has a hard life, people are asked to act', () => {
  let home: FaultyHome;
  beforeAll(async () => {
    home = await startHome('hub', NEIGHBOURS);
  }, SETTLING_MS);
  afterAll(() => home?.close());

  test('once for the hub and for no device when the hub is overloaded', inTurn(10), async () => {
    const at = Date.now();
    const overload = overloaded(home.agent().pid);
    try {
      await minutes(1);
      await home.lab.fault('unplug', 'qnap');
      await minutes(2);
      expect(
        home.ear.raised(at).map(({ code }) => code),
        home.story(at),
      ).toEqual(['hub-impaired']);
      await home.lab.fault('replug', 'qnap');
      await minutes(1);
    } finally {
      overload.abort();
    }
    await minutes(2.5);
    expect(home.visits(at), home.story(at)).toEqual(['hub-impaired']);
    expect(home.asked(at)).toEqual(['hub-impaired']);
    expect(home.states(at)).not.toContain('down');
    expect(home.ear.cleared('hub-impaired', at)).toBeDefined();
    expect((await home.devices()).filter(({ state }) => state !== 'up')).toEqual([]);
  });

  test('once, for the house, when the power is cut for ten minutes and the hub dies with it', inTurn(20), async () => {
    const at = Date.now();
    await home.agent().end('SIGKILL');
    await Promise.all([home.lab.fault('gateway-down'), each(home, 'unplug', NEIGHBOURS)]);
    await minutes(10);
    home.startAgent();
    await seconds(20);
    await home.lab.fault('gateway-up');
    for (const host of NEIGHBOURS) {
      await seconds(70 / NEIGHBOURS.length);
      await home.lab.fault('replug', host);
    }
    await minutes(4);
    expect(home.asked(at), home.story(at)).toEqual(['hub-silent']);
    expect(home.visits(at)).toEqual([]);
    expect(home.states(at)).not.toContain('down');
    expect((await home.devices()).filter(({ state }) => state !== 'up')).toEqual([]);
  });
});

/** Stops the process for 400 ms out of every 450, so that it does everything late, until the signal is aborted. */
function overloaded(pid: number): AbortController {
  const over = new AbortController();
  void (async () => {
    while (!over.signal.aborted) {
      process.kill(pid, 'SIGSTOP');
      await sleep(400);
      process.kill(pid, 'SIGCONT');
      await sleep(50);
    }
  })();
  return over;
}
