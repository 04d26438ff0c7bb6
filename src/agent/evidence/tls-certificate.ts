/**
 * The reader `tls`: the certificate a device shows, before any trust is decided. Its names often carry maker and model, and its end is worth
 * a warning. A certificate becomes an identifier only where it was made for this one device: makers also ship one for all.
 */
import type { Asker, CertificateFacts, Finding, Reader, Target } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

/** Web pages and NAS first, then the doors that makers guard: Samsung (8002), Lutron (8081, 8083), Sonos (1443), IPP over TLS (631). */
const PORTS = [443, 5001, 8443, 8002, 8081, 8083, 1443, 631];
const MOST_PORTS = 2;
const DAY_MS = 86_400_000;
/** Cast devices make themselves a new certificate every two days: that identifies nobody. */
const SHORT_LIVED_MS = 60 * DAY_MS;

export const tlsReader: Reader = {
  name: 'tls',
  method: 'tls',
  about: 'Looks at the certificate of up to two TLS ports: for whom it was made, by whom, and when it ends.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 32, bytes: 4_096 },
  applies: (target) => portsToAsk(target).length > 0,
  read: readCertificates,
};

function portsToAsk(target: Target): number[] {
  return PORTS.filter((port) => target.openPorts.includes(port)).slice(0, MOST_PORTS);
}

async function readCertificates(target: Target, ask: Asker): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const port of portsToAsk(target)) {
    const certificate = await ask.certificate(port);
    if (certificate) found.push(certificateFinding(certificate, port));
  }
  return found;
}

export function certificateFinding(certificate: CertificateFacts, port: number): Finding {
  const { subject, issuer, names, validFrom, validTo, fingerprint } = certificate;
  const fields = toldFields({
    subject,
    issuer,
    names: names.slice(0, 16).join(' '),
    validFrom,
    validTo,
    selfSigned: subject === issuer ? 'yes' : 'no',
  });
  return { port, fields, identifiers: madeForOne(certificate) ? toldIdentifiers({ certificate: fingerprint }) : [] };
}

/** Whether the name could only be this device's own: it carries a MAC, a serial number or a UUID, and the certificate is meant to last. */
function madeForOne({ subject, names, validFrom, validTo }: CertificateFacts): boolean {
  if (validTo - validFrom < SHORT_LIVED_MS) return false;
  return [subject, ...names.slice(0, 16)].some((text) => words(text).some(isOwnNumber));
}

function words(text: string): string[] {
  return text.slice(0, 512).split(/[\s,=_./]+/);
}

/** `847D94D9` of a bridge, `00:11:32:aa:bb:cc`, a UUID, a long serial number; not `20240101`, `DS920` or a word. */
function isOwnNumber(word: string): boolean {
  const number = /[0-9a-f]{8,}$/i.exec(word.replace(/[:-]/g, ''))?.[0] ?? '';
  const digits = (text: string): number => text.replace(/\D/g, '').length;
  const last = number.slice(-8);
  return number.length >= 12 ? digits(number) >= 2 : digits(last) >= 4 && digits(last) < last.length;
}
