/** `hearthbeat notices schema`: the JSON schema of a file of notices. */
import { noticesJsonSchema } from '../../config/notices-schema.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';

export async function noticesSchema(context: CliContext): Promise<number> {
  printJson(context, noticesJsonSchema());
  return EXIT.fine;
}
