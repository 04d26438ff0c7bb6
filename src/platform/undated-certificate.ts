/**
 * A TLS connection to a broker whose certificate's dates this machine cannot judge, because nobody has set its clock since it was started: many hubs have no battery for
 * theirs, and without the broker they learn no time. Everything but the dates is verified by hand, against the pinned authority alone; not a byte leaves before that. The
 * dates are judged by what is certainly past, and by the desk's time as soon as that is known (docs/decisions/0026).
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { isClockSynchronised } from './clock-synchronisation.ts';

/** What is known of the time where this machine's clock is not to be believed. Instants are Unix milliseconds. */
export type UnsureClock = {
  /** Whether it is known that nobody has set this machine's clock since it was started. */
  isUnset(): Promise<boolean>;
  /** An instant that is certainly past: when this program was written, or the desk's time when it was last heard. */
  past(): number;
  /** The present by the desk's clock, where that is known. */
  deskNow(): number | undefined;
};

export type UnsureClockSources = Pick<UnsureClock, 'past' | 'deskNow'> & {
  readonly clock: Clock;
  /** Undefined where nothing tells. */
  isSynchronised?(): Promise<boolean | undefined>;
};

/** Once somebody has set the clock it is right for as long as this process lives, also when the time server is out of reach later. */
export function createUnsureClock({ clock, past, deskNow, isSynchronised = isClockSynchronised }: UnsureClockSources): UnsureClock {
  let wasSet = false;
  return {
    past,
    deskNow,
    async isUnset() {
      if (wasSet) return false;
      const isSet = await isSynchronised();
      wasSet = isSet === true;
      return isSet === undefined ? clock.now().wallMs < past() : !isSet;
    },
  };
}

export type Validity = { readonly from: number; readonly to: number };

/** By the codes that Node has for it. */
export type CertificateFault = Error & { readonly code: string };

export type UndatedOptions = {
  readonly host: string;
  readonly port: number;
  /** PEM text of the authorities, at least one. */
  readonly ca: string;
  readonly clock: UnsureClock;
  onVerified(validity: Validity): void;
  /** The connection is gone then. */
  onRefused(fault: CertificateFault): void;
};

export function connectUndated({ host, port, ca, clock, onVerified, onRefused }: UndatedOptions): TLSSocket {
  const socket = connect({ host, port, ca, rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) });
  // A broker that is not the right one must not see the password. Node 24 sends nothing before the event below anyway (measured), and does not promise it.
  socket.cork();
  socket.once('secureConnect', () => {
    // Asked once: the second time Node 24 answers undefined (measured).
    const verified = verify(socket.getPeerX509Certificate(), { host, ca, clock });
    if (verified instanceof Error) {
      socket.destroy();
      onRefused(verified);
    } else {
      onVerified(verified);
      socket.uncork();
    }
  });
  return socket;
}

/** By the desk's time where that is known; until then only a certificate is refused that had ended when it was certainly later. */
export function faultOfDates({ from, to }: Validity, clock: UnsureClock): CertificateFault | undefined {
  const now = clock.deskNow();
  if (to < (now ?? clock.past())) return faultNamed('CERT_HAS_EXPIRED', 'certificate has expired');
  return now !== undefined && from > now ? faultNamed('CERT_NOT_YET_VALID', 'certificate is not yet valid') : undefined;
}

type Expected = Pick<UndatedOptions, 'host' | 'ca' | 'clock'>;

/** When it is valid, or what is wrong with it. It comes from whoever answered: what cannot be read is a fault too. */
function verify(leaf: X509Certificate | undefined, { host, ca, clock }: Expected): Validity | CertificateFault {
  try {
    if (!leaf) return faultNamed('ERR_NO_CERTIFICATE', 'it showed no certificate');
    const validity = { from: leaf.validFromDate.getTime(), to: leaf.validToDate.getTime() };
    return faultOf(leaf, host, authoritiesIn(ca)) ?? faultOfDates(validity, clock) ?? validity;
  } catch (error) {
    return faultNamed('ERR_UNREADABLE_CERTIFICATE', `its certificate cannot be read: ${error}`);
  }
}

/** Signed by a pinned authority itself, for servers where it says what it is for (RFC 5280, 4.2.1.12), and for this name. */
function faultOf(leaf: X509Certificate, host: string, authorities: readonly X509Certificate[]): CertificateFault | undefined {
  const isSigned = authorities.some((authority) => authority.ca && leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
  if (!isSigned) return faultNamed('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the certificate');
  const isForServers = leaf.keyUsage === undefined || leaf.keyUsage.includes(SERVERS);
  if (!isForServers) return faultNamed('INVALID_PURPOSE', 'unsuitable certificate purpose');
  return checkServerIdentity(host, leaf.toLegacyObject()) as CertificateFault | undefined;
}

const SERVERS = '1.3.6.1.5.5.7.3.1';

function authoritiesIn(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one));
}

function faultNamed(code: string, message: string): CertificateFault {
  return Object.assign(new Error(message), { code });
}
