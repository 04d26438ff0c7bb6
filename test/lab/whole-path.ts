/**
 * The program in the lab as its users have it: commands in a namespace with what they print, and an ear that hears every message on the
 * broker and reads the desk's API. Judges nothing: that is for the tests and for scripts/soak.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TicketView } from '../../src/desk/reader.ts';
import type { DeskStatus } from '../../src/desk/status.ts';
import type { AlertView, DeviceView, EventView, SiteView } from '../../src/desk/views.ts';
import type { AlertCode } from '../../src/protocol/alert-catalogue.ts';
import { type AlertMessage, type EntryBody, type EntryKind, type Envelope, envelopeSchema } from '../../src/protocol/messages.ts';
import { eventually, HEARTHBEAT, type Lab } from './harness.ts';

const EAR = path.join(import.meta.dirname, 'whole-path-ear.ts');
const ANSWER_MS = 10_000;

/** The broker of the lab's internet, open to everybody. */
export const OUTSIDE_BROKER = 'mqtt://198.51.100.88:1883';
const PAGE = 'http://127.0.0.1:7380';
const BUILT_IN_BROKER = 'mqtt://127.0.0.1:7381';

/** The lab has no way out, so the places that prove the internet are its own. */
const LAB_SETTINGS = { log: 'warn', internet: { anchors: ['tcp://198.51.100.80:80', 'dns://198.51.100.53'] } };

/** A namespace of the lab: the hub, or the internet. */
type Place = 'hub' | 'wan';

export type Program = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly startedAt: number;
  /** What it printed so far; `stdoutAt` is when the first of it came. */
  readonly output: { stdout: string; stderr: string; stdoutAt?: number };
  /** Sends the signal and waits for the end; how it ended and how long that took. */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
};

