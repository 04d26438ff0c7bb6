/** Who is on shift at the desk: by the usual hours of the service policy, and by what people say on the page. What they say ends by itself. */
import type { Clock } from '../base/clock.ts';
import { noteDeed } from './access/deeds.ts';
import type { ServicePolicy } from './service/policy.ts';
import { type OnShift, onShift, type Shift } from './service/skills.ts';
import type { DeskDatabase } from './store/migrations.ts';
import { listShifts, saveShift } from './store/shifts.ts';

export type Shifts = {
  list(): Promise<OnShift[]>;
  /** `hours`: for so long. Answers until when. */
  say(name: string, isOn: boolean, hours: number): Promise<number>;
};

export type ShiftsDeps = {
  readonly clock: Clock;
  readonly database: DeskDatabase;
  readonly policy?: ServicePolicy | undefined;
  readonly onChange: () => void;
};

/** Nobody works for longer; who forgets to say that he is off is off all the same. */
export const LONGEST_SHIFT_HOURS = 16;
const HOUR_MS = 3_600_000;

export function createShifts({ clock, database, policy, onChange }: ShiftsDeps): Shifts {
  return {
    async list() {
      const now = clock.now().wallMs;
      const said = await listShifts(database, now);
      return onShift(policy ?? { people: new Map() }, said, now);
    },
    async say(name, isOn, hours) {
      const now = clock.now().wallMs;
      const shift: Shift = { name, isOn, since: now, until: now + Math.min(hours, LONGEST_SHIFT_HOURS) * HOUR_MS };
      await database.transaction().execute(async (db) => {
        await saveShift(db, shift);
        await noteDeed(db, { at: now, actor: name, what: isOn ? 'shift.on' : 'shift.off', detail: { hours } });
      });
      onChange();
      return shift.until;
    },
  };
}
