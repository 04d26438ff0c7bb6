/** `hearthbeat lifecycle show <fact-or-device>`: the verdict on a device with all that it rests on, or one fact of the catalogue. */
import type { Command } from 'commander';
import type { Catalogue } from '../../agent/lifecycle/catalogue.ts';
import type { Fact } from '../../agent/lifecycle/fact.ts';
import { factsAbout } from '../../agent/lifecycle/match.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { readCatalogueInUse } from '../../platform/lifecycle-store.ts';
import { type KnownView, noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';
import { readStandings } from '../lifecycle-standings.ts';
import { ageLines, factCard, verdictCard } from '../render/lifecycle-words.ts';

export async function lifecycleShow(context: CliContext, command: Command): Promise<number> {
  const words = String(command.args[0]);
  const { catalogue } = readCatalogueInUse(lifecyclePlace(context, command));
  const fact = catalogue.facts.get(words);
  if (fact) return showFact(context, command, catalogue, fact);
  const known = await readAgentView(context, command);
  const device = findDevice(known.view.devices, words);
  const standings = await readStandings(known, catalogue);
  const [verdict, decay, age] = [standings.verdictOn(device), standings.decayOf(device), standings.evidenceOn(device).age];
  if (globalFlags(command).json) {
    const more = { ...(age ? { age } : {}), ...(decay ? { decay } : {}) };
    printJson(context, { device: device.id, lifecycle: verdict ?? null, ...more, running: known.running });
  } else {
    noteStopped(context, known);
    const card = verdict
      ? verdictCard({ device, verdict, decay, age }, context.stdout, context.env)
      : ['Nothing is known of its end: that is no promise.', ...ageLines(age)];
    context.stdout.write(`${card.join('\n')}\n`);
  }
  return EXIT.fine;
}

/** A fact can be read where no agent has ever run: then no device is named. */
async function showFact(context: CliContext, command: Command, catalogue: Catalogue, fact: Fact): Promise<number> {
  const known = await readAgentView(context, command).catch((error: unknown): KnownView | undefined => {
    if (error instanceof HearthbeatError && error.code === 'HB_NOT_FOUND') return undefined;
    throw error;
  });
  const devices = (known?.view.devices ?? []).filter((device) =>
    factsAbout(catalogue, device).some((found) => found.is === 'about' && found.fact === fact),
  );
  if (globalFlags(command).json) printJson(context, { ...fact, devices: devices.map((device) => device.id) });
  else context.stdout.write(`${factCard(fact, devices, context.stdout, context.env).join('\n')}\n`);
  return EXIT.fine;
}
