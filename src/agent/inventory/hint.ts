/** What would tell more about a device that is not known well enough: one sentence for people. */
import { ipFamily } from '../../base/ip-address.ts';
import type { Device } from './device.ts';
import { bestFact } from './facts.ts';
import { hasUniversalMac } from './identifiers.ts';

/** Undefined where kind and model are known. */
export function hintFor(device: Device): string | undefined {
  const [kind, model] = [bestFact(device.facts, 'kind'), bestFact(device.facts, 'model')];
  if (kind !== undefined && model !== undefined) return undefined;
  const page = pageOf(device);
  const lookThere = page && `What it shows at ${page} may tell.`;
  if (kind !== undefined) return lookThere ?? (device.personal ? undefined : 'Its label or its app tells the model.');
  if (!hasUniversalMac(device) && !device.isGateway)
    return 'Its address is a private one, as phones and laptops use: ask in the house whose it is.';
  if (lookThere) return lookThere;
  if (device.ports.length > 0)
    return `It takes connections on port ${device.ports.slice(0, 4).join(', ')}, and says nothing there that is known.`;
  return 'It offers nothing on the network: its label tells, or what stops working when it is unplugged.';
}

function pageOf({ ports, addresses }: Device): string | undefined {
  const ip = addresses.find((address) => ipFamily(address.ip) === 4)?.ip;
  if (ip === undefined) return undefined;
  if (ports.includes(80)) return `http://${ip}/`;
  if (ports.includes(443)) return `https://${ip}/`;
  return ports.includes(8080) ? `http://${ip}:8080/` : undefined;
}
