/** Where on the broker the mirror keeps what, by topic; everything of one home is below its own site's id, so that several hubs share a broker. */

export type MirrorPlace = {
  readonly site: string;
  /** Below which everything is, as `hearthbeat`. */
  readonly topic: string;
  /** Home Assistant's discovery prefix, as `homeassistant`. */
  readonly discovery: string;
};

/** What is shown of the hub and the house as a whole, beside the ids of devices. */
export const HUB_PAGE = 'hub';

/** `online`, or by the will `offline`. */
export const availabilityTopic = ({ topic, site }: MirrorPlace): string => `${topic}/${site}/status`;

/** JSON. */
export const stateTopic = ({ topic, site }: MirrorPlace, page: string): string => `${topic}/${site}/${page}/state`;

/** `<prefix>/device/<node>/<object>/config`: with the node, a hub can listen to its own alone. */
export const discoveryTopic = (place: MirrorPlace, page: string): string => `${discoveryBase(place)}${page}/config`;

/** Home Assistant says `online` and `offline` here. */
export const homeAssistantTopic = ({ discovery }: MirrorPlace): string => `${discovery}/status`;

export function mirrorSubscriptions(place: MirrorPlace): string[] {
  return [`${stateBase(place)}#`, `${discoveryBase(place)}+/config`, homeAssistantTopic(place)];
}

/** Whether only this hub's mirror writes there. */
export function isOwnTopic(place: MirrorPlace, topic: string): boolean {
  return topic.startsWith(stateBase(place)) || topic.startsWith(discoveryBase(place));
}

const stateBase = ({ topic, site }: MirrorPlace): string => `${topic}/${site}/`;
const discoveryBase = ({ discovery, site }: MirrorPlace): string => `${discovery}/device/hearthbeat_${site}/`;
