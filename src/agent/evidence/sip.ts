/** SIP OPTIONS (RFC 3261, 11) to phones and door stations: they name maker, model and firmware in `User-Agent` or `Server`, and ring nobody. */
import { latin1 } from './byte-reader.ts';
import type { Finding, Reader } from './reader.ts';
import { toldFields } from './told.ts';

const PORT = 5060;
const MAX_BYTES = 4096;
const SIP_KINDS = new Set(['voip-phone', 'intercom', 'doorbell']);
const SIP_MAKERS =
  /\b(yealink|grandstream|polycom|poly|snom|fanvil|aastra|mitel|cisco|linksys|sipura|obihai|gigaset|audiocodes|avm|2n|doorbird|akuvox|htek|panasonic|patton|escene|unify)\b/i;

export function parseSip(datagram: Uint8Array): Finding | undefined {
  const text = latin1(datagram.subarray(0, MAX_BYTES));
  const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1];
  if (status === undefined) return undefined;
  const header = (name: string): string | undefined => new RegExp(`^${name}[ \\t]{0,8}:([^\\r\\n]{1,256})`, 'im').exec(text)?.[1]?.trim();
  const [server, userAgent] = [header('Server'), header('User-Agent')];
  return { fields: toldFields({ server, userAgent, banner: userAgent ?? server, status }) };
}

/** The answer goes back where the question came from, which is what `rport` asks for (RFC 3581): the hub names no address of its own. */
function question(ip: string): Uint8Array {
  const tag = Buffer.from(ip).toString('hex');
  return Buffer.from(
    [
      `OPTIONS sip:${ip}:${PORT} SIP/2.0`,
      `Via: SIP/2.0/UDP 0.0.0.0:${PORT};rport;branch=z9hG4bK${tag}`,
      'Max-Forwards: 1',
      `From: <sip:hearthbeat@invalid>;tag=${tag}`,
      `To: <sip:${ip}:${PORT}>`,
      `Call-ID: ${tag}@invalid`,
      'CSeq: 1 OPTIONS',
      'Accept: application/sdp',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}

export const sipReader: Reader = {
  name: 'sip',
  method: 'sip',
  about: 'Asks a phone or door station by SIP what it is; nothing rings.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 6, bytes: 2_048 },
  applies: ({ kind, vendor, openPorts, services }) =>
    openPorts.includes(PORT) || services.has('_sip._udp') || (kind !== undefined && SIP_KINDS.has(kind)) || SIP_MAKERS.test(vendor ?? ''),
  read: async ({ ip }, ask) => {
    const reply = await ask.datagram(PORT, question(ip), { tries: 2, accepts: (bytes) => parseSip(bytes) !== undefined });
    const finding = reply && parseSip(reply);
    return finding === undefined ? [] : [{ port: PORT, ...finding }];
  },
};
