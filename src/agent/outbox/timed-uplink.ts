/**
 * The uplink of a hub whose own clock may be wrong: what the desk says of the time is there for the link, which judges the broker's certificate by it (docs/decisions/0026),
 * and is kept for the next start.
 */
import { every, type Timer } from '../../base/clock.ts';
import type { MqttLink } from '../../base/mqtt.ts';
import { type KeptTime, TimeFloor } from './time-floor.ts';
import { createUplink, type Uplink, type UplinkDeps } from './uplink.ts';

/** In Unix milliseconds, asked whenever it is needed. */
export type KnownTime = {
  /** An instant that is certainly past. */
  past(): number;
  /** Undefined until the desk has said the time to this process. */
  deskNow(): number | undefined;
};

export type TimedUplinkDeps = Omit<UplinkDeps, 'link'> & {
  /** Never throws: what a disk refuses now is kept in an hour. */
  readonly kept: KeptTime;
  openLink(time: KnownTime): MqttLink;
};

/** How often it is looked whether the desk's time is known. */
const LOOK_EVERY_MS = 60_000;

export function createTimedUplink({ kept, openLink, ...deps }: TimedUplinkDeps): Uplink {
  const { clock } = deps;
  const floor = new TimeFloor(kept);
  const link = openLink({ past: () => floor.past(), deskNow });
  const uplink = createUplink({ ...deps, link });
  let keeping: Timer | undefined;

  function deskNow(): number | undefined {
    const known = uplink.deskOffset();
    return known && clock.now().wallMs + known.offsetMs;
  }

  function keep(): void {
    const now = deskNow();
    if (now !== undefined) floor.heard(now, clock.now().monoMs);
  }

  return {
    ...uplink,
    start() {
      keeping = every(clock, LOOK_EVERY_MS, keep);
      uplink.start();
    },
    stop() {
      keeping?.cancel();
      return uplink.stop();
    },
  };
}
