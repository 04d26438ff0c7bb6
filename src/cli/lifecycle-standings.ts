/** The verdicts on the devices of a home: its devices as the agent knows them, against the catalogue in use. Needs no network. */
import type { Decay } from '../agent/decay/decay.ts';
import type { DeviceView } from '../agent/diagnostics/view.ts';
import type { Catalogue } from '../agent/lifecycle/catalogue.ts';
import { lookedOf } from '../agent/lifecycle/looked.ts';
import { evidenceOn, type Grounds, verdictFor } from '../agent/lifecycle/standing.ts';
import type { Evidence, Now, Verdict } from '../agent/lifecycle/verdict.ts';
import { readDecays } from '../platform/home-decay.ts';
import { readGrounds } from '../platform/lifecycle-files.ts';
import { presentOf } from '../platform/lifecycle-present.ts';
import type { KnownView } from './agent-view.ts';

export type Standings = {
  readonly now: Now;
  evidenceOn(device: DeviceView): Evidence;
  /** Undefined for a device of which nothing is known. */
  verdictOn(device: DeviceView): Verdict | undefined;
  /** What of it gets worse; undefined where nothing does, and for what may be a person's. */
  decayOf(device: DeviceView): Decay | undefined;
};

export async function readStandings(known: KnownView, catalogue: Catalogue): Promise<Standings> {
  const { view, running } = known;
  const offset = running ? view.uplink?.deskOffsetMs : undefined;
  const now = await presentOf(view.at, offset, catalogue);
  const decays = readDecays(known.dataFolder, now.at, view.devices);
  const grounds: Grounds = { catalogue, ...readGrounds(), decays, now };
  return {
    now,
    decayOf: ({ id, personal }) => (personal ? undefined : decays.get(id)),
    evidenceOn: (device) => evidenceOn(lookedOf(device, device.corrected), grounds),
    verdictOn(device) {
      const looked = lookedOf(device, device.corrected);
      return verdictFor(looked, evidenceOn(looked, grounds), now);
    },
  };
}
