/**
 * What servers say before anybody asked: the SSH identification line (RFC 4253, 4.2), the FTP greeting (RFC 959, 5.4) and the telnet login
 * banner. The hub connects, reads and leaves; it sends nothing and never logs in.
 */
import { latin1 } from './byte-reader.ts';
import type { Finding, Reader } from './reader.ts';
import { toldFields } from './told.ts';

const MAX_BYTES = 1024;
const DAY_MS = 24 * 3_600_000;

/** `SSH-2.0-dropbear_2020.81`; a server may say other lines before it. */
export function parseSsh(said: Uint8Array): Finding | undefined {
  const banner = /^SSH-[\d.]{1,8}-[^\r\n]{1,253}/m.exec(latin1(said.subarray(0, MAX_BYTES)))?.[0];
  return banner === undefined ? undefined : { fields: toldFields({ banner }) };
}

/** The text of the greeting without its code; lines of one greeting follow each other. */
export function parseFtp(said: Uint8Array): Finding | undefined {
  const text = latin1(said.subarray(0, MAX_BYTES));
  if (!/^220[ -]/.test(text)) return undefined;
  const fields = toldFields({ banner: text.replace(/^220[ -]/gm, '') });
  return fields.banner === undefined ? undefined : { fields };
}

const IAC = 255;
const SUBNEGOTIATION = 250;
const END_OF_SUBNEGOTIATION = 240;
const FIRST_OPTION_VERB = 251;

/** The banner without the negotiation (RFC 854): three bytes each, or from SB to SE. */
export function parseTelnet(said: Uint8Array): Finding | undefined {
  const bytes = said.subarray(0, MAX_BYTES);
  const text: number[] = [];
  let isNegotiation = false;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== IAC) {
      if (!isNegotiation) text.push(bytes[at]!);
      continue;
    }
    const verb = bytes[++at] ?? 0;
    if (verb === SUBNEGOTIATION) isNegotiation = true;
    else if (verb === END_OF_SUBNEGOTIATION) isNegotiation = false;
    else if (verb >= FIRST_OPTION_VERB && verb < IAC) at++;
  }
  const fields = toldFields({ banner: latin1(Uint8Array.from(text)) });
  return fields.banner === undefined ? undefined : { fields };
}

type Greeting = {
  readonly name: 'ssh' | 'ftp' | 'telnet';
  readonly port: number;
  readonly about: string;
  readonly parse: (said: Uint8Array) => Finding | undefined;
  /** When enough was read; otherwise half a second of silence ends it. */
  readonly isWhole: (said: Uint8Array) => boolean;
};

function greetingReader({ name, port, about, parse, isWhole }: Greeting): Reader {
  return {
    name,
    method: name,
    about,
    everyMs: DAY_MS,
    budget: { packets: 12, bytes: 1_024 },
    applies: ({ openPorts, services }) => openPorts.includes(port) || services.has(`_${name}._tcp`),
    read: async (_, ask) => {
      const said = await ask.conversation(port, { maxBytes: MAX_BYTES, until: isWhole });
      const finding = said && parse(said);
      return finding === undefined ? [] : [{ port, ...finding }];
    },
  };
}

export const sshReader = greetingReader({
  name: 'ssh',
  port: 22,
  about: 'Reads the identification line of an SSH server and leaves.',
  parse: parseSsh,
  isWhole: (said) => /^SSH-[^\n]*\n/m.test(latin1(said)),
});

export const ftpReader = greetingReader({
  name: 'ftp',
  port: 21,
  about: 'Reads the greeting of an FTP server and leaves.',
  parse: parseFtp,
  isWhole: (said) => /^220 [^\n]*\n/m.test(latin1(said)),
});

export const telnetReader = greetingReader({
  name: 'telnet',
  port: 23,
  about: 'Reads the banner of a telnet server and leaves.',
  parse: parseTelnet,
  isWhole: () => false,
});
