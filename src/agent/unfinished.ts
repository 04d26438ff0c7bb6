/** What the agent has begun to tell and not finished: kept with the state, so that a restart neither loses it nor tells it too early. */
import type { Instant } from '../base/clock.ts';
import type { NewDevices } from './alerts/new-devices.ts';
import type { DeviceSummary } from './inventory/device.ts';
import { type ToldDevices, toldBefore } from './outbox/told-devices.ts';

/** New devices that wait for their digest, whether it is the first one, and those held back until they have said whose they are. */
export type Unfinished = { readonly waiting: readonly string[]; readonly initial: boolean; readonly held: readonly string[] };

type Telling = { readonly newDevices: NewDevices; readonly told: ToldDevices };

export function unfinishedIn({ newDevices, told }: Telling): Unfinished {
  return { waiting: newDevices.waiting, initial: newDevices.initial, held: [...told.heldSinceMs.keys()] };
}

/** The same again for the new process; waiting times begin anew, because a monotonic clock ends with its process. */
export function resume(saved: Unfinished | undefined, summaries: ReadonlyMap<string, DeviceSummary>, now: Instant): Telling {
  const { waiting, initial, held } = saved ?? { waiting: [...summaries.keys()], initial: true, held: [...summaries.keys()] };
  const heldBack = new Set(held);
  return {
    newDevices: { waiting, initial, firstAtMs: now.monoMs, lastAtMs: now.monoMs },
    told: {
      ...toldBefore(new Map([...summaries].filter(([id]) => !heldBack.has(id)))),
      heldSinceMs: new Map([...heldBack].filter((id) => summaries.has(id)).map((id) => [id, now.monoMs])),
    },
  };
}
