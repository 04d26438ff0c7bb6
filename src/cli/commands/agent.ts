/** `hearthbeat agent`: watches this LAN until it is told to stop. What the service manager runs on a hub. */
import type { Command } from 'commander';
import type { Agent } from '../../agent/agent.ts';
import { runAgent } from '../../agent/main.ts';
import { every, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Settings } from '../../config/settings.ts';
import { createKeeper, type Keeper } from '../../platform/keeper.ts';
import { createLogger } from '../../platform/logger.ts';
import { brokerAccess, dataFolderPath, loadSettings } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { type CliContext, EXIT } from '../context.ts';
import { createFailure } from '../failure.ts';
import { firstContact } from '../first-contact.ts';
import { stopped } from '../stopped.ts';

type Flags = { data?: string; config?: string; offline?: boolean };

export async function agent(context: CliContext, command: Command): Promise<number> {
  const { data, config, offline } = command.optsWithGlobals<Flags>();
  const { settings, file: settingsFile } = loadSettings(config, context.env);
  const log = createLogger(settings.log, { isTty: context.stderr.isTTY === true, write: (text) => context.stderr.write(text) });
  const keeper = createKeeper({ env: process.env, log });
  const failure = createFailure();
  const desk = deskOf(settings);
  const running = await runAgent({
    settings,
    settingsFile,
    dataFolder: dataFolderPath(data, settings, context.env),
    version: context.version,
    log,
    desk: () => desk,
    onFatal: failure.fail,
  });
  const keeping = tellThatItMoves(running.agent, keeper, log);
  try {
    if (!desk) log.warn('No desk is set (uplink.brokers): this hub works for its house alone.');
    if (desk && running.neverGranted && !offline) await firstContact(running, desk.urls, systemClock, context.signal);
    await Promise.race([stopped(context.signal), failure.failed]);
  } finally {
    keeper.tell('stopping');
    keeping?.cancel();
    await running.stop();
    log.info('The agent has stopped.');
  }
  return EXIT.fine;
}

/** A hub that stands still says why, and says nothing to whoever then starts it again. */
function tellThatItMoves(agent: Agent, keeper: Keeper, log: Log): Timer | undefined {
  keeper.tell('ready');
  if (keeper.everyMs === undefined) return undefined;
  return every(systemClock, keeper.everyMs, () => {
    const why = agent.standstill();
    if (why === undefined) keeper.tell('alive');
    else log.error('The agent stands still.', { why });
  });
}

function deskOf(settings: Settings) {
  const { brokers } = settings.uplink;
  return brokers.length === 0 ? undefined : { urls: brokers, ...brokerAccess(settings.uplink) };
}
