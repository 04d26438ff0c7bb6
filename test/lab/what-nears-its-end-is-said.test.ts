/**
 * The home of devices that are near their end or past it, on real packets: the agent finds and names them, and `lifecycle list` says of each what it
 * is, on what evidence, and nothing of those of which nothing is known.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeviceSummary } from '../../src/agent/inventory/device.ts';
import type { Verdict } from '../../src/agent/lifecycle/verdict.ts';
import { eventually, HEARTHBEAT, type Lab, startLab, type Truth } from './harness.ts';
import { startNetworkUps } from './network-ups.ts';
import { askProgram, optionsFor, type Program, startProgram } from './whole-path.ts';

/** Played in other labs too. */
const SHARED = ['hue-v1', 'sonos-one', 'synology'];

type Told = { readonly devices: readonly (Verdict & { readonly device: { readonly ip?: string } })[] };

let lab: Lab;
let truth: Truth;
let agent: Program;
let folder: string;
let options: string[];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-ending-'));
  const shared = path.join(folder, 'devices');
  mkdirSync(shared);
  for (const name of SHARED) copyFileSync(path.join(import.meta.dirname, 'devices', `${name}.json`), path.join(shared, `${name}.json`));
  lab = await startLab({ hosts: 0, folders: [path.join(import.meta.dirname, 'ending'), shared] });
  await startNetworkUps(lab, 'synology', path.join(folder, 'nut'));
  truth = await lab.truth();
  options = optionsFor(folder, 'agent');
  agent = startProgram(lab, 'hub', ['agent', ...options]);
}, 60_000);
afterAll(async () => {
  await agent?.end('SIGKILL');
  await lab?.down();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const ipOf = (name: string): string => String(truth.hosts.find((host) => host.name === name)?.ip);

/** By the lab's name of each host; a host without a verdict is not in it. Throws while the agent starts. */
async function verdicts(): Promise<Record<string, Verdict>> {
  const { devices } = await askProgram<Told>(lab, [...options, 'lifecycle', 'list', '--all']);
  const names = new Map(truth.hosts.map(({ ip, name }) => [ip, name]));
  return Object.fromEntries(devices.map(({ device, ...verdict }) => [names.get(device.ip ?? '') ?? String(device.ip), verdict]));
}

/** What is said once everything was asked; before that, names alone make it ask. */
const STATES = {
  'hue-v1': 'overdue',
  'soundtouch-20': 'overdue',
  'wemo-socket': 'overdue',
  'fritzbox-7580': 'overdue',
  'cisco-rv130': 'overdue',
  'nest-2': 'ask-revision',
  synology: 'due',
};

test('each device that has ended has the right verdict, grade, source and sentence, and the others have none', async () => {
  const told = await eventually('every verdict', 90_000, async () => {
    const now = await verdicts().catch(() => ({}) as Awaited<ReturnType<typeof verdicts>>);
    return Object.entries(STATES).every(([name, state]) => now[name]?.state === state) && now;
  });
  expect(told).toMatchObject({
    'hue-v1': {
      grade: 'announced date',
      why: "Hue Bridge v1: no more security updates since 2020-04-30; the maker's cloud is off.",
      toDo: 'Replace it: Hue Bridge v2 (BSB002) or Hue Bridge Pro.',
      source: { title: expect.stringContaining('CNET'), url: expect.stringMatching(/^https:/), readOn: expect.any(String) },
    },
    'soundtouch-20': {
      grade: 'announced date',
      why: "Bose SoundTouch 20 (Series II, III): no more security updates since 2026-05-06; the maker's cloud is off.",
      stays: expect.stringContaining('AirPlay'),
      source: { title: expect.stringContaining('Bose') },
    },
    'wemo-socket': {
      grade: 'announced date',
      why: "Wemo Switch / Socket (F7C027): no more security updates since 2026-01-31; the maker's cloud is off.",
      stays: expect.stringContaining('HomeKit'),
      source: { title: expect.stringContaining('Belkin') },
    },
    'fritzbox-7580': {
      grade: 'announced date',
      why: 'FRITZ!Box 7580: no more security updates since 2021-01-02.',
      source: { title: expect.stringContaining('AVM') },
    },
    'cisco-rv130': {
      grade: 'announced date',
      why: 'Small Business RV130: at its end by 2021-08 at the latest, the exact day is not known.',
      stops: expect.stringContaining('holes'),
      source: { title: expect.stringContaining('Cisco') },
    },
    'nest-2': {
      tell: 'desk',
      why: expect.stringContaining('no more security updates since 2025-10-25'),
      toDo: expect.stringContaining(`device set ${ipOf('nest-2')} model=`),
    },
    synology: {
      grade: 'told by the device',
      why: 'The battery of the UPS "Back-UPS RS 1200G" on it failed its self-test: in a power cut it may not hold.',
      source: { title: 'its answer by Network UPS Tools' },
    },
  });
  for (const silent of ['sonos-one', 'box']) expect(told).not.toHaveProperty(silent);
}, 120_000);

test('what the technician reads on the label settles what only a name hinted at', async () => {
  const set = [...HEARTHBEAT, ...options, 'device', 'set', ipOf('nest-2'), 'model=Nest Learning Thermostat 2nd generation'];
  expect(await lab.hubRun(set)).toMatchObject({ code: 0 });
  expect((await verdicts())['nest-2']).toMatchObject({
    state: 'overdue',
    tell: 'client',
    grade: 'announced date',
    why: "Nest Learning Thermostat 2nd gen (2012): no more security updates since 2025-10-25; the maker's cloud is off.",
    stays: 'Control by hand on the wall.',
  });
});

test('a device shows what its UPS told of its battery, without the date that only the factory can have meant', async () => {
  const { reports } = await askProgram<DeviceSummary>(lab, [...options, 'device', 'show', ipOf('synology')]);
  expect(reports?.nut?.says).toEqual({
    of: 'Back-UPS RS 1200G',
    batteryReplace: true,
    batteryMadeOn: '2018-03-23',
    batteryKind: 'lead',
    batteryMinutes: 4,
    selfTest: 'failed',
    madeOn: '2018-03-23',
  });
});
