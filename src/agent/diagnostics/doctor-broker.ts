/** What `hearthbeat doctor` concludes about the way to the desk's broker: which step failed, whose fault that is, and what mends it. Pure. */
import { ipFamily } from '../../base/ip-address.ts';
import { type Finding, ok, problem, skipped } from './doctor-check.ts';

/** Why a TLS connection is not trusted: the code of OpenSSL or Node, and what the certificate says of its time (Unix milliseconds). */
export type Mistrust = { readonly code: string; readonly validFrom?: number; readonly validTo?: number };

/** How far one broker could be reached: the step that failed and why, or how the last one went. */
export type BrokerFacts = {
  readonly url: string;
  readonly failed?: { readonly step: 'name' | 'connect' | 'tls' | 'hang' | 'sign-in'; readonly why: string; readonly mistrust?: Mistrust };
  /** Why signing in was not tried. */
  readonly notSignedIn?: string;
};

type Trouble = { readonly what: string; readonly fix: string; readonly blames: readonly string[] };

export function judgeBroker(brokers: readonly BrokerFacts[]): Finding {
  if (brokers.length === 0) return skipped('No desk is set (uplink.brokers).');
  const reached = brokers.find(({ failed }) => failed === undefined);
  if (reached) {
    const how =
      reached.notSignedIn === undefined ? 'takes the user name and password' : `can be reached; not signed in: ${reached.notSignedIn}`;
    return ok(`${reached.url} ${how}.`);
  }
  const { url, failed } = brokers[0] as BrokerFacts;
  const { what, fix, blames } = troubleOf(failed as NonNullable<BrokerFacts['failed']>);
  return problem(`${url} ${what}.`, fix, isNamed(url) ? [...blames, 'dns'] : blames);
}

/** Where names are answered falsely, the machine that was reached is another one. */
const isNamed = (url: string): boolean => ipFamily(new URL(url).hostname.replaceAll(/[[\]]/g, '')) === undefined;

function troubleOf({ step, why, mistrust }: NonNullable<BrokerFacts['failed']>): Trouble {
  if (step === 'name') {
    return {
      what: `cannot be found: ${why}`,
      fix: 'Check the name in uplink.brokers.',
      blames: ['interfaces', 'gateway', 'internet'],
    };
  }
  if (step === 'connect') return unreached(why);
  if (step === 'tls') return mistrusted(why, mistrust);
  if (step === 'hang') {
    return {
      what: 'accepts the connection and says nothing',
      fix: 'Check that the port in uplink.brokers is that of MQTT; if it is, tell the support desk that its broker hangs.',
      blames: [],
    };
  }
  return {
    what: `refused to sign this hub in: ${why}`,
    fix: 'Check uplink.username and uplink.password (or passwordFile); the support desk can set a new password.',
    blames: [],
  };
}

/** A refusal comes from the broker's own machine, so the way there is whole. */
function unreached(why: string): Trouble {
  if (why.includes('ECONNREFUSED')) {
    return {
      what: 'is not there: its machine answers, but nothing listens at this port',
      fix: 'Check the port in uplink.brokers (1883 for mqtt, 8883 for mqtts); if it is right, tell the support desk that its broker is down.',
      blames: [],
    };
  }
  return {
    what: `cannot be reached: ${why}`,
    fix: 'Check the address in uplink.brokers, and that the router lets MQTT out; then ask the support desk whether its broker is up.',
    blames: ['interfaces', 'gateway', 'internet'],
  };
}

const day = (at: number | undefined): string => (at ? `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'another time');

function mistrusted(why: string, { code, validFrom, validTo }: Mistrust = { code: '' }): Trouble {
  if (code === 'CERT_NOT_YET_VALID') {
    return {
      what: `shows a certificate that is valid from ${day(validFrom)} on: by this hub's clock that is still to come`,
      fix: 'See whether the clock is right (date -u) and set it: sudo timedatectl set-ntp true. If it is right, tell the support desk.',
      blames: ['clock'],
    };
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return {
      what: `shows a certificate that ran out at ${day(validTo)}`,
      fix: 'See whether the clock is right (date -u). If it is, the support desk must renew the certificate of its broker.',
      blames: ['clock'],
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      what: 'shows a certificate that was made for another name',
      fix: 'Write the broker in uplink.brokers by the name that is in its certificate, or ask the support desk for the right one.',
      blames: [],
    };
  }
  if (AUTHORITY_UNKNOWN.has(code)) {
    return {
      what: 'shows a certificate that no authority known to this hub has signed',
      fix: 'Get the certificate of its authority (PEM) from the support desk and name the file in uplink.caFile.',
      blames: [],
    };
  }
  return {
    what: `does not speak TLS as mqtts needs it: ${why}`,
    fix: 'Check scheme and port in uplink.brokers (mqtt with 1883, mqtts with 8883).',
    blames: [],
  };
}

/** X509_verify_cert_error_string(3): the chain ends in nobody whom this hub trusts. */
const AUTHORITY_UNKNOWN = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);
