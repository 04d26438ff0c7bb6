/** `hearthbeat backup [FILE]`: everything that makes this hub this hub, in one file, while the agent runs. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { backupFolder, keepAutomatic } from '../../platform/backup/automatic-backup.ts';
import { writeBackup } from '../../platform/backup/backup-file.ts';
import { besideDatabase } from '../../platform/backup/hub-files.ts';
import { isFile, unusable } from '../../platform/data-folder.ts';
import { dataFolderPath, loadSettings } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { isThere } from '../../platform/whole-file.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';

type Flags = { readonly config?: string; readonly data?: string; readonly json?: boolean; readonly automatic?: boolean };

export async function backup(context: CliContext, command: Command): Promise<number> {
  const flags = command.optsWithGlobals<Flags>();
  const { settings, file: settingsFile } = loadSettings(flags.config, context.env);
  const folder = dataFolderPath(flags.data, settings, context.env);
  const database = join(folder, 'agent.db');
  if (!isFile(database))
    throw new HearthbeatError(
      'HB_DATA_FOLDER',
      `There is no hub in ${folder} yet, so nothing to back up.`,
      'Start the agent once, or name the folder with --data.',
    );
  const madeAt = Math.round(systemClock.now().wallMs);
  const beside = besideDatabase({ folder, settings, settingsFile }, { madeAt, version: context.version });
  const write = (target: string): number => {
    try {
      return writeBackup(database, target, beside);
    } catch (error) {
      throw unusable(target, error);
    }
  };
  const { path, bytes } = flags.automatic ? keepAutomatic(backupFolder(folder, settings), write) : toFile(command.args[0], madeAt, write);
  const { files, unread } = beside;
  if (flags.json) printJson(context, { ok: true, path, bytes, madeAt, files: files.map(({ place, name }) => ({ place, name })), unread });
  else context.stdout.write(words(path, bytes, files.length, unread));
  return EXIT.fine;
}

function toFile(given: string | undefined, madeAt: number, write: (target: string) => number): { path: string; bytes: number } {
  const path = resolve(given ?? `hearthbeat-${new Date(madeAt).toISOString().slice(0, 10)}.backup`);
  if (isThere(path)) throw new HearthbeatError('HB_USAGE', `There is a file ${path} already.`, 'Name another one, or remove it first.');
  return { path, bytes: write(path) };
}

function words(path: string, bytes: number, files: number, unread: readonly string[]): string {
  const size = bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  const beside = files === 0 ? '' : ` with ${files} ${files === 1 ? 'file' : 'files'} of settings and secrets`;
  const missing = unread.map((name) => `  not in it, for it could not be read: ${name}\n`).join('');
  return `${path}: the whole hub${beside}, ${size}.\n${missing}Keep it off this hub, and to yourself: it holds the password for the desk. "hearthbeat restore" brings a blank hub back with it.\n`;
}