/** Starts `hearthbeat` with these arguments. `command` is what starts it when that is not this checkout on this runtime. */
export function startProgram(lab: Lab, place: Place, args: readonly string[], command: readonly string[] = HEARTHBEAT): Program {
  const child = spawn('ip', ['netns', 'exec', `${lab.prefix}-${place}`, ...command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Program['output'] = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdoutAt ??= Date.now();
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // Not 'close': that waits for everybody who holds its output, such as a child it should not have left behind.
  const ended = once(child, 'exit');
  return {
    child,
    // `ip netns exec` becomes the program, so this is the program itself.
    pid: child.pid as number,
    startedAt: Date.now(),
    output,
    async end(signal = 'SIGTERM') {
      const askedAt = performance.now();
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return { code: child.exitCode, tookMs: performance.now() - askedAt };
    },
  };
}

/** `--config FILE --data FOLDER` of one role of the program. JSON is YAML. */
export function optionsFor(folder: string, role: 'up' | 'agent' | 'desk', settings: object = {}): string[] {
  const file = path.join(folder, `${role}.yaml`);
  writeFileSync(file, JSON.stringify({ ...LAB_SETTINGS, ...settings }));
  return ['--config', file, '--data', path.join(folder, role)];
}

/** Runs one command in the hub and reads its JSON. */
export async function askProgram<T>(lab: Lab, args: readonly string[]): Promise<T> {
  const { stdout, stderr } = await lab.hubRun([...HEARTHBEAT, ...args, '--json']);
  if (stdout === '') throw new Error(`hearthbeat ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

export type EarSettings = { readonly broker: string; readonly page: string; readonly username?: string; readonly password?: string };

/** A message as the broker passed it on; `at` is when, in Unix milliseconds. */
type Heard = { readonly at: number; readonly topic: string; readonly retain: boolean; readonly text: string };
type HeardEntry = Envelope & { readonly heardAt: number };

export type Ear = {
  readonly heard: readonly Heard[];
  /** The entries of the ordered stream, each once, in the order in which they came. */
  entries(): HeardEntry[];
  /** The bodies of one kind of entry, made at or after an instant. */
  bodies<K extends EntryKind>(kind: K, since?: number): EntryBody<K>[];
  /** Alerts raised at or after an instant, but the digest of new devices. */
  raised(since?: number): AlertMessage[];
  cleared(code: AlertCode, since: number): AlertMessage | undefined;
  site(): Promise<SiteView>;
  devices(): Promise<DeviceView[]>;
  alerts(query?: string): Promise<AlertView[]>;
  events(): Promise<EventView[]>;
  tickets(): Promise<TicketView[]>;
  /** How many messages the desk has refused since it started: whatever they told is not shown. */
  refused(): Promise<number>;
  stop(): Promise<void>;
};

/** Listens to the built-in broker and the desk of `hearthbeat up`, as the user "tool" does. Waits until that has a password. */
export async function listenToUp(lab: Lab, dataFolder: string): Promise<Ear> {
  const file = path.join(dataFolder, 'tool.password');
  await eventually('the tool has a password', ANSWER_MS, () => existsSync(file));
  return listen(lab, 'hub', { broker: BUILT_IN_BROKER, page: PAGE, username: 'tool', password: readFileSync(file, 'utf8').trim() });
}

/** Listens to the lab's broker and to a desk that runs beside it. */
export function listenOutside(lab: Lab): Ear {
  return listen(lab, 'wan', { broker: OUTSIDE_BROKER, page: PAGE });
}

function listen(lab: Lab, place: Place, settings: EarSettings): Ear {
  const command = [process.execPath, EAR, JSON.stringify(settings)];
  const child = spawn('ip', ['netns', 'exec', `${lab.prefix}-${place}`, ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const heard: Heard[] = [];
  const answers = new Map<number, { status?: number; body?: unknown; problem?: string }>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line);
    if (told.message) heard.push(told.message);
    else if (told.ask) answers.set(told.ask, told);
  });
  let asked = 0;
  const ask = async <T>(what: string): Promise<T> => {
    const number = ++asked;
    child.stdin.write(`${JSON.stringify({ ask: number, path: what })}\n`);
    const answer = await eventually(`the desk answers ${what}`, ANSWER_MS, () => answers.get(number));
    answers.delete(number);
    if (answer.status !== 200) throw new Error(`${what}: ${answer.problem ?? answer.status}`);
    return answer.body as T;
  };
  const site = async (): Promise<SiteView> => {
    const { sites } = await ask<{ sites: SiteView[] }>('/api/v1/sites');
    if (sites.length !== 1) throw new Error(`the desk knows ${sites.length} sites`);
    return sites[0] as SiteView;
  };
  return {
    heard,
    ...reading(heard),
    site,
    devices: async () => (await ask<{ devices: DeviceView[] }>(`/api/v1/sites/${(await site()).id}/devices`)).devices,
    alerts: async (query = '') => (await ask<{ alerts: AlertView[] }>(`/api/v1/alerts${query}`)).alerts,
    events: async () => allEvents(ask),
    tickets: async () => (await ask<{ tickets: TicketView[] }>('/api/v1/tickets')).tickets,
    refused: async () => (await ask<DeskStatus>('/api/v1/status')).counts.malformed,
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'close');
    },
  };
}

function reading(heard: readonly Heard[]): Pick<Ear, 'entries' | 'bodies' | 'raised' | 'cleared'> {
  const entries = (): HeardEntry[] => {
    const envelopes = heard
      .filter(({ topic }) => topic.endsWith('/up/ev'))
      .map(({ at, text }) => ({ ...envelopeSchema.parse(JSON.parse(text)), heardAt: at }));
    return [...new Map(envelopes.map((entry) => [entry.id, entry] as const).reverse()).values()].reverse();
  };
  const bodies = <K extends EntryKind>(kind: K, since = 0): EntryBody<K>[] =>
    entries().flatMap((entry) => (entry.k === kind && entry.ts >= since ? [entry.d as EntryBody<K>] : []));
  return {
    entries,
    bodies,
    raised: (since = 0) => bodies('alert.raised', since).filter(({ code, stage }) => code !== 'device-new' && stage === undefined),
    cleared: (code, since) => bodies('alert.cleared', since).find((alert) => alert.code === code),
  };
}

async function allEvents(ask: <T>(path: string) => Promise<T>): Promise<EventView[]> {
  const events: EventView[] = [];
  for (let next = 0; ; ) {
    const page = await ask<{ events: EventView[]; next: number }>(`/api/v1/events?limit=1000&after=${next}`);
    events.push(...page.events);
    if (page.events.length === 0) return events;
    next = page.next;
  }
}
