/** A hub that is stopped, and a house most of which falls silent at once, on real packets: what is told of each. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { DeviceView } from '../../../src/agent/diagnostics/view.ts';
import type { AlertMessage } from '../../../src/protocol/messages.ts';
import { eventually, type Lab, startLab } from '../harness.ts';
import { askProgram, optionsFor, type Program, startProgram } from '../whole-path.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-doubt-'));
/** A machine that is busy with other things is not fit to judge for a while. */
const PATIENCE_MS = 180_000;
const options = optionsFor(folder, 'agent');
let lab: Lab;
let agent: Program;
/** Names in the lab of those whose silence is a fault, by their address; without the router. */
let watched: ReadonlyMap<string, string>;

const devices = async (): Promise<readonly DeviceView[]> =>
  (await askProgram<{ devices?: DeviceView[] }>(lab, ['device', 'list', ...options])).devices ?? [];
const alerts = async (since: number): Promise<AlertMessage[]> => {
  const { firing, over } = await askProgram<{ firing: AlertMessage[]; over?: AlertMessage[] }>(lab, ['alert', 'list', '--all', ...options]);
  return [...firing, ...(over ?? [])].filter(
    ({ raisedAt, code, stage }) => raisedAt >= since && code !== 'device-new' && stage === undefined,
  );
};

beforeAll(async () => {
  lab = await startLab({ hosts: 0, real: true, devices: true });
  const { hosts, gateway } = await lab.truth();
  agent = startProgram(lab, 'hub', ['agent', ...options]);
  const isWatched = ({ profile, personal }: DeviceView): boolean => !personal && ['wired', 'other', 'quiet'].includes(profile);
  const known = await eventually('ten that are watched have answered', 60_000, async () => {
    const found = (await devices()).filter((device) => device.state === 'up' && isWatched(device));
    return found.length >= 10 ? found : undefined;
  });
  await sleep(10_000);
  const nameAt = new Map(hosts.map(({ ip, name }) => [ip, name]));
  const named = known.flatMap(({ ips }) =>
    ips.flatMap((ip) => (nameAt.has(ip) && ip !== gateway.ip ? [[ip, nameAt.get(ip) as string] as const] : [])),
  );
  watched = new Map(named);
}, 120_000);
afterEach(() => lab.fault('heal'));
afterAll(async () => {
  await agent?.end();
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

test('takes nothing for silence while it is stopped, and tells of itself', async () => {
  const at = Date.now();
  agent.child.kill('SIGSTOP');
  await sleep(30_000);
  agent.child.kill('SIGCONT');
  await sleep(15_000);
  expect((await devices()).filter(({ state }) => state === 'down')).toEqual([]);
  const told = await alerts(at);
  expect(told.map(({ code }) => code)).toEqual(['hub-impaired']);
  expect(told[0]?.text).toMatch(/stood still for (29|3\d) s/);
}, 90_000);

test('calls nobody down while it is out of file descriptors, and looks again when it has some', async () => {
  await eventually(
    'it has trusted itself again',
    PATIENCE_MS,
    async () => (await alerts(0)).every(({ clearedAt }) => clearedAt !== undefined) || undefined,
  );
  const at = Date.now();
  const limit = (most: number): void => void execFileSync('prlimit', ['--pid', String(agent.pid), `--nofile=${most}:1024`]);
  // What is open stays open; standard input, output and errors are the first three.
  limit(3);
  await sleep(45_000);
  limit(1024);
  const told = await eventually('it is well and has told of itself', PATIENCE_MS, async () => {
    const all = await alerts(at);
    return all.length > 0 && all.every(({ clearedAt }) => clearedAt !== undefined) ? all : undefined;
  });
  expect(told.map(({ code }) => code)).toEqual(['hub-impaired']);
  expect(told[0]?.text).toMatch(/its questions failed \(.+\)/);
  expect((await devices()).filter(({ state }) => state === 'down')).toEqual([]);
  expect(agent.child.exitCode).toBeNull();
}, 420_000);

test('is sure within a minute that most of the house is silent, and tells it once', async () => {
  const at = Date.now();
  const gone = [...watched.values()].slice(0, Math.ceil(watched.size * 0.8));
  await Promise.all(gone.map((name) => lab.fault('unplug', name)));
  const [first] = await eventually('the outage is told', PATIENCE_MS, async () => {
    const told = (await alerts(at)).filter(({ code }) => code !== 'hub-impaired');
    return told.length > 0 ? told : undefined;
  });
  expect((first?.raisedAt ?? 0) - at, 'it is sure first').toBeGreaterThan(25_000);
  await sleep(15_000);
  expect((await alerts(at)).map(({ code }) => code)).toEqual([first?.code]);
  // Among them is a switch that is known as one: it is told, and explains the others; else they are told together.
  expect(['device-down', 'devices-down']).toContain(first?.code);
  expect((await devices()).filter(({ isGateway }) => isGateway).map(({ state }) => state)).toEqual(['up']);
  expect((await devices()).filter(({ state }) => state === 'down').length).toBeGreaterThan(gone.length / 2);
}, 260_000);
