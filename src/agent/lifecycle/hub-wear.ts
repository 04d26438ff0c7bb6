/**
 * How near its end the hub's own storage is: the one part of it that wears out by what it does. Told as the end of a device like any other, in two steps. A hub that
 * stops for it takes its memory of the home with it, and nobody sees it coming but the storage itself.
 */
import { HUB_ID } from '../../base/ids.ts';
import type { Standing } from './look.ts';
import type { Track } from './tracks.ts';

/** What an eMMC tells of its own wear; memory cards tell none. */
export type StorageWear = {
  /** In which tenth of its estimated life it is; 11 when that is over. */
  readonly lifeTenths?: number;
  /** What is left of the blocks that stand in for worn ones. */
  readonly reserve?: 'normal' | 'low' | 'nearly gone';
  /** Written by everything on the machine, on average since it started. */
  readonly bytesADay?: number;
};

/** The last tenth but one of its life is the time to act: what is left is an estimate. */
const WORN_TENTHS = 9;

/** `over`: it may fail any day. */
export function wearState({ lifeTenths = 0, reserve }: StorageWear): 'over' | 'near' | undefined {
  if (reserve === 'nearly gone' || lifeTenths > 10) return 'over';
  return reserve === 'low' || lifeTenths >= WORN_TENTHS ? 'near' : undefined;
}

/** `, 80 to 90 % of its life used, its spare blocks low`: to go on with a sentence. */
export function wearWords({ lifeTenths, reserve }: StorageWear): string {
  const range = lifeTenths !== undefined && `${(lifeTenths - 1) * 10} to ${lifeTenths * 10} % of its life used`;
  const life = lifeTenths === undefined ? '' : `, ${lifeTenths > 10 ? 'more than its estimated life used' : range}`;
  return `${life}${reserve === undefined || reserve === 'normal' ? '' : `, its spare blocks ${reserve}`}`;
}

/** Nothing where it does not tell, or is well. */
export function hubStanding(wear: StorageWear | undefined): Standing[] {
  const state = wear && wearState(wear);
  if (!state) return [];
  const track: Track = {
    device: HUB_ID,
    cause: 'replace',
    name: 'storage',
    stage: state === 'over' ? 0 : 365,
    why: `Its storage (eMMC) nears its end${wearWords(wear)}.`,
    more: `${state === 'over' ? 'It may fail any day: replace the hub, or copy it to a new storage, now.' : 'Plan a new hub, or a new storage for it.'} Evidence: told by the device, its own registers (JESD84-B51, life time and pre-end-of-life).`,
  };
  return [{ device: HUB_ID, tracks: [track] }];
}
