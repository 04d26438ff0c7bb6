/** `hearthbeat desk`: the support side on this machine: its own broker or the connection to yours, the store and the page. */
import type { Command } from 'commander';
import { sleep } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Settings } from '../../config/settings.ts';
import { type RunningDesk, registerHome, runDesk } from '../../desk/main.ts';
import { createLogger } from '../../platform/logger.ts';
import { loadNotices } from '../../platform/notices-file.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { brokerAccess, dataFolderPath, loadSettings, postgresPlace } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deskFiles, pageOptions } from '../desk-options.ts';
import { stopped } from '../stopped.ts';

/** An answer takes a broker milliseconds. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;

export async function desk(context: CliContext, command: Command): Promise<number> {
  const flags = globalFlags(command);
  const { settings, file } = loadSettings(flags.config, context.env);
  const { register, name } = command.opts<{ register?: string; name?: string }>();
  const folder = dataFolderPath(flags.data, settings, context.env);
  const log = createLogger(settings.log, { isTty: context.stderr.isTTY === true, write: (text) => context.stderr.write(text) });
  if (register !== undefined) return letIn(context, settings, { id: register, name, json: flags.json, folder, log });
  if (name !== undefined)
    throw new HearthbeatError(
      'HB_USAGE',
      '--name needs --register.',
      'Give the site id too: hearthbeat desk --register <site-id> --name <text>',
    );
  const running = await runDesk({
    folder,
    database: postgresPlace(settings.desk.database),
    ...pageOptions(settings, 'accounts'),
    version: context.version,
    files: deskFiles(settings, file),
    broker: brokerOf(settings),
    playbooks: settings.desk.playbooks,
    service: settings.desk.service === undefined ? undefined : loadServicePolicy(settings.desk.service),
    notices: settings.desk.notices === undefined ? undefined : loadNotices(settings.desk.notices, context.env),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  try {
    if (settings.desk.broker.urls.length > 0) await takenIn(running, context.signal);
    const { url: page, brokerUrl: broker, firstLink } = running;
    if (flags.json) printJson(context, { page, broker, ...(firstLink && { firstLink }) });
    else context.stdout.write(`The desk's page:  ${page}\nIts broker:       ${broker}\n${firstLinkWords(running)}`);
    await stopped(context.signal);
  } finally {
    await running.stop();
  }
  return EXIT.fine;
}

/** Whoever reads this is at the desk's own machine, and no page shows it. */
export function firstLinkWords({ firstLink }: Pick<RunningDesk, 'firstLink'>): string {
  if (firstLink === undefined) return '';
  return `\nNobody can sign in yet. Open this once, within a day, to make the first account:\n\n  ${firstLink.url}\n\n`;
}

type NewHome = {
  readonly id: string;
  readonly name?: string | undefined;
  readonly folder: string;
  readonly json?: boolean | undefined;
  readonly log: Log;
};

/** The password is stored as a hash only, so it is shown here and never again. */
async function letIn(
  context: CliContext,
  { desk: { broker, database } }: Settings,
  { id, name, folder, json, log }: NewHome,
): Promise<number> {
  if (broker.urls.length > 0) {
    throw new HearthbeatError(
      'HB_USAGE',
      'This desk uses an outside broker (desk.broker.urls), which checks the passwords of hubs itself.',
      'Add the hub there; its home appears at the desk with its first report.',
    );
  }
  const options = { folder, database: postgresPlace(database), clock: systemClock, random: systemRandom, log };
  const password = await registerHome({ ...options, id, ...(name === undefined ? {} : { name }) });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  if (json) printJson(context, { site: id, password, broker: url });
  else context.stdout.write(welcome(id, password, url));
  return EXIT.fine;
}

function welcome(id: string, password: string, url: string): string {
  return `The hub ${id} may now come in. Its password, shown only this once:

  ${password}

On the hub: uplink.brokers: [${url}] and this password in uplink.password or uplink.passwordFile.
The desk's own broker listens on this machine only: a hub elsewhere needs a tunnel to it, or both a broker of yours (desk.broker.urls).
`;
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
  return broker.urls.length === 0 ? { port: broker.port } : { urls: broker.urls, ...brokerAccess(broker) };
}
