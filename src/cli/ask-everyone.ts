/** The second half of a deep scan: every device that was found is asked by every reader that fits it, several devices at a time, each once. */

import type { Sighting } from '../agent/discovery/sighting.ts';
import { EMPTY_EVIDENCE_BOOK } from '../agent/evidence/evidence-book.ts';
import { countUnasked, planReads, type ReadOutcome, type ReadPolicy, settleReads } from '../agent/evidence/plan.ts';
import { readDevice } from '../agent/evidence/read.ts';
import type { Device } from '../agent/inventory/device.ts';
import type { Askers } from '../agent/ports.ts';
import { type Clock, sleep } from '../base/clock.ts';

/** A person waits: more at a time than the agent asks, still one question at a time for each device. */
export const SCAN_PACE = { atOnce: 8, perMinute: 3_000, firstWaitMs: 0, noticeEveryMs: 0 } as const;

/** How far it is: devices that are done, of how many, and who is asked what just now: `192.168.1.9 http`. */
export type Asking = { readonly done: number; readonly of: number; readonly now: readonly string[] };

export type AskingTools = {
  readonly clock: Clock;
  readonly askers: Askers;
  readonly policy: ReadPolicy;
};

/** What is known of the LAN by now. */
export type Found = { readonly devices: ReadonlyMap<string, Device>; readonly isUp: (deviceId: string) => boolean };

const STEP_MS = 40;

/** Ends when nobody is left to ask, or soon after `signal`; true for the former. `found` is what the sightings told so far have come to. */
export async function askEveryone(
  { clock, askers, policy }: AskingTools,
  found: () => Found,
  tell: (sighting: Sighting) => void,
  onProgress: (asking: Asking) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let book = EMPTY_EVIDENCE_BOOK;
  const outcomes: ReadOutcome[] = [];
  const underWay = new Map<string, string>();
  while (!signal.aborted) {
    const { devices, isUp } = found();
    const now = clock.now();
    book = settleReads(book, outcomes.splice(0), policy, now);
    const plan = planReads(book, policy, { devices, isUp, back: new Set(), now });
    book = plan.book;
    for (const request of plan.reads) {
      underWay.set(request.deviceId, `${request.target.ip} ${request.reader.name}`);
      void readDevice(request, askers, clock).then(({ outcome, sightings }) => {
        underWay.delete(request.deviceId);
        outcomes.push(outcome);
        for (const sighting of sightings) tell(sighting);
      });
    }
    const left = countUnasked(book, policy, { devices, isUp });
    onProgress({ done: devices.size - left, of: devices.size, now: [...underWay.values()] });
    if (left === 0 && book.asking.size === 0) return true;
    await sleep(clock, STEP_MS, signal);
  }
  askers.close();
  return false;
}
