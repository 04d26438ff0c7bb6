/**
 * Two long stories, played short by the tests and long by `npm run soak`: a home in which nothing happens, and a broker that is away while
 * a device goes down and comes back and the agent is killed. Each can say what was wrong with how it went.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertView, EventView } from '../../src/desk/views.ts';
import type { AlertMessage, DeviceStateMessage } from '../../src/protocol/messages.ts';
import { eventually, type Lab, type TrueHost } from './harness.ts';
import { installPackage } from './installed-package.ts';
import { askProgram, type Ear, listenOutside, listenToUp, OUTSIDE_BROKER, optionsFor, type Program, startProgram } from './whole-path.ts';

export type QuietHome = {
  program: Program;
  readonly ear: Ear;
  readonly options: readonly string[];
  readonly data: string;
  close(): Promise<void>;
};

/** `hearthbeat up` in a home where one of the phones tells its owner's name to everybody, as iPhones do. */
export async function startQuietHome(lab: Lab, folder: string): Promise<QuietHome> {
  const phone = announceItself(lab);
  const options = optionsFor(folder, 'up');
  const program = startProgram(lab, 'hub', ['up', ...options]);
  const ear = await listenToUp(lab, path.join(folder, 'up'));
  const home: QuietHome = {
    program,
    ear,
    options,
    data: path.join(folder, 'up'),
    async close() {
      phone.kill('SIGKILL');
      await ear.stop();
      await home.program.end('SIGKILL');
    },
  };
  return home;
}

export type InstalledHome = { readonly agent: Program; readonly desk: Program } & Omit<QuietHome, 'program' | 'options'>;

/** The same home as it is installed: the built package's agent on the hub; broker and desk, with a page, elsewhere. */
export async function startInstalledHome(lab: Lab, folder: string): Promise<InstalledHome> {
  const phone = announceItself(lab);
  const command = installPackage(folder);
  const deskOptions = optionsFor(folder, 'desk', { desk: { access: 'local', broker: { urls: [OUTSIDE_BROKER] } } });
  const desk = startProgram(lab, 'wan', ['desk', ...deskOptions], command);
  const agent = startProgram(lab, 'hub', ['agent', ...optionsFor(folder, 'agent', { uplink: { brokers: [OUTSIDE_BROKER] } })], command);
  const ear = listenOutside(lab);
  const close = async (): Promise<void> => {
    phone.kill('SIGKILL');
    await Promise.all([ear.stop(), agent.end('SIGKILL'), desk.end('SIGKILL')]);
  };
  return { agent, desk, ear, data: path.join(folder, 'desk'), close };
}

const PHONE = { host: 'iphone-anna', name: "Anna's iPhone 15", hostname: 'Annas-iPhone-15.local' };

