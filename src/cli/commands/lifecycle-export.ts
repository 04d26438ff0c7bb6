/** `hearthbeat lifecycle export --format openeox|cyclonedx`: the catalogue for other programs. Nothing of the home is in it. */
import type { Command } from 'commander';
import { cycloneDxBom, openEoxStatements } from '../../agent/lifecycle/exchange.ts';
import type { Fact } from '../../agent/lifecycle/fact.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { factsIn } from '../../platform/lifecycle-files.ts';
import { readEditionInUse } from '../../platform/lifecycle-store.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';

const FORMATS: Readonly<Record<string, (facts: readonly Fact[]) => unknown>> = {
  openeox: openEoxStatements,
  cyclonedx: (facts) => cycloneDxBom(facts, systemClock.now().wallMs),
};

export async function lifecycleExport(context: CliContext, command: Command): Promise<number> {
  const { format = '' } = command.opts<{ format?: string }>();
  const write = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (!write)
    throw new HearthbeatError(
      'HB_USAGE',
      format === '' ? 'The format is missing.' : `There is no format "${format}".`,
      `Name one: --format ${Object.keys(FORMATS).join(' or --format ')}.`,
    );
  printJson(context, write(factsIn(readEditionInUse(lifecyclePlace(context, command)).rows)));
  return EXIT.fine;
}
