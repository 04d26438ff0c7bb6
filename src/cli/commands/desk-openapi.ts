/** `hearthbeat desk openapi`: what the API of a desk takes and answers, as a document that programs make clients of. No desk has to run. */
import type { Command } from 'commander';
import { EVERY_CALL } from '../../desk/api/every-call.ts';
import { openApi } from '../../desk/api/openapi.ts';
import { loadSettings } from '../../platform/settings-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { pageOrigin } from '../desk-options.ts';

export async function deskOpenApi(context: CliContext, command: Command): Promise<number> {
  const { settings } = loadSettings(globalFlags(command).config, context.env);
  printJson(context, openApi(EVERY_CALL, pageOrigin(settings)));
  return EXIT.fine;
}
