/** What the settings say of a desk's page and of who is let in, as `runDesk` takes it. */
import type { Command } from 'commander';
import { isPublic } from '../config/desk-page.ts';
import type { Settings } from '../config/settings.ts';
import type { RunDeskOptions } from '../desk/main.ts';
import { createLogger } from '../platform/logger.ts';
import { dataFolderPath, loadSettings, pageTls, postgresPlace, providerPlace } from '../platform/settings-file.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { type CliContext, globalFlags } from './context.ts';

/** `standard`: where the settings do not say who is let in, and only this machine reaches the page. */
export function pageOptions(
  { desk: { page, access, provider } }: Settings,
  standard: 'accounts' | 'local',
): Pick<RunDeskOptions, 'port' | 'page' | 'access' | 'provider'> {
  const { port, host, origin, trustedProxies, requestsPerMinute: limits } = page;
  const isOpen = isPublic(page);
  return {
    port,
    access: access ?? (isOpen ? 'accounts' : standard),
    provider: providerPlace(provider),
    page: { host, ...(origin === undefined ? {} : { origin }), proxies: trustedProxies, tls: pageTls(page), limits },
  };
}

/** For the page of the settings: each as it is named there. */
export function deskFiles({ desk: { page, service, notices } }: Settings, file: string | undefined): RunDeskOptions['files'] {
  return { settings: file, service, notices, certificate: page.certFile };
}

/** What links begin with that are made without the desk. */
export function pageOrigin({ desk: { page } }: Settings): string {
  return page.origin ?? `http://127.0.0.1:${page.port}`;
}

/** Where a desk keeps what it knows, for commands that only look into that. */
export function deskPlace(context: CliContext, command: Command) {
  const flags = globalFlags(command);
  const { settings } = loadSettings(flags.config, context.env);
  const log = createLogger(settings.log, { isTty: context.stderr.isTTY === true, write: (text) => context.stderr.write(text) });
  const folder = dataFolderPath(flags.data, settings, context.env);
  const place = { folder, database: postgresPlace(settings.desk.database), clock: systemClock, random: systemRandom, log };
  return { settings, place };
}
