/** The words for what `because` and `talks` of a device say, the same on the command line and on the page. */

const FACTS: Readonly<Record<string, string>> = { modelNumber: 'model number', serial: 'serial number' };

export function factWord(fact: string): string {
  const word = Object.hasOwn(FACTS, fact) ? FACTS[fact]! : fact;
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

const SOURCES: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^a person/, 'a person set it'],
  [/^mac registry/, 'register of hardware addresses'],
  [/^default gateway/, 'the home routes through it'],
  [/^upnp ?(.*)/, 'its UPnP description $1'],
  [/^ssdp ?(.*)/, 'its SSDP announcement $1'],
  [/^mdns host/, 'its mDNS host name'],
  [/^mdns (.*)/, 'its mDNS announcement $1'],
  [/^https? ?(?::(\d+))?/, 'its web page, port $1'],
  [/^tls ?(?::(\d+))?/, 'its TLS certificate, port $1'],
  [/^snmp/, 'its SNMP agent'],
  [/^(dns-name|dhcp)/, 'the name that the router knows'],
  [/^nut/, 'Network UPS Tools on it'],
  [/^unifi-console/, 'the UniFi console that manages it'],
  [/^pjlink/, 'its PJLink answer'],
  [/^wsd/, 'its WS-Discovery answer'],
  [/^sddp/, 'its SDDP announcement'],
  [/^netbios/, 'its Windows name'],
  [/^(ssh|ftp|telnet) ?(?::\d+)?/, 'its $1 greeting'],
];

/** `upnp MediaRenderer:1` is `its UPnP description MediaRenderer:1`; a source that is not listed is shown as it is. */
export function sourceWord(source: string): string {
  const known = SOURCES.find(([pattern]) => pattern.test(source));
  return known
    ? source
        .replace(known[0], known[1])
        .replace(/, port $/, '')
        .trim()
    : source;
}

/** How sure a statement is, in words that a person can weigh. */
export function sureWord(confidence: number): string {
  if (confidence >= 0.9) return 'certain';
  return confidence >= 0.7 ? 'very likely' : confidence >= 0.5 ? 'likely' : 'a guess';
}

/** `_airplay._tcp` is `airplay`, `ssdp roku:ecp` is `roku:ecp`. */
export function serviceWord(service: string): string {
  return service.replace(/^_([\w-]+)\._(?:tcp|udp)$/, '$1').replace(/^ssdp (?:urn:schemas-upnp-org:(?:device|service):)?/, '');
}
