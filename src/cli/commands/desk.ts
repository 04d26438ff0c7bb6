/** `hearthbeat desk`: the support side on this machine: its own broker or the connection to yours, the store and the page. */
import type { Command } from 'commander';
import type { Settings } from '../../config/settings.ts';
import { runDesk } from '../../desk/main.ts';
import { createLogger } from '../../platform/logger.ts';
import { dataFolderPath, loadSettings, passwordOf, readCa } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { type CliContext, EXIT, globalFlags } from '../context.ts';
import { stopped } from '../stopped.ts';

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
  context.stdout.write(`The desk's page:  ${running.url}\nIts broker:       ${running.brokerUrl}\n`);
  await stopped(context.signal);
  await running.stop();
  return EXIT.fine;
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
