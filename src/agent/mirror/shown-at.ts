/** Where this hub was shown last, without any secret, so that other settings do not leave its old picture on the broker for ever. Pure. */
import { z } from 'zod';
import { CHOSEN_TOPIC, withoutAccount } from '../../base/mqtt-names.ts';
import type { MirrorPlace } from './place.ts';

const topicSchema = z.string().regex(CHOSEN_TOPIC.pattern).max(CHOSEN_TOPIC.letters);
const shownSchema = z.object({ brokers: z.array(z.string()), topic: topicSchema, discovery: topicSchema });
type Shown = z.infer<typeof shownSchema>;

/** As it is kept. */
export function shownAt(urls: readonly string[], { topic, discovery }: MirrorPlace): string {
  return JSON.stringify({ brokers: urls.map(withoutAccount), topic, discovery } satisfies Shown);
}

/** Where it was shown on the same broker under other topics. */
export function formerPlace(kept: string, urls: readonly string[], { site, topic, discovery }: MirrorPlace): MirrorPlace | undefined {
  const before = readShown(kept);
  if (!before?.brokers.some((broker) => urls.map(withoutAccount).includes(broker))) return undefined;
  const isSame = before.topic === topic && before.discovery === discovery;
  return isSame ? undefined : { site, topic: before.topic, discovery: before.discovery };
}

/** For a person, where the settings name no broker any more. */
export function leftBehind(kept: string, site: string): string | undefined {
  const before = readShown(kept);
  if (!before) return undefined;
  const { brokers, topic } = before;
  return `The mirror was taken out of the settings, and ${brokers.join(' or ')} still shows this home below ${topic}/${site}: put it back with show: false, which takes all of it away.`;
}

/** Undefined for what is none: the row may have been saved from a damaged disk. */
function readShown(kept: string): Shown | undefined {
  try {
    return shownSchema.safeParse(JSON.parse(kept)).data;
  } catch {
    return undefined;
  }
}
