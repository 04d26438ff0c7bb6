/** `hearthbeat policy schema`: the JSON schema of a service policy. */
import { serviceJsonSchema } from '../../config/service-schema.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';

export async function policySchema(context: CliContext): Promise<number> {
  printJson(context, serviceJsonSchema());
  return EXIT.fine;
}
