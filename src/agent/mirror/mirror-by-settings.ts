/** The mirror as the settings want it, and what becomes of the picture of the settings before. */
import { HearthbeatError } from '../../base/errors.ts';
import type { MqttLink } from '../../base/mqtt.ts';
import { createMirror, type Mirror, type MirrorDeps } from './mirror.ts';
import type { House } from './picture.ts';
import { formerPlace, leftBehind, shownAt } from './shown-at.ts';

export type MirrorWish = Pick<MirrorDeps, 'clock' | 'random' | 'log' | 'frame' | 'isShown'> & {
  /** Of the broker; none: there is to be no mirror. */
  readonly urls: readonly string[];
  /** Where this hub was shown last, as `keep` was given it; empty for nowhere. */
  readonly before: string;
  keep(shown: string): void;
  /** Throws HearthbeatError where a file that the settings name is of no use. */
  openLink(): MqttLink;
};

/** A mirror whose settings are gone can only be spoken of: how the broker is reached is not known any more. */
export function mirrorBySettings(wish: MirrorWish): ((house: () => House) => Mirror) | undefined {
  const { urls, before, keep, openLink, ...deps } = wish;
  const { isShown, log } = deps;
  const { place } = deps.frame;
  if (urls.length === 0) {
    const words = leftBehind(before, place.site);
    if (words !== undefined) log.warn(words);
    if (before !== '') keep('');
    return undefined;
  }
  try {
    const link = openLink();
    const former = formerPlace(before, urls, place);
    const onSettled = (): void => keep(isShown ? shownAt(urls, place) : '');
    return (house) => createMirror({ ...deps, link, ...(former ? { former } : {}), house, onSettled });
  } catch (error) {
    if (!(error instanceof HearthbeatError)) throw error;
    const problem = `${error.message} ${error.fix} Then start hearthbeat again.`;
    log.error('The house is watched, and not shown.', { problem });
    return () => closedMirror(isShown, problem);
  }
}

/** In place of one that cannot be: a house that is not shown is watched all the same. */
function closedMirror(isShown: boolean, problem: string): Mirror {
  const status = { connected: false, isShown, isDone: false, kept: 0, waiting: 0, ignored: 0, problem };
  return { start() {}, stop: () => Promise.resolve(), status: () => status };
}
