/**
 * `hearthbeat up` in a home with real daemons, from the packets to the broker and the desk: what people are told when something breaks,
 * within which time by the clock of the messages, and what they are spared.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentView } from '../../src/agent/diagnostics/view.ts';
import type { AlertCode } from '../../src/protocol/alert-catalogue.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { eventually, HEARTHBEAT, type Lab, startLab, type TrueHost } from './harness.ts';
import { askProgram, type Ear, listenToUp, optionsFor, type Program, startProgram } from './whole-path.ts';

/** The promise. */
const TOLD_WITHIN_MS = 15_000;
/** How long a test waits for a message that may then be too late: the machine may be busy. */
const PATIENCE_MS = 40_000;

let lab: Lab;
let hosts: TrueHost[];
let folder: string;
let options: string[];
let program: Program;
let ear: Ear;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-whole-path-'));
  lab = await startLab({ hosts: 12, real: true, devices: true });
  hosts = (await lab.truth()).hosts;
  options = optionsFor(folder, 'up', { site: { name: 'The lab' } });
  program = startProgram(lab, 'hub', ['up', ...options]);
  ear = await listenToUp(lab, path.join(folder, 'up'));
}, 90_000);
afterAll(async () => {
  await ear?.stop();
  await program?.end('SIGKILL');
  await lab?.down();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const seconds = (n: number) => new Promise((resolve) => setTimeout(resolve, n * 1000));
const host = (name: string): TrueHost => hosts.find((candidate) => candidate.name === name) ?? expect.fail(`the lab has no ${name}`);
const codesSince = (at: number): AlertCode[] => ear.raised(at).map(({ code }) => code);
const deviceAt = async (ip: string | null) => (await ear.devices()).find((device) => device.ips.includes(String(ip)));

/** Breaks something and waits for the one alert about it, then for its row at the desk. */
async function toldOf(code: AlertCode, fault: readonly [name: string, ...args: string[]]): Promise<{ alert: AlertMessage; at: number }> {
  const at = Date.now();
  await lab.fault(...fault);
  const alert = await eventually(`${code} is on the broker`, PATIENCE_MS, () => ear.raised(at).find((raised) => raised.code === code));
  const { heardAt } = ear.entries().find((entry) => (entry.d as AlertMessage).key === alert.key)!;
  expect(heardAt - at, 'from the fault to the message').toBeLessThan(TOLD_WITHIN_MS);
  expect(alert.raisedAt - at).toBeLessThan(TOLD_WITHIN_MS);
  const row = await eventually('it is at the desk', PATIENCE_MS, async () =>
    (await ear.alerts('?firing=true')).find(({ key }) => key === alert.key),
  );
  expect(row).toMatchObject({ code, siteName: 'The lab', late: false, stale: false });
  expect(Math.abs(row.raisedAt - alert.raisedAt), 'the same instant by the clock of the desk').toBeLessThan(1000);
  return { alert, at };
}

/** Mends it and waits for the end of the alert. */
async function toldOfTheEnd(alert: AlertMessage, fault: readonly [name: string, ...args: string[]]): Promise<void> {
  const at = Date.now();
  await lab.fault(...fault);
  const cleared = await eventually(`${alert.code} is over`, PATIENCE_MS, () => ear.cleared(alert.code, at));
  expect(cleared.key).toBe(alert.key);
  expect(cleared.clearedAt! - at, 'from the repair to the message').toBeLessThan(TOLD_WITHIN_MS);
  await eventually('it is over at the desk', PATIENCE_MS, async () => (await ear.alerts('?firing=true')).length === 0);
}

test('has every device up at the desk', async () => {
  await eventually('the inventory is printed', PATIENCE_MS, () => program.output.stdout.includes('Watching.'));
  await eventually('every device is up', 20_000, async () => {
    const devices = await ear.devices();
    return devices.length > 30 && devices.every(({ state }) => state === 'up');
  });
  expect(await ear.site()).toMatchObject({ name: 'The lab', gateway: 'up', internet: 'up', presence: { phase: 'online' } });
});

test('tells within 15 seconds that a wired device was unplugged, and that it is back', async () => {
  const { alert, at } = await toldOf('device-down', ['unplug', 'switch']);
  const device = await deviceAt(host('switch').ip);
  expect(device).toMatchObject({ state: 'down' });
  expect(alert).toMatchObject({ device: device?.id, severity: 'error' });
  expect(alert.evidence?.attempts.some(({ outcome }) => outcome === 'silent')).toBe(true);
  const listed = await askProgram<{ firing: { key: string }[] }>(lab, ['alert', 'list', ...options]);
  expect(listed.firing.map(({ key }) => key)).toEqual([alert.key]);
  const why = await lab.hubRun([process.execPath, 'bin/hearthbeat.mjs', 'why', String(host('switch').ip), ...options]);
  expect(why.stdout).toContain('down');
  await toldOfTheEnd(alert, ['replug', 'switch']);
  expect(await deviceAt(host('switch').ip)).toMatchObject({ id: device?.id, state: 'up' });
  expect(codesSince(at)).toEqual(['device-down']);
});

test('tells of a lost line to the provider as one internet-down, and nothing of any device', async () => {
  const { alert, at } = await toldOf('internet-down', ['wan-down']);
  expect(await ear.site()).toMatchObject({ gateway: 'up', internet: 'down' });
  await toldOfTheEnd(alert, ['wan-up']);
  expect(codesSince(at)).toEqual(['internet-down']);
  expect(await ear.site()).toMatchObject({ internet: 'up' });
});

test('tells of a dead router as one gateway-unreachable: the internet is unknown then, and the other devices are up', async () => {
  const { alert, at } = await toldOf('gateway-unreachable', ['gateway-down']);
  await seconds(10);
  expect(await ear.site()).toMatchObject({ gateway: 'down', internet: 'unknown' });
  expect((await ear.devices()).filter(({ isGateway, state }) => !isGateway && state !== 'up')).toEqual([]);
  await toldOfTheEnd(alert, ['gateway-up']);
  expect(codesSince(at)).toEqual(['gateway-unreachable']);
});

test('raises nothing for new addresses, other MACs, a stolen address and dead or hanging services', async () => {
  const moving = await eventually('the device is at the desk', PATIENCE_MS, () => deviceAt(host('kasa-plug').ip));
  const at = Date.now();
  await lab.fault('ip-change', 'kasa-plug');
  await lab.fault('hang', 'renderer');
  await lab.fault('crash', 'printer');
  await lab.fault('mac-random', 'iphone-anna');
  await lab.fault('duplicate-ip', 'nas');
  await seconds(30);
  expect(ear.raised(at)).toEqual([]);

  const moved = (await lab.truth()).hosts.find(({ name }) => name === 'kasa-plug')!;
  expect(moved.ip).not.toBe(host('kasa-plug').ip);
  const known = (await ear.devices()).filter(({ macs }) => macs.includes(String(moved.mac)));
  expect(known).toMatchObject([{ id: moving.id, state: 'up', ips: expect.arrayContaining([moved.ip]) }]);
  await lab.fault('heal');
});

test('raises no device-down when the power of the whole home was gone, not even for a device that boots slowly', async () => {
  // The machine that stole an address in the test before may have become known in its half minute; it is gone for good.
  const homeMacs = new Set((await lab.truth()).hosts.map(({ mac }) => String(mac)));
  const atHome = async () => (await ear.devices()).filter(({ macs }) => macs.some((mac) => homeMacs.has(mac)));
  const before = (await atHome()).map(({ id }) => id).sort();
  const at = Date.now();
  await lab.fault('reboot-all');
  await lab.fault('unplug', 'nas');
  await eventually(
    'the slow one is missed, and not called down',
    PATIENCE_MS,
    async () => (await deviceAt(host('nas').ip))?.state === 'unknown',
  );
  await seconds(15);
  expect(await deviceAt(host('nas').ip)).toMatchObject({ state: 'unknown' });
  await lab.fault('replug', 'nas');
  await eventually('every device is up again', 60_000, async () => (await atHome()).every(({ state }) => state === 'up'));
  expect(
    ear.bodies('device.state', at).some(({ state }) => state === 'unknown'),
    'the hub says that it sees nobody',
  ).toBe(true);
  expect(codesSince(at)).toEqual([]);
  expect((await atHome()).map(({ id }) => id).sort()).toEqual(before);
  expect(await ear.refused(), 'messages that the desk could not read').toBe(0);
});

test('leaves no process behind when its launcher is killed, and starts again at once, also where multicast is blocked', async () => {
  const { id } = await ear.site();
  await program.end('SIGINT');
  program = startProgram(lab, 'hub', ['up', ...options], [olderNode() ?? process.execPath, ...HEARTHBEAT.slice(1)]);
  await eventually('it runs', PATIENCE_MS, () => program.output.stdout.includes('page '));
  await program.end('SIGKILL');
  await eventually('nothing of it is left', 2_000, () => programsInHub().length === 0);

  await lab.fault('no-multicast', 'on');
  const at = Date.now();
  program = startProgram(lab, 'hub', ['up', ...options]);
  const status = await eventually('the coverage says so', PATIENCE_MS, async () => {
    if (!existsSync(path.join(folder, 'up/agent.sock'))) return undefined;
    const told = await askProgram<AgentView & { running: boolean }>(lab, ['status', ...options]);
    return told.running && told.coverage.some(({ problem }) => problem?.includes('multicast seems blocked')) ? told : undefined;
  });
  expect(status.coverage.flatMap(({ status, method }) => (status === 'degraded' ? method : []))).toEqual(
    expect.arrayContaining(['mdns', 'ssdp']),
  );
  expect(ear.raised(at)).toEqual([]);
  expect((await ear.site()).id).toBe(id);
});

/** A Node that cannot run the program itself, so that it launches the right one; where there is none, the program has no launcher. */
function olderNode(): string | undefined {
  const found = (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((place) => path.join(place, 'node'))
    .filter(existsSync);
  return found.find((node) => Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'])) < 24);
}

function programsInHub(): string[] {
  const pids = execFileSync('ip', ['netns', 'pids', `${lab.prefix}-hub`], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  return pids.filter((pid) => execFileSync('cat', [`/proc/${pid}/cmdline`], { encoding: 'utf8' }).includes('hearthbeat.mjs'));
}
