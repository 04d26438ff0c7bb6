/** A real mosquitto on loopback, started for one test. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const HAS_MOSQUITTO = findMosquitto() !== undefined;

export type Mosquitto = { readonly url: string; start(): Promise<void>; kill(): Promise<void> };

/** Not started yet. With `account`, only that user may come in. */
export async function mosquittoOnLoopback(account?: { username: string; password: string }): Promise<Mosquitto> {
  const port = await freePort();
  const folder = temporaryFolder();
  const config = join(folder, 'mosquitto.conf');
  const access = account === undefined ? 'allow_anonymous true' : `password_file ${passwordFile(folder, account)}`;
  // The daemon gives up root before it reads anything else; user root keeps it able to read the folder of this test.
  writeFileSync(config, `listener ${port} 127.0.0.1\n${access}\nmax_queued_messages 0\nuser root\n`);
  let child: Child | undefined;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      child = startChild(findMosquitto() as string, ['-c', config]);
      await untilListening(port);
    },
    kill: async () => child?.kill('SIGKILL'),
  };
}

function passwordFile(folder: string, { username, password }: { username: string; password: string }): string {
  const file = join(folder, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', file, username, password], { stdio: 'ignore' });
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function untilListening(port: number): Promise<void> {
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
