/** From the text of a configuration file to settings, or to every problem in it at once, each with its place and what would be accepted. */
import type { Result } from '../base/result.ts';
import { type FileProblem, readYaml } from './read-yaml.ts';
import { type Settings, settingsSchema } from './settings.ts';

export function readSettings(text: string): Result<Settings, FileProblem[]> {
  return readYaml(text, { schema: settingsSchema, limitBytes: 256 * 1024 });
}
