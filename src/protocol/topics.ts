/**
 * The topics between hub and desk: `hb1/{partition}/{site}/up|dn/{channel}`. The hub may only write under `up` and read under `dn` of its own site.
 */
import { createHash } from 'node:crypto';
import { ID_PATTERN } from '../base/ids.ts';

/** Major version of the contract; a breaking change is `hb2`. */
export const TOPIC_ROOT = 'hb1';

/** From hub to desk: presence, heartbeat, ordered entries. */
export type UpChannel = 'status' | 'hb' | 'ev';
/** From desk to hub: session grant, acknowledgement of entries, commands: what people at the desk decided, and what the hub told of ends and forgot. */
export type DownChannel = 'grant' | 'ack' | 'cmd';

/** Two hex digits that spread sites over 256 fixed partitions, so that desk processes can share the work: first byte of SHA-256(site). */
export function partitionOf(site: string): string {
  return createHash('sha256').update(site).digest('hex').slice(0, 2);
}

export function upTopic(site: string, channel: UpChannel): string {
  return `${TOPIC_ROOT}/${partitionOf(site)}/${site}/up/${channel}`;
}

export function downTopic(site: string, channel: DownChannel): string {
  return `${TOPIC_ROOT}/${partitionOf(site)}/${site}/dn/${channel}`;
}

/** All that the desk listens to. */
export const DESK_SUBSCRIPTION = `${TOPIC_ROOT}/+/+/up/+`;

/** The parts of an upward topic; undefined for a foreign topic, an impossible site or a partition that does not belong to the site. */
export function parseUpTopic(topic: string): { site: string; channel: UpChannel } | undefined {
  const [root, partition, site, direction, channel, ...rest] = topic.split('/');
  if (root !== TOPIC_ROOT || direction !== 'up' || rest.length > 0 || site === undefined || !ID_PATTERN.test(site)) return undefined;
  if (partition !== partitionOf(site)) return undefined;
  return channel === 'status' || channel === 'hb' || channel === 'ev' ? { site, channel } : undefined;
}
