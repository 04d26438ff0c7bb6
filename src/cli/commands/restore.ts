/** `hearthbeat restore FILE`: makes a blank hub the one that a backup is of. The desk sees the same home. */
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { AGENT_MIGRATIONS } from '../../agent/store/migrations.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import { type Backup, readBackup } from '../../platform/backup/backup-file.ts';
import type { PutBack } from '../../platform/backup/hub-files.ts';
import { restoreHub } from '../../platform/backup/restore-hub.ts';
import { openDataFolder, unusable } from '../../platform/data-folder.ts';
import { dataFolderPath, loadSettings, settingsPlaces } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { isThere } from '../../platform/whole-file.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';

type Flags = { readonly config?: string; readonly data?: string; readonly json?: boolean; readonly force?: boolean };

export async function restore(context: CliContext, command: Command): Promise<number> {
  const flags = command.optsWithGlobals<Flags>();
  const { settings } = loadSettings(flags.config, context.env);
  const file = resolve(String(command.args[0]));
  const backup = readBackup(file);
  if (backup.databaseVersion > AGENT_MIGRATIONS.length)
    throw new HearthbeatError(
      'HB_DATABASE_NEWER',
      `${file} was made by hearthbeat ${told(backup.about.version)}, which is newer than this one. Nothing was changed.`,
      'Install that version, then restore.',
    );
  const held = openDataFolder(dataFolderPath(flags.data, settings, context.env), 'agent');
  try {
    const isTaken = isThere(held.databasePath);
    if (isTaken && !flags.force)
      throw new HearthbeatError(
        'HB_USAGE',
        `There is a hub in ${held.path} already. Nothing was changed.`,
        'With --force it is put aside, and kept.',
      );
    const settingsFiles = [...settingsPlaces(context.env), ...(flags.config === undefined ? [] : [resolve(flags.config)])];
    const places = settingsFiles.map((path) => dirname(path));
    const { aside, files } = restoreHub({ file, backup }, held, { places, now: systemClock.now() });
    if (flags.json) printJson(context, { ok: true, folder: held.path, ...backup.about, aside, files });
    else context.stdout.write(`${words(backup, held.path, aside, files).join('\n')}\n`);
    return EXIT.fine;
  } catch (error) {
    throw error instanceof HearthbeatError ? error : unusable(held.path, error);
  } finally {
    held.release();
  }
}

/** A backup is a file from anywhere. */
function told(text: string): string {
  return cleanText(text, 64) ?? '?';
}

function words({ about }: Backup, folder: string, aside: string | undefined, files: readonly PutBack[]): string[] {
  const made = new Date(about.madeAt).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `Restored into ${folder}: site ${told(about.site)}, ${about.devices} devices, as it was on ${made} UTC on ${told(about.host)}, version ${told(about.version)}.`,
    ...(aside === undefined ? [] : [`  What was there is kept: ${aside}`]),
    ...files.filter(({ is }) => is !== 'same').map(fileWords),
    'Now start the agent: hearthbeat agent. The desk will see the same home, and what it was told since.',
  ];
}

function fileWords({ name, path, is }: PutBack): string {
  switch (is) {
    case 'written':
      return `  ${path}`;
    case 'other':
      return `  ${path} stays as it is, though the backup has another one. To have that, move this one away and restore again.`;
    case 'closed':
      return `  ${name} may not be written by this user: it was put into ${path}. Move it there as root.`;
    default:
      return `  ${told(name)} is no place of hearthbeat's: it was put into ${path}. Move it where the settings look for it.`;
  }
}
