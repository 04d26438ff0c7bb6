/** `hearthbeat policy check FILE`: reads a service policy as the desk would and says what it promises, or every problem at once. */
import type { Command } from 'commander';
import type { Plan, ServicePolicy } from '../../desk/service/policy.ts';
import { answerWords, coverWords, ladderWords } from '../../desk/service/words.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { SettingsError } from '../../platform/settings-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';

export async function policyCheck(context: CliContext, command: Command): Promise<number> {
  const file = String(command.args[0]);
  const { json } = globalFlags(command);
  try {
    const policy = loadServicePolicy(file);
    const { version, since, plans, homes } = policy;
    if (json) printJson(context, { ok: true, file, version, since, plans: [...plans.keys()], homes: homes.size, problems: [] });
    else context.stdout.write(summary(file, policy));
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof SettingsError && json)) throw error;
    printJson(context, { ok: false, file: error.file, problems: error.problems });
    return EXIT.usage;
  }
}

function summary(file: string, { version, since, standardPlan, plans, homes }: ServicePolicy): string {
  const named = `${homes.size} ${homes.size === 1 ? 'home is' : 'homes are'} named, all others have the plan ${standardPlan}`;
  return `${file} is fine: version ${version}, since ${since}. ${named}.\n${[...plans.values()].map(planLines).join('')}`;
}

function planLines({ id, covers, firstAnswer, premisesDown, unanswered }: Plan): string {
  const down = premisesDown ? `\n    house down   ${answerWords(premisesDown)}` : '';
  const next = unanswered.length > 0 ? `\n    asked next   ${ladderWords(unanswered)}` : '';
  return `  ${id}\n    covers       ${coverWords(covers)}\n    first answer ${answerWords(firstAnswer)}${down}${next}\n`;
}
