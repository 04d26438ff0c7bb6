/** Names as people would say them: without the addresses, ids and MAC endings that protocols add to keep instance names apart. */

const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const ID_BEFORE_AT = /^[\w-]*[0-9a-f]{12}[\w-]*@(?=.)/i; // RFC 6763 leaves names free; AirPlay 1 and Sonos put `AABBCCDDEEFF@` first
const ADDRESS_BEFORE = new RegExp(`^${IPV4}\\s*-\\s*`);
const ADDRESS_BEHIND = new RegExp(`\\s*[([]${IPV4}[)\\]]$|\\s+-?\\s*${IPV4}$`);
const MAC_BEHIND = /\s*[[(]?(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}[\])]?$/i; // avahi: `raspberrypi [d8:3a:dd:00:00:01]`
const RINCON_BEHIND = /\s*-\s*RINCON_[0-9A-F]+$/i;
const NO_NAME = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{8,}|[\d\W_]*)$/i;

/** The name without decoration; undefined when it is only an address, a number or an id. `macs` are the device's own. */
export function cleanName(text: string, macs: readonly string[]): string | undefined {
  const plain = [ID_BEFORE_AT, ADDRESS_BEFORE, RINCON_BEHIND, ADDRESS_BEHIND, MAC_BEHIND].reduce(
    (name, noise) => name.replace(noise, ''),
    text.trim(),
  );
  const name = macs.reduce(withoutMacEnding, plain).trim();
  return name.length < 2 || NO_NAME.test(name) ? undefined : name;
}

/** `Hue Bridge - 4A210F` of ...:4a:21:0f is `Hue Bridge`. What would leave less than three letters stays. */
function withoutMacEnding(name: string, mac: string): string {
  const hex = mac.replaceAll(':', '');
  for (const ending of [hex, hex.slice(6), hex.slice(8)]) {
    const shorter = name.replace(new RegExp(`[\\s_-]*[[(]?${ending}[\\])]?$`, 'i'), '');
    if (shorter !== name) return (shorter.match(/\p{L}/gu) ?? []).length < 3 ? name : shorter;
  }
  return name;
}
