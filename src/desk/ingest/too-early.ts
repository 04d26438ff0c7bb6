/** Whether a hub tells a stage before its day: then its clock is ahead, and it takes that back once it has heard the desk's. Pure. */
import { DAY_MS, lastMomentOf } from '../../base/partial-date.ts';
import type { AlertCode } from '../../protocol/alert-catalogue.ts';
import type { AlertMessage } from '../../protocol/messages.ts';

/** These follow a date; what is worn out or old is due by what is seen of it. */
const BY_DATE: ReadonlySet<AlertCode> = new Set([
  'support-ending',
  'support-ended',
  'known-exploited',
  'cloud-ending',
  'certificate-expiring',
  'warranty-ending',
]);

const PAST = -1;
/** Two clocks that are right need not agree to the second on when a day begins. */
const LEEWAY_DAYS = 1;

type Told = Pick<AlertMessage, 'code' | 'stage' | 'ends' | 'clearedAt'>;

/** Also an end that is called over because its day were past: that names no stage. `at`: by the desk's clock, Unix milliseconds. */
export function isTooEarly({ code, stage, ends, clearedAt }: Told, at: number): boolean {
  if (ends === undefined || !BY_DATE.has(code) || (stage === undefined) === (clearedAt === undefined)) return false;
  const daysLeft = Math.floor((lastMomentOf(ends) - at) / DAY_MS);
  return daysLeft > (stage || PAST) + LEEWAY_DAYS;
}
