/** The hub's line to its desk, as the hub sees it: since when the desk is out of reach, and what was wrong on the way meanwhile. Pure. */
import type { Instant } from '../../base/clock.ts';
import type { HealthState } from '../../protocol/messages.ts';

/** The nearest fault to the hub that was seen while the desk was out of reach, or that there was none. */
export type OnTheWay = 'link' | 'router' | 'page' | 'internet' | 'unknown' | 'nothing';

export type Line = {
  /** Since this process started. */
  readonly everHeard: boolean;
  readonly cutSince?: Instant;
  readonly saw: OnTheWay;
};

export type LineInputs = {
  /** The desk has answered on the connection that there is. */
  readonly heard: boolean;
  readonly hubLink: boolean | null;
  readonly gateway: HealthState | undefined;
  readonly internet: HealthState;
  /** A sign-in page answers for it. */
  readonly isCaptive: boolean;
  readonly now: Instant;
};

const HEARD: Line = { everHeard: true, saw: 'nothing' };
const NEAREST: readonly OnTheWay[] = ['link', 'router', 'page', 'internet', 'unknown', 'nothing'];

/** The line of a process that starts now. */
export const newLine = (now: Instant): Line => ({ everHeard: false, cutSince: now, saw: 'nothing' });

/** The same object where nothing changed. */
export function watchLine(before: Line, inputs: LineInputs): Line {
  if (inputs.heard) return before.cutSince === undefined ? before : HEARD;
  const seen = seenOn(inputs);
  if (before.cutSince === undefined) return { everHeard: true, cutSince: inputs.now, saw: seen };
  return NEAREST.indexOf(seen) < NEAREST.indexOf(before.saw) ? { ...before, saw: seen } : before;
}

function seenOn({ hubLink, gateway, internet, isCaptive }: LineInputs): OnTheWay {
  if (hubLink === false) return 'link';
  if (gateway === 'down') return 'router';
  if (internet === 'down') return isCaptive ? 'page' : 'internet';
  return internet === 'up' ? 'nothing' : 'unknown';
}

export const LINE_WORDS: Readonly<Record<OnTheWay, string>> = {
  link: "the hub's own network link was down",
  router: 'the router did not answer',
  page: 'a sign-in page answered for the internet',
  internet: 'the home had no internet',
  unknown: 'whether the home had internet is not known',
  nothing: 'the home had internet all along, so it was the broker or the way to it',
};
