/** Debian's mosquitto as a program: where it is, what it is told, and when it listens. Who starts and ends it is the caller's business. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const MOSQUITTO = findMosquitto();

/** However much waits for a reader that is slow: by default the broker throws away what goes beyond a thousand messages. */
export const QUEUE_EVERYTHING = 'max_queued_messages 0';

/** Writes into `folder` what mosquitto reads, for a listener on loopback; `lines` say who may come in. Answers the file. */
export function configureMosquitto(folder: string, port: number, lines: readonly string[]): string {
  const file = join(folder, 'mosquitto.conf');
  // The daemon gives up root before it reads anything else; user root keeps it able to read the folder of this test.
  const all = [`listener ${port} 127.0.0.1`, ...lines, 'user root'];
  writeFileSync(file, all.map((line) => `${line}\n`).join(''));
  return file;
}

function findMosquitto(): string | undefined {
  for (const path of ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto']) {
    try {
      execFileSync(path, ['-h'], { stdio: 'ignore' });
      return path;
    } catch (error) {
      // `-h` prints the help and ends with 3: it is there.
      if (error instanceof Error && 'status' in error && error.status !== null && error.status !== undefined) return path;
    }
  }
  return undefined;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export async function untilListening(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await answers(port)) return;
    await sleep(25);
  }
  throw new Error(`nothing listens on port ${port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('connect', () => finish(true)).on('error', () => finish(false));
  });
}
