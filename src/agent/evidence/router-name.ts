/**
 * The name under which the home's own resolver knows an address. Routers fill it from their DHCP leases, so it is mostly the name that the
 * device gave itself: `ESP_1A2B3C`, `RLC-520A`, `Annas-iPhone`. It is the router that speaks, so it proves no life and may be of an
 * earlier tenant.
 */
import type { Finding } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

/** Fields `hostname` (the first label, as DHCP has it) and `domain`. Undefined for a name that was made of the address, or names nobody. */
export function findingOfName(name: string, ip: string): Finding | undefined {
  const [host = '', ...rest] = name.replace(/\.$/, '').split('.');
  if (host === '' || isMadeOf(name, ip) || /^(localhost|unknown|_gateway|dhcp\d*|host\d*)$/i.test(host)) return undefined;
  const domain = rest.join('.');
  if (/\.arpa$/i.test(domain)) return undefined;
  return { fields: toldFields({ hostname: host, domain }), identifiers: toldIdentifiers({ 'dhcp-name': host }) };
}

/** `192-168-1-23.lan`, `host-23.1.168.192`, `ip192168001023`: provider and router templates. */
function isMadeOf(name: string, ip: string): boolean {
  const digits = name.replace(/\D+/g, ' ').trim();
  const parts = ip.split('.');
  const forms = [parts, parts.toReversed()].flatMap((order) => [order.join(' '), order.map((part) => part.padStart(3, '0')).join('')]);
  return forms.some((form) => digits.includes(form));
}
