/** `hearthbeat lifecycle list`: which devices are near their end, the most urgent first; exit code 1 while any is past it. */
import type { Command } from 'commander';
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { staleWords } from '../../agent/lifecycle/edition.ts';
import { byUrgency } from '../../agent/lifecycle/verdict.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { readCatalogueInUse } from '../../platform/lifecycle-store.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';
import { readStandings } from '../lifecycle-standings.ts';
import { type Standing, standingsCsv, standingsTable } from '../render/lifecycle-words.ts';

type Flags = { readonly all?: boolean; readonly csv?: boolean; readonly json?: boolean };

export async function lifecycleList(context: CliContext, command: Command): Promise<number> {
  const { all = false, csv, json } = command.optsWithGlobals<Flags>();
  if (csv && json) throw new HearthbeatError('HB_USAGE', 'That is two forms at once.', 'Leave out --csv or --json.');
  const known = await readAgentView(context, command);
  const inUse = readCatalogueInUse(lifecyclePlace(context, command));
  const { now, verdictOn, evidenceOn } = await readStandings(known, inUse.catalogue);
  const asked = known.view.devices.filter(({ personal }) => all || !personal);
  const judged = asked.flatMap((device): Standing[] => {
    const verdict = verdictOn(device);
    return verdict ? [{ device, verdict, age: evidenceOn(device).age }] : [];
  });
  const standings = judged.filter(({ verdict }) => all || verdict.state !== 'fine').toSorted((a, b) => byUrgency(a.verdict, b.verdict));
  const stale = now.isSure ? staleWords(inUse.serial, now.at) : undefined;
  const notes = [...inUse.troubles.map(({ what, fix }) => `${what} ${fix}`), ...(stale === undefined ? [] : [stale])];
  if (json) {
    const { serial, signedBy = null, own } = inUse;
    printJson(context, {
      running: known.running,
      at: Math.round(now.at),
      clockIsSure: now.isSure,
      catalogue: { serial, signedBy, own, notes },
      devices: standings.map(entryOf),
    });
  } else {
    noteStopped(context, known);
    if (!now.isSure) context.stderr.write('The clock of this machine is not sure: nothing is counted down.\n');
    for (const note of notes) context.stderr.write(`${note}\n`);
    if (csv) context.stdout.write(standingsCsv(standings));
    else context.stdout.write(`${tableWords(standings, asked, judged.length, context).join('\n')}\n`);
  }
  return standings.some(({ verdict }) => verdict.state === 'at-risk' || verdict.state === 'overdue') ? EXIT.problems : EXIT.fine;
}

function tableWords(standings: readonly Standing[], asked: readonly DeviceView[], known: number, context: CliContext): string[] {
  const silent = asked.length - known;
  const rest = silent > 0 ? [`Of ${silent} of ${asked.length} devices nothing is known: that is no promise.`] : [];
  if (asked.length === 0) return ['The agent has found no device yet. Look yourself with: hearthbeat scan'];
  if (standings.length === 0) return ['No device is known to be near its end.', ...rest];
  return [...standingsTable(standings, context.stdout, context.env), '', ...rest, 'More of one: hearthbeat lifecycle show <device>'];
}

function entryOf({ device, verdict, age }: Standing) {
  const { id, name, vendor, model, kind, ips, room, verdict: told } = device;
  const plan = told?.plannedFor === undefined ? {} : { plannedFor: told.plannedFor };
  return { device: { id, name, vendor, model, kind, ip: ips[0], room }, ...verdict, ...(age ? { age } : {}), ...plan };
}
