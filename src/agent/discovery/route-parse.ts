/** Reads the texts in which Linux shows its routes and resolvers: /proc/net/route and resolv.conf. Total: lines that cannot be read are left out. */
import { isIP } from 'node:net';

/** A default route by IPv4; `metric` as the kernel compares it, lower first. */
export type DefaultRoute = { readonly interface: string; readonly gateway: string; readonly metric: number };

const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;

/** Default routes that name a gateway, the preferred one first. Columns: Iface Destination Gateway Flags RefCnt Use Metric Mask ... */
export function parseDefaultRoutes(procNetRoute: string): DefaultRoute[] {
  const routes: DefaultRoute[] = [];
  for (const line of procNetRoute.split('\n').slice(1)) {
    const [name, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
    if (name === undefined || destination !== '00000000' || mask !== '00000000' || !isHexWord(gateway)) continue;
    const wanted = RTF_UP | RTF_GATEWAY;
    if ((Number.parseInt(flags ?? '', 16) & wanted) !== wanted) continue;
    routes.push({ interface: name, gateway: fromLittleEndian(gateway), metric: Number(metric) || 0 });
  }
  return routes.sort((a, b) => a.metric - b.metric);
}

/** The servers of `nameserver` lines, in order, zone indices removed. */
export function parseNameServers(resolvConf: string): string[] {
  const servers = [...resolvConf.matchAll(/^[ \t]*nameserver[ \t]+([^\s#;%]+)/gm)].map((match) => match[1] as string);
  return servers.filter((server) => isIP(server) !== 0);
}

const isHexWord = (text: string | undefined): text is string => /^[0-9A-F]{8}$/i.test(text ?? '');

/** The kernel prints the address in the byte order of the machine, little-endian wherever Node runs. */
function fromLittleEndian(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}
