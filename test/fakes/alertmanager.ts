/** Debian's prometheus-alertmanager on loopback, for one test. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { freePort, untilListening } from './mosquitto-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const PROGRAM = '/usr/bin/prometheus-alertmanager';

/** Where it is missing a test is skipped, but not in CI: there it fails. */
export const SKIP_ALERTMANAGER = !existsSync(PROGRAM) && process.env.CI !== 'true';

export type FiringThere = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
};

export class Alertmanager {
  readonly url: string;
  readonly #start: () => ReturnType<typeof startChild>;
  #child: ReturnType<typeof startChild> | undefined;

  private constructor(port: number) {
    const folder = temporaryFolder();
    const config = join(folder, 'alertmanager.yml');
    writeFileSync(config, 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n');
    const places = [`--config.file=${config}`, `--storage.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`];
    this.url = `http://127.0.0.1:${port}`;
    // It speaks with no other of its kind.
    this.#start = () => startChild(PROGRAM, [...places, '--cluster.listen-address=']);
  }

  static async open(): Promise<Alertmanager> {
    const port = await freePort();
    const alertmanager = new Alertmanager(port);
    await alertmanager.start();
    return alertmanager;
  }

  /** It knows nothing of what it was told before: alerts are in its memory only. */
  async start(): Promise<void> {
    this.#child = this.#start();
    await untilListening(Number(new URL(this.url).port));
  }

  async kill(): Promise<void> {
    await this.#child?.kill('SIGKILL');
  }

  /** What fires there now. */
  async firing(): Promise<FiringThere[]> {
    const response = await fetch(`${this.url}/api/v2/alerts?active=true`);
    return (await response.json()) as FiringThere[];
  }
}
