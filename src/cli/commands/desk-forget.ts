/** `hearthbeat desk forget SITE --reason TEXT`: what a desk keeps of a home, and with `--yes` its end. Also while the desk runs. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import { forgetAtDesk, lookWhatToForget } from '../../desk/main.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { deskPlace } from '../desk-options.ts';

export async function deskForget(context: CliContext, command: Command): Promise<number> {
  const [typed = ''] = command.args;
  const site = typed.toLowerCase();
  const { reason, yes } = command.opts<{ reason?: string; yes?: boolean }>();
  const because = cleanText(reason, 160);
  if (because === undefined)
    throw new HearthbeatError(
      'HB_USAGE',
      '--reason is missing.',
      `For example: hearthbeat desk forget ${site} --reason "the client has left"`,
    );
  const { settings, place: at } = deskPlace(context, command);
  const place = { ...at, service: settings.desk.service === undefined ? undefined : loadServicePolicy(settings.desk.service) };
  const done = yes ? await forgetAtDesk(place, { site, because }) : undefined;
  const would = yes ? undefined : await lookWhatToForget(place, site);
  const told = done ?? would;
  if (told === undefined) throw new HearthbeatError('HB_NOT_FOUND', `The desk knows no home "${site}".`, 'Its page shows its site id.');
  if (globalFlags(command).json) printJson(context, { site, isForgotten: done !== undefined, ...told });
  else context.stdout.write(done === undefined ? wouldWords(told) : doneWords(done));
  return EXIT.fine;
}

type Asked = NonNullable<Awaited<ReturnType<typeof lookWhatToForget>>>;
type Done = NonNullable<Awaited<ReturnType<typeof forgetAtDesk>>>;

function wouldWords({ rows, tables }: Asked): string {
  const lines = Object.entries(tables).filter(([, count]) => count > 0);
  const listed = lines.map(([table, count]) => `  ${table}\t${count}\n`).join('');
  return `${listed}${rows} rows would go, and what was told of them. Nothing is deleted yet: say --yes. Take its account from the broker first.\n`;
}

function doneWords({ rows, mark, isInPolicy, topic }: Done): string {
  const policy = isInPolicy ? 'The service policy names it still: take it out of the file before the desk starts the next time.\n' : '';
  return `${rows} rows are gone. The audit of the desk calls it "${mark}".\n${policy}The broker may keep its last word; clear it with: mosquitto_pub -r -n -t ${topic}\n`;
}
