/** `hearthbeat device show <device>`: all that is known of one device, and who said so. */
import type { Command } from 'commander';
import { readCatalogueInUse } from '../../platform/lifecycle-store.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';
import { readStandings } from '../lifecycle-standings.ts';
import { deviceCard } from '../render/device-card.ts';

export async function deviceShow(context: CliContext, command: Command): Promise<number> {
  const known = await readAgentView(context, command);
  const device = findDevice(known.view.devices, String(command.args[0]));
  const log = known.view.log.filter((row) => row.devices.includes(device.id));
  const { catalogue } = readCatalogueInUse(lifecyclePlace(context, command));
  const standings = await readStandings(known, catalogue);
  const [verdict, decay, age] = [standings.verdictOn(device), standings.decayOf(device), standings.evidenceOn(device).age];
  if (globalFlags(command).json) {
    const end = { ...(verdict ? { lifecycle: verdict } : {}), ...(age ? { age } : {}), ...(decay ? { decay } : {}) };
    printJson(context, { ...device, ...end, log, running: known.running });
    return EXIT.fine;
  }
  noteStopped(context, known);
  context.stdout.write(`${deviceCard(device, log, known.view.at, context.stdout, context.env, { verdict, decay, age }).join('\n')}\n`);
  return EXIT.fine;
}