/** Prints a line a second, so that it ends when nobody reads any more. */
function announceItself(lab: Lab): ChildProcess {
  const program = `
    const { Bonjour } = require('bonjour-service');
    new Bonjour().publish({ name: ${JSON.stringify(PHONE.name)}, host: ${JSON.stringify(PHONE.hostname)}, type: 'companion-link', port: 49152 });
    setInterval(() => console.log(''), 1000);`;
  return spawn('ip', ['netns', 'exec', `${lab.prefix}-${PHONE.host}`, process.execPath, '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What a quiet home should not have told: any alert but one digest of new devices, and anything that points to a person. */
export async function quietProblems({ ear, data }: Pick<QuietHome, 'ear' | 'data'>, hosts: readonly TrueHost[]): Promise<string[]> {
  const alerts = ear.raised().map(({ code, title }) => `${code}: ${title}`);
  const digests = ear.bodies('alert.raised').filter(({ code }) => code === 'device-new');
  const doubled = digests.length === 1 ? [] : [`${digests.length} digests of new devices: ${digests.map(({ title }) => title).join('; ')}`];
  const refused = await ear.refused();
  const unread = refused === 0 ? [] : [`the desk refused ${refused} messages`];
  return [...alerts, ...doubled, ...unread, ...tracesOfPersons({ ear, data }, hosts)];
}

const PERSONAL_KINDS: ReadonlySet<string> = new Set(['phone', 'tablet', 'computer', 'wearable', 'game-console', 'e-reader']);

/** Walks everything that was published and every byte of the desk's database for the MACs, addresses and names of people's devices. */
function tracesOfPersons({ ear, data }: Pick<QuietHome, 'ear' | 'data'>, hosts: readonly TrueHost[]): string[] {
  const personal = hosts.filter(({ expect }) => PERSONAL_KINDS.has(expect.kind ?? ''));
  if (personal.length < 6) throw new Error('the lab has no phones and consoles: start it with devices and at least 5 plain hosts');
  const stored = readdirSync(data).filter((file) => file.startsWith('desk.db'));
  const places = [
    ...ear.heard.map(({ topic, text }) => ({ where: topic, text })),
    ...stored.map((file) => ({ where: file, text: readFileSync(path.join(data, file), 'latin1') })),
  ];
  return personal.flatMap((host) =>
    marksOf(host).flatMap((mark) => {
      const pattern = new RegExp(`(?<![\\w.])${mark.replace(/[^\w:]/g, '\\$&')}(?![\\w]|\\.\\d)`, 'i');
      const found = places.find(({ text }) => pattern.test(text));
      return found ? [`${host.name} is betrayed by ${mark} in ${found.where}: ${around(found.text, pattern)}`] : [];
    }),
  );
}

function marksOf({ name, mac, ip, expect, dhcpHostname }: TrueHost): string[] {
  const told = name === PHONE.host ? [PHONE.name, PHONE.hostname] : [];
  return [mac, ip, expect.name, dhcpHostname, ...told].filter((mark) => mark != null).filter((mark) => mark.length > 6);
}

function around(text: string, pattern: RegExp): string {
  const at = pattern.exec(text)?.index ?? 0;
  return text.slice(Math.max(0, at - 200), at + 200).replace(/[^\x20-\x7e]+/g, ' ');
}

export type Outage = {
  /** Changes of the device's state at the desk, and its alerts, as events in the order of the desk. */
  readonly states: readonly EventView[];
  readonly alertEvents: readonly EventView[];
  readonly alerts: readonly AlertView[];
  /** Messages that the desk could not read. */
  readonly refused: number;
};

const VICTIM = 'switch';
const FIRST_LOOK_MS = 30_000;
const NOTICED_MS = 60_000;
/** The hub tries again with growing pauses of up to a minute. */
const DELIVERED_MS = 120_000;

/**
 * The agent in the hub, broker and desk in the internet. The broker stops; a device is unplugged; the agent notices, is killed and starts
 * again; the device comes back; when `outageMs` have passed and what happened is old news, the broker is back too.
 */
export async function playOutage(lab: Lab, folder: string, outageMs: number): Promise<Outage> {
  const agentOptions = optionsFor(folder, 'agent', { uplink: { brokers: [OUTSIDE_BROKER] } });
  const desk = startProgram(lab, 'wan', [
    'desk',
    ...optionsFor(folder, 'desk', { desk: { access: 'local', broker: { urls: [OUTSIDE_BROKER] } } }),
  ]);
  let agent = startProgram(lab, 'hub', ['agent', ...agentOptions]);
  const ear = listenOutside(lab);
  const firing = async (): Promise<number> =>
    (await askProgram<{ firing: unknown[] }>(lab, ['alert', 'list', ...agentOptions])).firing.length;
  try {
    const { ip } = victimOf((await lab.truth()).hosts);
    const device = await eventually('the device is up at the desk', FIRST_LOOK_MS, async () =>
      (await devicesOrNone(ear)).find(({ ips, state }) => ips.includes(String(ip)) && state === 'up'),
    );
    const downUntil = performance.now() + outageMs;
    await lab.fault('broker-down');
    await lab.fault('unplug', VICTIM);
    await eventually('the agent notices', NOTICED_MS, async () => (await firing()) === 1);
    await agent.end('SIGKILL');
    agent = startProgram(lab, 'hub', ['agent', ...agentOptions]);
    await lab.fault('replug', VICTIM);
    await eventually('the agent notices its return', NOTICED_MS, async () => (await firing()) === 0);
    await sleep(Math.max(downUntil - performance.now(), 62_000));
    await lab.fault('broker-up');
    await eventually('the desk has it all', DELIVERED_MS, async () =>
      (await ear.alerts('?firing=false')).some(({ code }) => code === 'device-down'),
    );
    return await storyOf(ear, device.id);
  } finally {
    await Promise.all([ear.stop(), agent.end('SIGKILL'), desk.end('SIGKILL')]);
  }
}

/** The desk has no site before the hub's first message. */
const devicesOrNone = (ear: Ear): ReturnType<Ear['devices']> => ear.devices().catch(() => []);

function victimOf(hosts: readonly TrueHost[]): TrueHost {
  const victim = hosts.find(({ name }) => name === VICTIM);
  if (!victim) throw new Error(`the lab has no ${VICTIM}: start it with the real daemons`);
  return victim;
}

async function storyOf(ear: Ear, device: string): Promise<Outage> {
  const events = await ear.events();
  const isOf = ({ kind, body }: EventView): boolean =>
    (kind === 'device.state' || kind.startsWith('alert.')) && (body as { device?: string }).device === device;
  const own = events.filter(isOf);
  return {
    states: own.filter(({ kind }) => kind === 'device.state'),
    alertEvents: own.filter(({ kind }) => kind.startsWith('alert.')),
    alerts: (await ear.alerts()).filter((alert) => alert.device === device),
    refused: await ear.refused(),
  };
}

/** Both transitions must have come once, in order, and as old news. */
export function outageProblems({ states, alertEvents, alerts, refused }: Outage): string[] {
  const during = states.slice(states.findIndex(({ body }) => (body as DeviceStateMessage).state === 'down'));
  const told = during.map(({ body, late }) => `${(body as DeviceStateMessage).state}${late ? ' late' : ''}`).join(', ');
  // How its hold goes is told too: a killed agent begins it anew.
  const alarms = alertEvents
    .filter(({ kind }) => kind !== 'alert.updated')
    .map(({ kind, body, late }) => `${kind} ${(body as AlertMessage).code}${late ? ' late' : ''}`)
    .join(', ');
  const rows = alerts
    .map(({ code, clearedAt, late }) => `${code}${clearedAt === undefined ? '' : ' over'}${late ? ' late' : ''}`)
    .join(', ');
  const wanted: [what: string, got: string, want: string][] = [
    ['states of the device', told, 'down late, up late'],
    ['its alerts', alarms, 'alert.raised device-down late, alert.cleared device-down late'],
    ['rows at the desk', rows, 'device-down over late'],
    ['refused messages', String(refused), '0'],
  ];
  return wanted.flatMap(([what, got, want]) => (got === want ? [] : [`${what}: ${got || 'none'} instead of ${want}`]));
}
