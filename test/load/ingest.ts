/**
 * A real mosquitto on loopback, hubs and the real desk in processes of their own, and beside the desk a `mosquitto_sub` that only reads the same feed: how many entries a second
 * the desk has committed and acknowledged, and what the load of many quiet homes costs it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeskStatus } from '../../src/desk/status.ts';
import { Mortal } from '../deaths/mortal.ts';
import { configureMosquitto, freePort, MOSQUITTO, QUEUE_EVERYTHING, untilListening } from '../fakes/mosquitto-program.ts';
import type { DeskArguments, DeskUsage } from './desk-process.ts';
import type { HubsArguments } from './hubs-process.ts';
import type { Lived } from './load-life.ts';

export type IngestPlan = {
  readonly folder: string;
  readonly database?: DeskArguments['database'];
  /** In each round each hub sends `each` entries as fast as a hub's window lets it. */
  readonly hubs: number;
  readonly each: number;
  readonly rounds: number;
  /** So many homes live for so long; `played` hubs do it, each as often as all that it stands for. */
  readonly homes: number;
  readonly played: number;
  readonly seconds: number;
  readonly onProgress: (line: string) => void;
};

export type Round = { readonly deskPerS: number; readonly readerPerS: number; readonly ratio: number; readonly cpuMsPerEntry: number };

export type IngestOutcome = {
  readonly rounds: readonly Round[];
  readonly life: Lived & { readonly cpuShare: number; readonly rssBytes: number; readonly writtenBytes: number };
  /** Of the whole run: what the desk took in, and what it should not have had to. */
  readonly counts: DeskStatus['counts'];
};

export const LIMITS = { ratio: 0.3, cpuShare: 0.5 } as const;

const HEARTBEAT_S = 30;

export async function playIngest(plan: IngestPlan): Promise<IngestOutcome> {
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const broker = new Mortal('broker', MOSQUITTO);
  broker.start(['-c', configureMosquitto(plan.folder, port, ['allow_anonymous true', QUEUE_EVERYTHING])]);
  await untilListening(port);
  const desk = new Worker('desk-process.ts', {
    folder: join(plan.folder, 'desk'),
    url,
    ...(plan.database && { database: plan.database }),
  } satisfies DeskArguments);
  try {
    await desk.line();
    const rounds = await playRounds(plan, { url, port, desk });
    const life = await playLife(plan, { url, desk });
    return { rounds, life, counts: (await statusOf(desk)).counts };
  } finally {
    await desk.end();
    await broker.end('SIGTERM');
  }
}

type Stage = { readonly url: string; readonly desk: Worker };

async function playRounds(plan: IngestPlan, { url, port, desk }: Stage & { readonly port: number }): Promise<Round[]> {
  const { hubs: count, each, onProgress } = plan;
  const hubs = new Worker('hubs-process.ts', { url, hubs: count, heartbeatS: HEARTBEAT_S } satisfies HubsArguments);
  const reader = new Reader(port);
  try {
    await hubs.ask('introduce');
    onProgress(`${count} hubs have told of their homes`);
    const rounds: Round[] = [];
    for (let n = 0; n < plan.rounds; n++) {
      const before = await statusOf(desk);
      const startedMs = performance.now();
      const read = reader.reads(count * each);
      const { entries, acknowledgedMs } = await hubs.ask<{ entries: number; acknowledgedMs: number }>(`burst ${each}`);
      const readMs = (await read) - startedMs;
      const cpuMs = (await statusOf(desk)).cpuMs - before.cpuMs;
      const [deskPerS, readerPerS] = [(1000 * entries) / acknowledgedMs, (1000 * entries) / readMs];
      rounds.push({ deskPerS, readerPerS, ratio: deskPerS / readerPerS, cpuMsPerEntry: cpuMs / entries });
      onProgress(`round ${n + 1}: desk ${deskPerS.toFixed(0)} a second, reader ${readerPerS.toFixed(0)}`);
    }
    return rounds;
  } finally {
    reader.end();
    await hubs.end();
  }
}

async function playLife({ homes, played, seconds, onProgress }: IngestPlan, { url, desk }: Stage): Promise<IngestOutcome['life']> {
  const hubs = new Worker('hubs-process.ts', { url, hubs: played, heartbeatS: HEARTBEAT_S } satisfies HubsArguments);
  try {
    await hubs.ask('introduce');
    const pace = homes / played;
    onProgress(`${played} hubs live as ${homes}: ${pace} times as fast, for ${seconds} s`);
    const [before, writtenBefore] = [await statusOf(desk), desk.writtenBytes()];
    const lived = await hubs.ask<Lived>(`live ${seconds} ${pace}`);
    const after = await statusOf(desk);
    const cpuShare = (after.cpuMs - before.cpuMs) / (lived.lastedS * 1000);
    return { ...lived, cpuShare, rssBytes: after.rssBytes, writtenBytes: desk.writtenBytes() - writtenBefore };
  } finally {
    await hubs.end();
  }
}

function statusOf(desk: Worker): Promise<DeskStatus & DeskUsage> {
  return desk.ask('status');
}

/** A program of this folder that answers each line with one of JSON, and ends with its input. */
class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  constructor(file: string, options: object) {
    const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, file), JSON.stringify(options)];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  async line(): Promise<string> {
    const [line] = (await Promise.race([
      once(this.#lines, 'line'),
      once(this.#child, 'exit').then(() => Promise.reject(new Error('it ended by itself'))),
    ])) as [string];
    return line;
  }

  async ask<T>(order: string): Promise<T> {
    const answer = this.line();
    this.#child.stdin.write(`${order}\n`);
    return JSON.parse(await answer) as T;
  }

  /** To disks, as the kernel counts it (proc(5)). */
  writtenBytes(): number {
    const counts = readFileSync(`/proc/${this.#child.pid}/io`, 'utf8');
    return Number(/^write_bytes: (\d+)$/m.exec(counts)?.[1] ?? Number.NaN);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}

/** Reads the feed and does nothing with it: prints one letter and a line end for each message. */
class Reader {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  #read = 0;

  constructor(port: number) {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-t', 'hb1/+/+/up/ev', '-F', 'x'];
    this.#child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout.on('data', (text: Buffer) => {
      this.#read += text.length / 2;
    });
  }

  /** When so many more have come, on this process's monotonic clock. */
  async reads(count: number): Promise<number> {
    const until = this.#read + count;
    while (this.#read < until) await Promise.race([once(this.#child.stdout, 'data'), sleep(1000)]);
    return performance.now();
  }

  end(): void {
    this.#child.kill();
  }
}
