/**
 * Evidence that is asked for. A reader knows one protocol: which devices are worth asking, what to send, and what the answer says. It does
 * no I/O of its own: it asks through an `Asker` that is bound to one device and keeps its budget, so that a reader can neither reach another
 * host nor spend more than its share. No reader ever sends a password it was not given in the settings.
 */
import type { EvidenceMethod, ToldIdentifier, ToldPort, ToldTopology } from '../discovery/sighting.ts';
import type { DeviceKind } from '../inventory/kinds.ts';

/** One device to ask, as far as it is known already. */
export type Target = {
  /** The hub's interface that leads to it. */
  readonly interface: string;
  readonly ip: string;
  readonly mac?: string;
  readonly vendor?: string;
  readonly kind?: DeviceKind;
  /** TCP ports that it announced or that were found open. */
  readonly openPorts: readonly number[];
  /** DNS-SD service types it announced (`_airplay._tcp`) and SSDP targets (`ssdp roku:ecp`), lower case. */
  readonly services: ReadonlySet<string>;
};

/** What one answer says: flat fields for the fingerprints, and identifiers for the identity. Text is cleaned and capped by the reader. */
export type Finding = {
  readonly port?: number;
  /** Names as in config/fingerprints, at most 48; values at most 512 characters. */
  readonly fields: Readonly<Record<string, string>>;
  readonly identifiers?: readonly ToldIdentifier[];
  /** TCP ports found open; only the reader `ports` says this. */
  readonly openPorts?: readonly number[];
  /** Which MACs are behind which port; only the reader `snmp` says this. */
  readonly topology?: ToldTopology;
  /** What it counted on its wired ports; only the reader `snmp` says this. */
  readonly ports?: readonly ToldPort[];
};

export type Budget = { readonly packets: number; readonly bytes: number };

export type Reader = {
  /** As in the settings, and the `on` of its fingerprints: `http`, `snmp`, `roku`. */
  readonly name: string;
  readonly method: EvidenceMethod;
  /** One sentence for people: what is asked and what it tells. */
  readonly about: string;
  /** How often a device that answered is asked again. */
  readonly everyMs: number;
  /** The most that is sent to one device in a day. */
  readonly budget: Budget;
  /** Whether this device is worth asking. Called often: no work here. */
  applies(target: Target): boolean;
  /** Never rejects for what a device does; no answer is an empty list. */
  read(target: Target, ask: Asker): Promise<readonly Finding[]>;
};

export type HttpQuestion = {
  readonly port: number;
  readonly tls?: boolean;
  readonly method?: 'GET' | 'POST' | 'HEAD' | 'OPTIONS';
  /** Starts with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** 64 KiB unless told. What is longer is cut, not refused. */
  readonly maxBytes?: number;
};

export type HttpAnswer = {
  readonly status: number;
  /** Names in lower case; at most 32, values at most 512 characters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** What a TLS server showed before any trust was decided. */
export type CertificateFacts = {
  /** RFC 4514 order as OpenSSL prints it: `CN=nas,O=Synology Inc.`; at most 512 characters each. */
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** Unix milliseconds. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly serialNumber: string;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
};

/**
 * Asks the one device it is bound to. Every method has a deadline and a cap, resolves to undefined when nothing came (silent, refused,
 * broken, over budget) and never rejects.
 */
export interface Asker {
  connects(port: number): Promise<'open' | 'closed' | 'silent'>;
  /** One datagram to the port; the first reply from that address and port that `accepts` takes. Default: 1 try, 1,000 ms. */
  datagram(
    port: number,
    payload: Uint8Array,
    options?: { readonly tries?: number; readonly timeoutMs?: number; readonly accepts?: (reply: Uint8Array) => boolean },
  ): Promise<Uint8Array | undefined>;
  /** Connects, sends, reads until `until` is satisfied, the peer ends, nothing comes for 500 ms after the first byte, or the cap. */
  conversation(
    port: number,
    options: {
      readonly send?: Uint8Array;
      readonly maxBytes?: number;
      readonly tls?: boolean;
      readonly until?: (soFar: Uint8Array) => boolean;
    },
  ): Promise<Uint8Array | undefined>;
  /** No redirect is followed, no name resolved, no compressed body taken, no cookie kept. */
  http(question: HttpQuestion): Promise<HttpAnswer | undefined>;
  certificate(port: number): Promise<CertificateFacts | undefined>;
}

/**
 * A protocol that is asked of everyone at once, or that devices shout by themselves: WS-Discovery, SDDP, Kasa, ... A finding belongs to
 * the sender of the datagram.
 */
export type GroupReader = {
  readonly name: string;
  readonly method: EvidenceMethod;
  readonly about: string;
  /** Sent on each interface in each round; the answers come to the socket that asked. */
  readonly questions: readonly {
    readonly to: 'broadcast' | `${number}.${number}.${number}.${number}`;
    readonly port: number;
    /** A function gets 16 fresh random bytes, for protocols that number their questions: devices take an equal one for a repetition. */
    readonly payload: Uint8Array | ((nonce: Uint8Array) => Uint8Array);
  }[];
  /** Where devices shout without being asked. */
  readonly listen: readonly { readonly port: number; readonly group?: string }[];
  /** Never throws; undefined for what is not of this protocol, a finding without fields for what is but tells nothing of its sender. */
  parse(datagram: Uint8Array): Finding | undefined;
};
