/** `hearthbeat config schema`: the JSON schema of the configuration file. */
import { settingsJsonSchema } from '../../config/settings.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';

export async function configSchema(context: CliContext): Promise<number> {
  printJson(context, settingsJsonSchema());
  return EXIT.fine;
}
