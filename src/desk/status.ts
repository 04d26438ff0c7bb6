/** How the desk itself is: shown by the CLI and on the page, because a desk that cannot hear must not look calm. */
import type { LinkState } from '../base/mqtt.ts';
import type { ReceiverStatus } from './notices/notices.ts';

export type DeskStatus = {
  /** Connection to the broker; while it is down the desk is deaf and what it shows is old. */
  readonly link: LinkState;
  /** False while hubs still have time to come back after the desk began to listen; then none is called silent. */
  readonly settled: boolean;
  /** Why the desk cannot store now. */
  readonly problem?: string;
  readonly counts: IngestCounts;
  /** Where people are told of tickets outside the page. */
  readonly receivers?: readonly ReceiverStatus[];
};

/**
 * Messages since the start. `duplicates` were acknowledged again; `dropped` found the queue full and will be sent again by their hub.
 * `overLimit` are devices and alerts that a home has too many of; its history holds them all the same.
 */
export type IngestCounts = {
  received: number;
  entries: number;
  duplicates: number;
  malformed: number;
  unknownSites: number;
  overLimit: number;
  dropped: number;
  failedBatches: number;
};
