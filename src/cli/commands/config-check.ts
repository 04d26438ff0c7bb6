/** `hearthbeat config check`: reads the file as the agent would and says what holds, or every problem at once. */
import type { Command } from 'commander';
import { loadNotices } from '../../platform/notices-file.ts';
import { readLibrary } from '../../platform/playbook-files.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { dataFolderPath, loadSettings, SettingsError, settingsPlaces } from '../../platform/settings-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';

export async function configCheck(context: CliContext, command: Command): Promise<number> {
  const flags = globalFlags(command);
  try {
    const { settings, file } = loadSettings(flags.config, context.env);
    const data = dataFolderPath(flags.data, settings, context.env);
    if (settings.desk.service !== undefined) loadServicePolicy(settings.desk.service);
    if (settings.desk.notices !== undefined) loadNotices(settings.desk.notices, context.env);
    if (settings.desk.playbooks !== undefined) refuseBadPlaybooks(settings.desk.playbooks);
    if (flags.json) printJson(context, { ok: true, file: file ?? null, data, settings: withoutSecrets(settings), problems: [] });
    else
      context.stdout.write(
        `${file ? `${file} is fine.` : `No configuration file (looked for ${settingsPlaces(context.env).join(', ')}): the defaults hold.`}\nData folder: ${data}\n`,
      );
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof SettingsError && flags.json)) throw error;
    printJson(context, { ok: false, file: error.file, problems: error.problems });
    return EXIT.usage;
  }
}

/** A desk starts without those that are not right; whoever writes one wants to hear of it before. */
function refuseBadPlaybooks(folder: string): void {
  const { problems } = readLibrary(folder);
  if (problems.length === 0) return;
  const told = problems.map(({ file, line, message }) => ({ path: file, line, message }));
  throw new SettingsError(folder, told, 'config check');
}

function withoutSecrets(settings: object): unknown {
  return JSON.parse(JSON.stringify(settings, (key, value: unknown) => (key === 'password' ? '(set)' : value)));
}
