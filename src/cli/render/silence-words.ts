/** What is silenced, until when, by whom and why, in the words of all commands that show it. */
import { titleOf } from '../../agent/inventory/describe.ts';
import type { DeviceSummary } from '../../agent/inventory/device.ts';
import { duration } from '../../base/duration.ts';
import { dateWords } from '../../protocol/end-words.ts';
import type { Acknowledgement, SilenceMessage } from '../../protocol/messages.ts';
import { clockTime } from './words.ts';

export function silencedWhat({ device: id }: SilenceMessage, devices: readonly DeviceSummary[]): string {
  const device = devices.find((each) => each.id === id);
  if (id === undefined) return 'the whole house';
  return device ? titleOf(device) : id;
}

/** `silenced until 14:30:00 (12 min more) by anna because new rack` */
export function silenceWords({ endsAt, by, because }: SilenceMessage, now: number): string {
  const why = because === undefined ? '' : ` because ${because}`;
  return `silenced until ${clockTime(endsAt, now)} (${duration(endsAt - now)} more) by ${by}${why}`;
}

/** `planned for March 2027, acknowledged by Ben at the desk at 14:02:10: on my way` */
export function acknowledgedWords({ by, at, note, where, plannedFor }: Acknowledgement, now: number): string {
  const plan = plannedFor === undefined ? '' : `planned for ${dateWords(plannedFor)}, `;
  return `${plan}acknowledged by ${by}${where === 'desk' ? ' at the desk' : ''} at ${clockTime(at, now)}${note === undefined ? '' : `: ${note}`}`;
}
