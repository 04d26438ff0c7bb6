/** The verdicts on the devices of a home: its devices as the agent knows them, against the catalogue in use. Needs no network. */
import type { DeviceView } from '../agent/diagnostics/view.ts';
import type { Catalogue } from '../agent/lifecycle/catalogue.ts';
import { factsAbout } from '../agent/lifecycle/match.ts';
import { ageOf, livesByKind } from '../agent/lifecycle/service-life.ts';
import { certainlyPast, type Evidence, type Now, type Verdict, verdictOn } from '../agent/lifecycle/verdict.ts';
import { isClockSynchronised } from '../platform/clock-synchronisation.ts';
import { readServiceLives } from '../platform/lifecycle-files.ts';
import type { KnownView } from './agent-view.ts';

export type Standings = {
  readonly now: Now;
  evidenceOn(device: DeviceView): Evidence;
  /** Undefined for a device of which nothing is known. */
  verdictOn(device: DeviceView): Verdict | undefined;
};

export async function readStandings(known: KnownView, catalogue: Catalogue): Promise<Standings> {
  const lives = livesByKind(readServiceLives());
  const now = await presentOf(known, catalogue);
  const evidenceOn = (device: DeviceView): Evidence => {
    const { kind, corrected, firstSeenAt, personal } = device;
    const age = now.isSure && !personal ? ageOf({ firstSeenAt, installed: corrected?.installed?.value }, now.at) : undefined;
    return { found: factsAbout(catalogue, device), kind, age, life: kind === undefined ? undefined : lives.get(kind) };
  };
  return {
    now,
    evidenceOn,
    verdictOn(device) {
      const verdict = verdictOn(evidenceOn(device), now);
      return verdict && { ...verdict, toDo: verdict.toDo.replace('<device>', device.ips[0] ?? device.id) };
    },
  };
}

/**
 * The desk's clock where the agent knows it, else this machine's, unless that is known to run free or is earlier than the catalogue: hubs without
 * a battery-backed clock start in the past. Then only what has passed for certain counts.
 */
async function presentOf({ view, running }: KnownView, { facts }: Catalogue): Promise<Now> {
  const passed = certainlyPast(facts.values());
  const offset = running ? view.uplink?.deskOffsetMs : undefined;
  if (offset !== undefined) return { at: view.at + offset, isSure: true };
  if (view.at < passed || (await isClockSynchronised()) === false) return { at: passed, isSure: false };
  return { at: view.at, isSure: true };
}
