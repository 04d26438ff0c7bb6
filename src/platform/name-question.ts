/** What a single device is called: by its own word (mDNS, asked directly, RFC 6762, 5.5) and by that of the home's resolver (DNS). */
import type { LanInterface } from '../agent/discovery/sighting.ts';
import { encodePtrQuestion, parsePtrAnswer } from '../agent/evidence/dns-message.ts';
import type { Random } from '../base/random.ts';
import { exchangeDatagram } from './asker-questions.ts';
import { resolversOf } from './router-names.ts';

const MDNS_PORT = 5353;
const DNS_PORT = 53;
const TIMEOUT_MS = 1_000;

export type NamesTold = { readonly mdns?: string; readonly dns?: string };

/** One datagram to the device and one to each resolver of this very link; never rejects. `ip` is IPv4. */
export async function askNames(ip: string, lan: LanInterface, random: Random): Promise<NamesTold> {
  const [mdns, ...told] = await Promise.all([
    nameFrom(ip, MDNS_PORT, ip, lan, random),
    ...resolversOf(lan).map((resolver) => nameFrom(resolver, DNS_PORT, ip, lan, random)),
  ]);
  const dns = told.find((name) => name !== undefined);
  return { ...(mdns === undefined ? {} : { mdns }), ...(dns === undefined ? {} : { dns }) };
}

async function nameFrom(server: string, port: number, ip: string, lan: LanInterface, random: Random): Promise<string | undefined> {
  const [high = 0, low = 0] = random.bytes(2);
  const question = encodePtrQuestion(high * 256 + low, ip, { recurse: port === DNS_PORT });
  const place = { ip: server, port, localAddress: lan.address, connectMs: TIMEOUT_MS, deadlineMs: TIMEOUT_MS };
  const accepts = (reply: Uint8Array): boolean => parsePtrAnswer(reply, question) !== undefined;
  const reply = await exchangeDatagram(place, { payload: question, timeoutMs: TIMEOUT_MS, accepts });
  return typeof reply === 'string' ? undefined : parsePtrAnswer(reply, question)?.[0];
}
