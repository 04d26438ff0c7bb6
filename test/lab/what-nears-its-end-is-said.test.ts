/**
 * The home of devices that are near their end or past it, on real packets: the agent finds and names them, and `lifecycle list` says of each what it
 * is, on what evidence, and nothing of those of which nothing is known.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeviceSummary } from '../../src/agent/inventory/device.ts';
import type { Verdict } from '../../src/agent/lifecycle/verdict.ts';
import { eventually, HEARTHBEAT, type Lab, startLab, type Truth } from './harness.ts';
import { startNetworkAgent } from './network-agent.ts';
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
  startAgents();
  const keyFile = path.join(folder, 'unifi.key');
  writeFileSync(keyFile, 'made-by-a-person\n', { mode: 0o600 });
  options = optionsFor(folder, 'agent', { unifi: { url: `https://${ipOf('unifi-console')}`, keyFile } });
  agent = startProgram(lab, 'hub', ['agent', ...options]);
}, 60_000);
afterAll(async () => {
  await agent?.end('SIGKILL');
  await lab?.down();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** What a NAS and a printer say of their parts. */
function startAgents(): void {
  const linux = ['sysDescr Linux NAS', 'sysObjectID .1.3.6.1.4.1.8072.3.2.10', 'sysServices 72'];
  const smart = (disk: string, hours: number) =>
    [
      [1, 0],
      [5, 0],
      [9, hours],
      [197, 0],
    ].map(([number, raw]) => [disk, number!, raw!]);
  startNetworkAgent(lab, 'synology', path.join(folder, 'agent-synology'), linux, [
    { root: '1.3.6.1.4.1.6574.2.1.1', columns: [2, 5, 13], rows: [['Disk 1', 1, 1]], first: 0 },
    { root: '1.3.6.1.4.1.6574.5.1.1', columns: [2, 4, 8], rows: [...smart('/dev/sata1', 43_210), ...smart('/dev/sata2', 812)], first: 0 },
  ]);
  const disks = [
    ['HDD1', '38 C/100 F', 0, 'GOOD'],
    ['HDD2', '44 C/111 F', 0, 'Abnormal'],
  ];
  startNetworkAgent(lab, 'qnap', path.join(folder, 'agent-qnap'), linux, [
    { root: '1.3.6.1.4.1.24681.1.2.11.1', columns: [2, 3, 4, 7], rows: disks },
  ]);
  const supplies = [
    [3, 3, 'Black Toner', 7, 3_000, 0],
    [3, 9, 'Drum Unit', 7, 12_000, 0],
    [3, 15, 'Fuser', 7, 100_000, 61_000],
  ];
  startNetworkAgent(
    lab,
    'brother-hl',
    path.join(folder, 'agent-brother'),
    ['sysDescr Brother NC-6400h, Firmware Ver.1.01', 'sysObjectID .1.3.6.1.4.1.2435.2.3.9.1', 'sysServices 72'],
    [
      { root: '1.3.6.1.2.1.43.11.1.1', columns: [4, 5, 6, 7, 8, 9], rows: supplies },
      { root: '1.3.6.1.2.1.43.5.1.1', columns: [17], rows: [['U52682A5J111101']] },
    ],
  );
}

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
  qnap: 'due',
  'brother-hl': 'check',
  'unifi-uap': 'overdue',
};

test('each device that has ended has the right verdict, grade, source and sentence, and the others have none', async () => {
  const told = await eventually('every verdict', 110_000, async () => {
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
  expect(told).toMatchObject({
    qnap: {
      grade: 'told by the device',
      tell: 'client',
      why: expect.stringMatching(/^HDD2 failed or is about to: so it says itself since /),
    },
    'brother-hl': {
      tell: 'desk',
      why: 'It says that little or nothing is left of a part: Drum Unit (0 % left). It has said nothing else yet, and some printers count the other way round.',
    },
    'unifi-uap': {
      grade: 'told by the device',
      tell: 'client',
      why: 'Its model has reached its end and gets no more updates, says the UniFi console that manages it.',
      source: { title: 'the UniFi console that manages it' },
    },
  });
  for (const silent of ['sonos-one', 'box']) expect(told).not.toHaveProperty(silent);
}, 140_000);

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

test('a NAS tells how long its disks ran, a printer what is left of its parts and its toner', async () => {
  const said = async (name: string) =>
    (await askProgram<DeviceSummary>(lab, [...options, 'device', 'show', ipOf(name)])).reports?.snmp?.says;
  expect((await said('synology'))?.disks).toMatchObject([
    { name: 'sata1', hours: 43_210, bad: 0 },
    { name: 'sata2', hours: 812, bad: 0 },
  ]);
  expect(await said('brother-hl')).toMatchObject({
    parts: [
      { name: 'Drum Unit', percent: 0 },
      { name: 'Fuser', percent: 61 },
    ],
    supplies: [{ name: 'Black Toner', percent: 0 }],
  });
});

test('a doctor who holds the key sees that the console takes it', async () => {
  const { stdout } = await lab.hubRun([...HEARTHBEAT, ...options, 'doctor', '--json']);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; summary: string }[] };
  expect(checks.find(({ name }) => name === 'unifi')).toEqual({
    name: 'unifi',
    status: 'ok',
    summary: `The UniFi console ${ipOf('unifi-console')} takes the key and tells of 1 device, 1 at their end.`,
    fix: null,
  });
});
