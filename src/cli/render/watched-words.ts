/** How a device is watched, in sentences: how soon its failure is noticed and who is asked to act, how it does its work, and whether it did better before. */
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { duration } from '../../base/duration.ts';

type Watched = Pick<
  DeviceView,
  'state' | 'profile' | 'detectWithinMs' | 'detectBecause' | 'reportAfterMs' | 'explainedBy' | 'personal' | 'decline' | 'serving'
>;

/** What is told beside its state: nothing where there is nothing to tell. */
export function servingLines({ decline, serving }: Pick<Watched, 'decline' | 'serving'>): string[] {
  return [...(decline === undefined ? [] : [decline]), ...(serving === undefined ? [] : [`What it is there for: ${serving.join('; ')}.`])];
}

/** The two figures that are promised of it, or who is asked about in its place. */
export function promiseWords(device: Watched): string {
  const { profile, detectWithinMs, detectBecause, reportAfterMs, explainedBy, personal, state } = device;
  const because = detectBecause === undefined ? '' : `, ${detectBecause}`;
  const noticed = `It is watched as "${profile}": silence is noticed within ${duration(detectWithinMs)}${because}`;
  if (personal) return `${noticed}.`;
  if (explainedBy !== undefined) return `${noticed}. The desk is not asked about it: ${explainedBy} explains its silence.`;
  if (state === 'unreachable') return `${noticed}. The desk is not asked about it, but about what it is behind.`;
  if (reportAfterMs !== undefined) return `${noticed}, and the desk is asked to act ${duration(reportAfterMs)} later.`;
  if (profile !== 'resting' && profile !== 'battery')
    return `${noticed} and reported to nobody: the settings of this home leave devices of its kind out (policy.kinds).`;
  return `${noticed} and reported to nobody: such devices sleep or are switched off. "hearthbeat device set" with critical=yes changes that.`;
}
