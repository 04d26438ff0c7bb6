/** Where the lifecycle catalogue of this hub is kept, and whose editions it takes. */
import type { Command } from 'commander';
import type { LifecyclePlace } from '../platform/lifecycle-store.ts';
import { dataFolderPath, loadSettings } from '../platform/settings-file.ts';
import { type CliContext, globalFlags } from './context.ts';

export function lifecyclePlace(context: CliContext, command: Command): LifecyclePlace {
  const flags = globalFlags(command);
  const { settings } = loadSettings(flags.config, context.env);
  return { folder: dataFolderPath(flags.data, settings, context.env), keys: settings.lifecycle.keys };
}
