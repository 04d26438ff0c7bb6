/**
 * Silences: spans in which nothing new is raised about one device or the whole house, because somebody works there. Each ends by itself: its
 * end is kept on the monotonic clock, so that no step of the wall clock makes it longer, and what is left of it is saved every minute. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { SilenceMessage, SiteStateMessage } from '../../protocol/messages.ts';
import type { InventoryChange } from '../inventory/changes.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { guardsLives } from './urgency.ts';

export type Silence = Omit<SilenceMessage, 'endsAt'> & {
  /** Monotonic milliseconds. */
  readonly endsMs: number;
};

export type Silences = {
  readonly list: readonly Silence[];
  /** When they were last saved, monotonic. */
  readonly savedMs: number;
};

/** What of a silence outlives the process; `leftMs` bounds what a wall clock that was set back would make of `endsAt`. */
export type SavedSilence = SilenceMessage & { readonly leftMs: number };

type Devices = ReadonlyMap<string, DeviceSummary>;
type Scope = { readonly deviceId?: string; readonly members?: readonly string[] };

export const LONGEST_SILENCE_MS = 24 * 3_600_000;
/** More would not fit beside the devices in a message; whoever needs more works on the whole house. */
export const MOST_SILENCES = 12;
const SAVE_EVERY_MS = 60_000;
/** The end as it was told stays as long as it is right within this. */
const TOLD_WITHIN_MS = 30_000;

export const NO_SILENCES: Silences = { list: [], savedMs: 0 };

/** Those that still last. One of a device that was found to be another goes with it; of a device that is gone, or a person's after all, it ends. */
export function keepSilences(before: Silences, devices: Devices, changes: readonly InventoryChange[], nowMs: number): Silences {
  if (before.list.length === 0) return before;
  const list = before.list.flatMap((silence) => (nowMs < silence.endsMs ? followed(silence, devices, changes) : []));
  const isSame = list.length === before.list.length && list.every((silence, i) => silence === before.list[i]);
  return isSame && nowMs - before.savedMs < SAVE_EVERY_MS ? before : { list, savedMs: nowMs };
}

function followed(silence: Silence, devices: Devices, changes: readonly InventoryChange[]): Silence[] {
  if (silence.device === undefined) return [silence];
  const device = devices.get(silence.device);
  if (device) return device.personal ? [] : [silence];
  const merger = changes.find((change) => change.kind === 'merged' && change.absorbed.id === silence.device);
  return merger ? [{ ...silence, device: merger.device.id }] : [];
}

/** The silence that holds an alert about this device (undefined: about the house) back; of two the one that lasts longer. */
export function silenceOn({ list }: Silences, deviceId: string | undefined, devices: Devices): Silence | undefined {
  if (list.length === 0) return undefined;
  const device = deviceId === undefined ? undefined : devices.get(deviceId);
  // What guards lives is silenced by its own name only.
  const isOnlyByName = device !== undefined && guardsLives(device);
  return list
    .filter((silence) => (silence.device === undefined ? !isOnlyByName : silence.device === deviceId))
    .reduce<Silence | undefined>((longest, silence) => (longest && longest.endsMs >= silence.endsMs ? longest : silence), undefined);
}

/** Whether what is new waits: about a device, about the house, or about many devices, each of which is silenced. */
export function holdsBack(silences: Silences, { deviceId, members = [] }: Scope, devices: Devices): boolean {
  const isSilenced = (id: string | undefined): boolean => silenceOn(silences, id, devices) !== undefined;
  if (silences.list.length === 0) return false;
  return isSilenced(deviceId) || (members.length > 0 && members.every(isSilenced));
}

/** With a new one, which takes the place of an earlier one of the same scope. */
export function withSilence({ list, savedMs }: Silences, silence: Omit<Silence, 'n'>): Silences {
  const n = 1 + Math.max(0, ...list.map((each) => each.n));
  return { list: [...list.filter(({ device }) => device !== silence.device), { n, ...silence }], savedMs };
}

export function withoutSilence({ list, savedMs }: Silences, n: number): Silences {
  return { list: list.filter((silence) => silence.n !== n), savedMs };
}

/** As people and the desk read it, the end by the wall clock of now. */
export function silenceMessage({ endsMs, ...silence }: Silence, now: Instant): SilenceMessage {
  return { ...silence, endsAt: Math.round(now.wallMs + endsMs - now.monoMs) };
}

/** What the desk is told; the same object as long as what it was told is right. */
export function toldSilences(before: SiteStateMessage['silences'], { list }: Silences, now: Instant): SiteStateMessage['silences'] {
  if (list.length === 0) return undefined;
  const told = list.map((silence) => silenceMessage(silence, now));
  const isSame = (one: SilenceMessage, other: SilenceMessage | undefined): boolean =>
    one.n === other?.n && one.device === other.device && Math.abs(one.endsAt - other.endsAt) <= TOLD_WITHIN_MS;
  return before?.length === told.length && told.every((silence, i) => isSame(silence, before[i])) ? before : told;
}

export function savedSilences({ list }: Silences, now: Instant): SavedSilence[] {
  return list.map((silence) => ({ ...silenceMessage(silence, now), leftMs: Math.round(silence.endsMs - now.monoMs) }));
}

/** With the time that was left, less what the hub was off; a clock that was set back meanwhile adds nothing. */
export function restoreSilences(saved: readonly SavedSilence[], now: Instant): Silences {
  const list = saved.map(
    ({ endsAt, leftMs, ...silence }): Silence => ({
      ...silence,
      endsMs: now.monoMs + Math.min(leftMs, endsAt - now.wallMs, LONGEST_SILENCE_MS),
    }),
  );
  return { list, savedMs: now.monoMs };
}
