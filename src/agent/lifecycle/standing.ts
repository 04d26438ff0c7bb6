/** How every device of a home stands: its verdict with its timeline, as the desk is told, and the tracks that people are told of in stages. */
import { cleanText } from '../../base/text.ts';
import type { VerdictMessage } from '../../protocol/messages.ts';
import type { Decay } from '../decay/decay.ts';
import type { DeviceKind } from '../inventory/kinds.ts';
import { type BlockMonthOf, blockOf, withDoubts } from './address-block.ts';
import type { Catalogue } from './catalogue.ts';
import { decayDate, decayEnd } from './decay-verdict.ts';
import { type Look, MOST_TRACKS, type Standing } from './look.ts';
import type { Looked } from './looked.ts';
import { madeOf, oldestTrace, type SerialScheme } from './made.ts';
import { factsAbout } from './match.ts';
import { ageOf, type ServiceLife } from './service-life.ts';
import { timelineOf } from './timeline.ts';
import { withoutOverruled } from './told-support.ts';
import { toldBy } from './told-verdicts.ts';
import { tracksOf } from './tracks.ts';
import { type Evidence, type Now, type Told, type Verdict, verdictOn } from './verdict.ts';

/** What is known apart from the devices themselves. */
export type Grounds = {
  readonly catalogue: Catalogue;
  readonly lives: ReadonlyMap<DeviceKind, ServiceLife>;
  /** Of batteries and lamps, by id. */
  readonly partLives: ReadonlyMap<string, ServiceLife>;
  /** How makers write the day into serial numbers. */
  readonly serialSchemes: readonly SerialScheme[];
  /** Since when the IEEE gives out addresses like a device's. */
  readonly blockMonthOf: BlockMonthOf;
  /** What the hub saw getting worse, by device. */
  readonly decays?: ReadonlyMap<string, Decay>;
  readonly now: Now;
};

export function evidenceOn(device: Looked, grounds: Grounds): Evidence {
  const { catalogue, lives, partLives, serialSchemes, blockMonthOf, decays, now } = grounds;
  const { kind, personal } = device;
  const block = blockOf(device.macs, kind, blockMonthOf);
  const made = madeOf(device, serialSchemes, now.at);
  const age = now.isSure && !personal ? ageOf({ ...device, made, trace: oldestTrace(device.reports), block }, now.at) : undefined;
  const said = device.reports ? toldBy(device, partLives, now) : undefined;
  const told = personal ? undefined : withDecay(said, decays?.get(device.id));
  const found = withDoubts(withoutOverruled(factsAbout(catalogue, device), told), block);
  return { found, kind, age, life: kind === undefined ? undefined : lives.get(kind), told };
}

/** What a device says of its own battery wins over what was measured of it. */
function withDecay(told: Told | undefined, decay: Decay | undefined): Told | undefined {
  if (!decay || (decay.measure === 'battery' && told?.ends.some(({ cause }) => cause === 'battery'))) return told;
  return { ends: [...(told?.ends ?? []), decayEnd(decay)], dates: [...(told?.dates ?? []), decayDate(decay)] };
}

/** Undefined for a device of which nothing is known. */
export function verdictFor(device: Looked, evidence: Evidence, now: Now): Verdict | undefined {
  const verdict = verdictOn(evidence, now);
  return verdict && { ...verdict, toDo: verdict.toDo.replace('<device>', device.ips[0] ?? device.id) };
}

export function standingOf(device: Looked, grounds: Grounds): Standing[] {
  const evidence = evidenceOn(device, grounds);
  const verdict = verdictFor(device, evidence, grounds.now);
  const tracks = tracksOf(device, evidence, grounds.now).slice(0, MOST_TRACKS);
  const timeline = timelineOf(device, evidence, verdict, grounds.now);
  if (!verdict && tracks.length === 0) return [];
  return [{ device: device.id, tracks, ...(verdict ? { verdict: verdictMessage(verdict, timeline) } : {}) }];
}

/** Days that are left are not in it: it is told when something changed, not every day. */
function verdictMessage({ daysLeft: _, ...verdict }: Verdict, timeline: VerdictMessage['timeline']): VerdictMessage {
  const { why, toDo, stops, stays, source, facts } = verdict;
  const { url, readOn } = source;
  return {
    ...verdict,
    why: cut(why, 512),
    toDo: cut(toDo, 512),
    ...(stops === undefined ? {} : { stops: cut(stops, 400) }),
    ...(stays === undefined ? {} : { stays: cut(stays, 300) }),
    source: { title: cut(source.title, 200), ...(url === undefined ? {} : { url }), ...(readOn === undefined ? {} : { readOn }) },
    facts: facts.slice(0, 8).map((id) => cut(id, 80)),
    timeline,
  };
}

function cut(text: string, limit: number): string {
  return cleanText(text, limit) ?? '';
}

/** `catalogue`: its name. */
export function lookAtAll(devices: readonly Looked[], grounds: Grounds, catalogue: string): Look {
  return { catalogue, now: grounds.now, standings: devices.flatMap((device) => standingOf(device, grounds)) };
}
