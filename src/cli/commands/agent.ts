/** `hearthbeat agent`: watches this LAN until it is told to stop. What the service manager runs on a hub. */
import type { Command } from 'commander';
import { runAgent } from '../../agent/main.ts';
import type { Settings } from '../../config/settings.ts';
import { createLogger } from '../../platform/logger.ts';
import { dataFolderPath, loadSettings, passwordOf, readCa } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { type CliContext, EXIT } from '../context.ts';
import { createFailure } from '../failure.ts';
import { firstContact } from '../first-contact.ts';
import { stopped } from '../stopped.ts';

export async function agent(context: CliContext, command: Command): Promise<number> {
  const { data, config, offline } = command.optsWithGlobals<{ data?: string; config?: string; offline?: boolean }>();
  const { settings } = loadSettings(config, context.env);
  const log = createLogger(settings.log, { isTty: context.stderr.isTTY === true, write: (text) => context.stderr.write(text) });
  const failure = createFailure();
  const desk = deskOf(settings);
  const running = await runAgent({
    settings,
    dataFolder: dataFolderPath(data, settings, context.env),
    version: context.version,
    log,
    desk: () => desk,
    onFatal: failure.fail,
  });
  try {
    if (!desk) log.warn('No desk is set (uplink.brokers): this hub works for its house alone.');
    if (desk && running.neverGranted && !offline) await firstContact(running, desk.urls, systemClock, context.signal);
    await Promise.race([stopped(context.signal), failure.failed]);
  } finally {
    await running.stop();
    log.info('The agent has stopped.');
  }
  return EXIT.fine;
}

function deskOf(settings: Settings) {
  const { brokers, username, caFile } = settings.uplink;
  if (brokers.length === 0) return undefined;
  const password = passwordOf(settings.uplink);
  const ca = readCa(caFile);
  return {
    urls: brokers,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}
