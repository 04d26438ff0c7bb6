/** `hearthbeat lifecycle plan`: the replacement plan of this home as one page that an integrator prints and puts before a client. */
import type { Command } from 'commander';
import { dateOf } from '../../agent/lifecycle/edition.ts';
import { type ReplacementPlan, replacementPlan } from '../../agent/lifecycle/plan.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import { readCatalogueInUse } from '../../platform/lifecycle-store.ts';
import { loadSettings } from '../../platform/settings-file.ts';
import { writeGiven } from '../../platform/whole-file.ts';
import { dateWords } from '../../protocol/end-words.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, type GlobalFlags, printJson } from '../context.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';
import { readStandings } from '../lifecycle-standings.ts';
import { readLogo, readPrices } from '../plan-enclosures.ts';
import { planPage } from '../render/plan-page.ts';
import { summaryWords } from '../render/plan-words.ts';

type Flags = GlobalFlags & {
  readonly for?: string;
  readonly by?: string;
  readonly logo?: string;
  readonly prices?: string;
  readonly years: string;
  readonly out: string;
};

const LONGEST_NAME = 80;

export async function lifecyclePlan(context: CliContext, command: Command): Promise<number> {
  const flags = command.optsWithGlobals<Flags>();
  const years = yearsOf(flags.years);
  const logo = flags.logo === undefined ? undefined : readLogo(flags.logo);
  const known = await readAgentView(context, command);
  const devices = known.view.devices.filter(({ personal }) => !personal);
  const prices = flags.prices === undefined ? undefined : readPrices(flags.prices, devices);
  const { catalogue, serial, own, troubles } = readCatalogueInUse(lifecyclePlace(context, command));
  const { now, evidenceOn } = await readStandings(known, catalogue);
  const plan = replacementPlan(devices, { catalogue, now, years, evidenceOn });
  noteStopped(context, known);
  for (const { what, fix } of troubles) context.stderr.write(`${what} ${fix}\n`);
  if (plan.toCheck > 0) context.stderr.write(`${checkWords(plan.toCheck)}\n`);
  if (flags.json) {
    printJson(context, { ...plan, running: known.running });
    return EXIT.fine;
  }
  const page = await planPage(plan, {
    home: nameOf(flags.for) ?? loadSettings(flags.config, context.env).settings.site?.name,
    dealer: nameOf(flags.by),
    logo,
    prices,
    date: now.isSure ? localDay(now.at) : undefined,
    basis: basisWords(plan, dateOf(serial), catalogue.facts.size, own),
  });
  if (flags.out === '-') context.stdout.write(page);
  else {
    writeGiven(flags.out, page);
    context.stdout.write(
      `${summaryWords(plan)}\nThe plan is in ${flags.out}: open it in a browser, and print it from there (A4 or Letter).\n`,
    );
  }
  return EXIT.fine;
}

function yearsOf(text: string): number {
  if (/^([1-9]|10)$/.test(text)) return Number(text);
  throw new HearthbeatError('HB_USAGE', `--years ${text} is no number of years from 1 to 10.`, 'Write a whole number: --years 5.');
}

function nameOf(text: string | undefined): string | undefined {
  return cleanText(text, LONGEST_NAME);
}

/** The day on the wall of this house. */
function localDay(at: number): string {
  const day = new Date(at);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

function checkWords(count: number): string {
  const those = count === 1 ? '1 device is' : `${count} devices are`;
  return `${those} for you to check first, and no end of ${count === 1 ? 'it' : 'them'} is told in the plan: hearthbeat lifecycle list`;
}

function basisWords({ devices, now }: ReplacementPlan, edition: string, facts: number, own: number): string {
  const added = own === 0 ? '' : `, ${own} of them added by your dealer`;
  const clock = now.isSure ? '' : ` The clock was not sure: only what had ended before ${dateWords(edition)} is called ended.`;
  return `Based on the ${devices} device${devices === 1 ? '' : 's'} that are known in this home’s network, and on ${facts.toLocaleString('en')} facts about products (edition of ${dateWords(edition)}${added}). Phones, computers and other personal devices are not part of this plan. Dates can move: makers change them.${clock}`;
}
