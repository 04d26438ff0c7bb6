/** A real mosquitto on loopback, started for one test. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { configureMosquitto, freePort, MOSQUITTO, QUEUE_EVERYTHING, untilListening } from './mosquitto-program.ts';
import { KEY } from './self-signed.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const HAS_MOSQUITTO = MOSQUITTO !== undefined;

export type Mosquitto = {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** From its next start on it has this certificate (PEM, for the key in self-signed.ts). */
  present(certificate: string): void;
};

export type MosquittoOptions = {
  /** Only this user may come in. */
  readonly account?: { readonly username: string; readonly password: string };
  /** It speaks TLS, with this certificate. */
  readonly certificate?: string;
};

/** Not started yet. */
export async function mosquittoOnLoopback({ account, certificate }: MosquittoOptions = {}): Promise<Mosquitto> {
  const port = await freePort();
  const folder = temporaryFolder();
  const files = { certfile: join(folder, 'certificate.pem'), keyfile: join(folder, 'key.pem') };
  const access = account === undefined ? 'allow_anonymous true' : `password_file ${passwordFile(folder, account)}`;
  const tls = certificate === undefined ? [] : Object.entries(files).map((line) => line.join(' '));
  const config = configureMosquitto(folder, port, [...tls, access, QUEUE_EVERYTHING]);
  const present = (text: string): void => writeFileSync(files.certfile, text);
  writeFileSync(files.keyfile, KEY);
  if (certificate !== undefined) present(certificate);
  let child: Child | undefined;
  return {
    url: `${certificate === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    present,
    async start() {
      child = startChild(MOSQUITTO as string, ['-c', config]);
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
