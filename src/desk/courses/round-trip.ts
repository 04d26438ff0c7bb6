/** How long answers took when a device changed. */
import type { DeviceStateMessage } from '../../protocol/messages.ts';

/** Nobody waits for an answer for longer than that; a hub that says so is wrong, and the database holds no more. */
const LONGEST_US = 600_000_000;

/** The middle one of those that the newest answers took, in microseconds; null where none is told. */
export function roundTripOf({ evidence }: Pick<DeviceStateMessage, 'evidence'>): number | null {
  const took = (evidence?.attempts ?? []).flatMap(({ outcome, rttMs }) => (outcome === 'answered' && rttMs !== undefined ? [rttMs] : []));
  const middle = took.sort((a, b) => a - b)[took.length >> 1];
  return middle === undefined ? null : Math.min(Math.round(middle * 1000), LONGEST_US);
}
