/** Looks up how a device did. Only reads; what it costs is bounded, however long the desk has known the device and however often it changed. */
import { couldBeSomebodys } from '../../protocol/personal-kinds.ts';
import { type Presence, silenceLimitMs } from '../presence.ts';
import { listAbsences, listChanges, MOST_CHANGES } from '../store/courses.ts';
import type { DeviceWithState } from '../store/devices.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { type DeviceView, isUnheard } from '../views.ts';
import { type Change, COURSE_PARTS, type Course, type CourseDays, courseOf, type Gap, without } from './course.ts';

const DAY_MS = 86_400_000;

/** When somebody's own device was there is nobody's business (decision 0005). */
export function hasCourse(device: DeviceView): boolean {
  return !couldBeSomebodys(device);
}

/** What it is, and nothing of when it was there. */
export function withoutPresence({ since: _, reason: _why, evidence: _seen, lastKnown: _before, ...device }: DeviceView): DeviceView {
  return { ...device, state: 'unknown' };
}

/** Of a device that `hasCourse`. `row`: as it is now. `now`: the end of the span. */
export async function readCourse(
  db: DeskDatabase,
  row: DeviceWithState,
  presence: Presence,
  { days, now }: { readonly days: CourseDays; readonly now: number },
): Promise<Course> {
  const span = { from: now - days * DAY_MS, to: now };
  const [told, { silences, away, cut }] = await Promise.all([
    listChanges(db, { site: row.site_id, device: row.id, ...span }),
    listAbsences(db, row.site_id, span, silenceLimitMs(presence)),
  ]);
  const gaps = [...without(silences, cut), ...away, ...unheardNow(presence, now)];
  return courseOf({ changes: withPresent(told, row, now), gaps, isCut: told.length >= MOST_CHANGES }, span, COURSE_PARTS[days]);
}

/** It may be known how it is now and not how that began: it was told before changes were kept. */
function withPresent(told: readonly Change[], { state, since_at }: DeviceWithState, now: number): readonly Change[] {
  const last = told.at(-1);
  if (state === null || since_at === null || since_at > now || (last !== undefined && last.at >= since_at)) return told;
  return [...told, { at: since_at, state: state as Change['state'] }];
}

function unheardNow(presence: Presence, now: number): Gap[] {
  return isUnheard(presence) ? [{ from: presence.heardAt ?? presence.sinceAt, to: now }] : [];
}
