/** What people write of a broker: its URL, and the topics that they choose there. */

/** Of a topic that people choose: no wildcards and nothing empty between slashes (MQTT 5, 4.7); what begins with `$` belongs to the broker. */
export const CHOSEN_TOPIC = { pattern: /^[\w-]+(\/[\w-]+)*$/, letters: 64 };

/** For people to read: some put a user name and password into the URL, and of several `@` the last ends them (URL standard, 4.4). */
export function withoutAccount(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//');
}
