/** `hearthbeat desk`: the support side on this machine: its own broker or the connection to yours, the store and the page. */
import type { Command } from 'commander';
import { sleep } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { type RunningDesk, runDesk } from '../../desk/main.ts';
import { createLogger } from '../../platform/logger.ts';
import { dataFolderPath, loadSettings, passwordOf, readCa } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { stopped } from '../stopped.ts';

/** An answer takes a broker milliseconds. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;

export async function desk(context: CliContext, command: Command): Promise<number> {
  const flags = globalFlags(command);
  const { settings } = loadSettings(flags.config, context.env);
  const log = createLogger(settings.log, { isTty: context.stderr.isTTY === true, write: (text) => context.stderr.write(text) });
  const running = await runDesk({
    folder: dataFolderPath(flags.data, settings, context.env),
    port: settings.desk.page.port,
    broker: brokerOf(settings),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  try {
    if (settings.desk.broker.urls.length > 0) await takenIn(running, context.signal);
    if (flags.json) printJson(context, { page: running.url, broker: running.brokerUrl });
    else context.stdout.write(`The desk's page:  ${running.url}\nIts broker:       ${running.brokerUrl}\n`);
    await stopped(context.signal);
  } finally {
    await running.stop();
  }
  return EXIT.fine;
}

/** A wrong password is told while a person is there; without the broker the page still shows what is known, so that is no reason to end. */
async function takenIn(desk: RunningDesk, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  while (!limit.aborted) {
    const { connected, problem, code } = desk.status().link;
    if (code === 'HB_BROKER_REFUSED') {
      throw new HearthbeatError(
        code,
        problem ?? 'The broker refused the desk.',
        'Check desk.broker.username and desk.broker.password (or passwordFile).',
      );
    }
    if (connected || code !== undefined) return;
    await sleep(systemClock, LOOK_EVERY_MS, limit);
  }
}

function brokerOf({ desk: { broker } }: Settings): Parameters<typeof runDesk>[0]['broker'] {
  if (broker.urls.length === 0) return { port: broker.port };
  const { username } = broker;
  const password = passwordOf(broker);
  const ca = readCa(broker.caFile);
  return {
    urls: broker.urls,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}
