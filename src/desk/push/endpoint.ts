/**
 * Where the desk posts for a browser. The address comes from whoever is signed in, so it is taken only where it leads to a push service: one of the makers of browsers, or one that the
 * settings name. Pure.
 */

/** Chrome and its like, Firefox, Edge, Safari. `*.` is any part of names before it. */
const OF_BROWSERS = ['fcm.googleapis.com', '*.push.services.mozilla.com', '*.notify.windows.com', '*.push.apple.com'] as const;

export const LONGEST_ENDPOINT = 2048;

/** A name, perhaps with `*.` before it and a port behind it. */
export const SERVICE_PATTERN = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]{0,61}[a-z0-9](:\d{1,5})?$/;

/** `services`: those of the settings. Undefined where the desk does not post there. */
export function endpointOf(text: unknown, services: readonly string[]): URL | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_ENDPOINT || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, username, password, hash, hostname, port } = url;
  if (protocol !== 'https:' || username !== '' || password !== '' || hash !== '') return undefined;
  return [...OF_BROWSERS, ...services].some((service) => fits(service, hostname, port)) ? url : undefined;
}

/** Only at the usual port, unless the settings name another. */
function fits(service: string, hostname: string, port: string): boolean {
  const [name = '', wanted = ''] = service.split(':');
  if (port !== wanted) return false;
  return name.startsWith('*.') ? hostname.endsWith(name.slice(1)) : hostname === name;
}
