/** At which stages what ends is told, and as which alert. */
import { DAY_MS, lastMomentOf } from '../../base/partial-date.ts';
import { ALERT_CATALOGUE, type AlertCode, type AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { Cause, Track } from '../lifecycle/tracks.ts';

/** Whole days before the end, the farthest first; 0, once it is past, belongs to all but warranties. */
const STAGES: Readonly<Record<Cause, readonly number[]>> = {
  support: [365, 180, 90, 30],
  cloud: [90, 30, 7],
  certificate: [30, 7],
  warranty: [90, 30],
  replace: [],
  battery: [],
};

/** A year ahead an end is news; from then on somebody has to do something. */
const WARNING_DAYS = 90;

const CAUSE_OF: Readonly<Partial<Record<AlertCode, Cause>>> = {
  'support-ending': 'support',
  'support-ended': 'support',
  'known-exploited': 'support',
  'cloud-ending': 'cloud',
  'replace-due': 'replace',
  'certificate-expiring': 'certificate',
  'warranty-ending': 'warranty',
  'battery-due': 'battery',
};

const CODE_OF: Readonly<Record<Exclude<Cause, 'support'>, AlertCode>> = {
  cloud: 'cloud-ending',
  replace: 'replace-due',
  certificate: 'certificate-expiring',
  warranty: 'warranty-ending',
  battery: 'battery-due',
};

/** Undefined for an alert that is not told in stages. */
export function causeOf(code: AlertCode): Cause | undefined {
  return CAUSE_OF[code];
}

/** Of the alerts of one cause, device and track one fires at a time, whichever its code: `support:{device}:{track}`. Undefined for one without stages. */
export function placeIn({ code, key }: { readonly code: AlertCode; readonly key: string }): string | undefined {
  const cause = CAUSE_OF[code];
  return cause && `${cause}${key.slice(code.length)}`;
}

/** Undefined while it is far off, and for a warranty that is over. `at`: Unix milliseconds. */
export function stageOf({ cause, ends, stage }: Track, at: number): number | undefined {
  if (stage !== undefined) return stage;
  if (ends === undefined) return 0;
  const days = Math.floor((lastMomentOf(ends) - at) / DAY_MS);
  if (days < 0) return cause === 'warranty' ? undefined : 0;
  return STAGES[cause].findLast((limit) => days <= limit);
}

export function codeAt({ cause, exploited }: Track, stage: number): AlertCode {
  if (cause !== 'support') return CODE_OF[cause];
  if (stage > 0) return 'support-ending';
  return exploited ? 'known-exploited' : 'support-ended';
}

/** Something that guards lives and is past its end is as urgent as holes that are attacked. */
export function severityAt(track: Track, stage: number): AlertSeverity {
  const code = codeAt(track, stage);
  if (stage === 0 && track.guards) return 'critical';
  if (code === 'support-ending' && stage <= WARNING_DAYS) return 'warning';
  return code === 'replace-due' && stage > 0 ? 'info' : ALERT_CATALOGUE[code].severity;
}
