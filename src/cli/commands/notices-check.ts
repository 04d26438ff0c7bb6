/** `hearthbeat notices check FILE`: reads a file of notices as the desk would and says who is told what, or every problem at once. */
import type { Command } from 'commander';
import type { NoticePolicy, Receiver, Route } from '../../desk/notices/policy.ts';
import { loadNotices } from '../../platform/notices-file.ts';
import { SettingsError } from '../../platform/settings-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';

export async function noticesCheck(context: CliContext, command: Command): Promise<number> {
  const file = String(command.args[0]);
  const { json } = globalFlags(command);
  try {
    const policy = loadNotices(file, context.env);
    const receivers = [...policy.receivers.values()].map(({ name, place }) => ({ name, kind: place.kind }));
    if (json) printJson(context, { ok: true, file, receivers, routes: policy.routes.length, problems: [] });
    else context.stdout.write(summary(file, policy));
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof SettingsError && json)) throw error;
    printJson(context, { ok: false, file: error.file, problems: error.problems });
    return EXIT.usage;
  }
}

function summary(file: string, { receivers, routes, linkTo }: NoticePolicy): string {
  const link = linkTo === undefined ? 'Notices link to desk.page.origin of the settings, where that is set.' : `Notices link to ${linkTo}.`;
  return `${file} is fine. ${link}\n${[...receivers.values()].map((receiver) => lines(receiver, routes)).join('')}`;
}

function lines({ name, place, details, quiet }: Receiver, routes: readonly Route[]): string {
  const mine = routes.filter(({ receivers }) => receivers.includes(name));
  const told = mine.length === 0 ? ['    told of nothing: no route names it'] : mine.map((route) => `    ${routeWords(route)}`);
  return `  ${name}  ${place.kind}, details ${details}${quiet ? ', with quiet hours' : ''}\n${told.join('\n')}\n`;
}

function routeWords({ changes, passedTo, severities, tiers, plans, dealers, homes }: Route): string {
  const only = [
    ['passed on to', passedTo],
    ['severity', severities],
    ['tier', tiers],
    ['plan', plans],
    ['dealer', dealers],
    ['home', homes],
  ] as const;
  const narrowed = only.flatMap(([name, set]) => (set === undefined ? [] : [`${name} ${[...set].join(' or ')}`]));
  return `${[...changes].join(', ')}${narrowed.length === 0 ? '' : ` where ${narrowed.join(', ')}`}`;
}
