/**
 * `hearthbeat up`: everything on this machine with nothing to set: the agent on its LAN, a broker and a desk on loopback, and the page.
 * Started again it goes on with the same data.
 */
import type { Command } from 'commander';
import { type RunningAgent, runAgent } from '../../agent/main.ts';
import { every, sleep } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { type RunningDesk, runDesk } from '../../desk/main.ts';
import { openDataFolder } from '../../platform/data-folder.ts';
import { createLogger } from '../../platform/logger.ts';
import { createNetwork } from '../../platform/network.ts';
import { loadNotices } from '../../platform/notices-file.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { dataFolderPath, loadSettings, postgresPlace } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { toolPassword } from '../../platform/tool-password.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deskFiles, pageOptions } from '../desk-options.ts';
import { createFailure } from '../failure.ts';
import { deviceTable } from '../render/device-table.ts';
import { createTicker } from '../render/ticker.ts';
import { stopped } from '../stopped.ts';
import { firstLinkWords } from './desk.ts';

/** How long the first look takes before the inventory is printed; discovery has asked everything by then. */
const FIRST_LOOK_MS = 6_500;
const NEWS_EVERY_MS = 500;

export async function up(context: CliContext, command: Command): Promise<number> {
  const flags = globalFlags(command);
  const { settings, file: settingsFile } = loadSettings(flags.config, context.env);
  const service = settings.desk.service === undefined ? undefined : loadServicePolicy(settings.desk.service);
  const notices = settings.desk.notices === undefined ? undefined : loadNotices(settings.desk.notices, context.env);
  await requireLan(settings);
  const dataFolder = dataFolderPath(flags.data, settings, context.env);
  const log = createLogger(settings.log === 'info' ? 'warn' : settings.log, {
    isTty: context.stderr.isTTY === true,
    write: (text) => context.stderr.write(text),
  });
  const failure = createFailure();
  const folder = openDataFolder(dataFolder, 'up');
  const { password, file } = toolPassword(folder.path, systemRandom);
  const desk = await runDesk({
    folder: folder.path,
    database: postgresPlace(settings.desk.database),
    ...pageOptions(settings, 'local'),
    version: context.version,
    files: deskFiles(settings, settingsFile),
    broker: { port: settings.desk.broker.port, toolPassword: password },
    playbooks: settings.desk.playbooks,
    service,
    notices,
    clock: systemClock,
    random: systemRandom,
    log,
  });
  try {
    const running = await startAgent({ settings, settingsFile, dataFolder, context, desk, log, onFatal: failure.fail });
    try {
      if (flags.json)
        printJson(context, {
          version: context.version,
          page: desk.url,
          broker: desk.brokerUrl,
          toolPasswordFile: file,
          dataFolder,
          ...(desk.firstLink && { firstLink: desk.firstLink }),
        });
      else {
        context.stdout.write(
          `hearthbeat ${context.version}\n  page    ${desk.url}\n  broker  ${desk.brokerUrl} (read along: user "tool", password in ${file})\n  data    ${dataFolder}\n${firstLinkWords(desk)}\n`,
        );
      }
      await Promise.race([flags.json ? stopped(context.signal) : present(running, context), failure.failed]);
    } finally {
      context.stderr.write('\nStopping.\n');
      await running.stop();
    }
  } finally {
    await desk.stop();
    folder.release();
  }
  return EXIT.fine;
}

type AgentStart = {
  settings: Settings;
  settingsFile: string | undefined;
  dataFolder: string;
  context: CliContext;
  desk: RunningDesk;
  log: Parameters<typeof runAgent>[0]['log'];
  onFatal: (error: unknown) => void;
};

function startAgent({ settings, settingsFile, dataFolder, context, desk, log, onFatal }: AgentStart): Promise<RunningAgent> {
  return runAgent({
    settings,
    settingsFile,
    dataFolder,
    version: context.version,
    log,
    onFatal,
    async desk(site) {
      await desk.registerSite({ ...site, name: settings.site.name ?? 'This home' });
      return { urls: [desk.brokerUrl], password: site.password };
    },
  });
}

/** Progress while it looks, then the inventory, then news as it comes, until the person has seen enough. */
async function present({ agent }: RunningAgent, context: CliContext): Promise<void> {
  const ticker = createTicker(context);
  const looking = every(systemClock, NEWS_EVERY_MS, () =>
    ticker.progress(`Looking at the LAN: ${agent.view().devices.length} devices so far`),
  );
  await sleep(systemClock, FIRST_LOOK_MS, context.signal);
  looking.cancel();
  ticker.clear();
  if (context.signal.aborted) return;
  const { devices } = agent.view();
  context.stdout.write(
    devices.length === 0
      ? 'No device found yet; the search goes on.\n'
      : `${deviceTable(devices, context.stdout, context.env).join('\n')}\n`,
  );
  context.stdout.write('\nWatching. What changes is told here and on the page. Ctrl-C stops.\n');
  const news = every(systemClock, NEWS_EVERY_MS, () => ticker.news(agent.view()));
  ticker.news(agent.view());
  await stopped(context.signal);
  news.cancel();
}

async function requireLan(settings: Settings): Promise<void> {
  const network = createNetwork({ clock: systemClock, overrides: { include: settings.lan.include, exclude: settings.lan.exclude } });
  const { interfaces, skipped } = await network.view();
  network.close();
  if (interfaces.length > 0) return;
  const reasons = skipped.map(({ name, reason }) => `  ${name}: ${reason}`).join('\n');
  throw new HearthbeatError(
    'HB_NO_LAN',
    `This machine has no LAN interface to look at.${reasons ? `\n${reasons}` : ''}`,
    'Connect a network, name an interface in the configuration (lan.include), or see a simulated home with: npm run demo',
  );
}
