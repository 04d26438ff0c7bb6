/**
 * The reader `pjlink`: maker, model, lamp hours and faults of a projector (JBMIA, PJLink Specifications Class 1, 4: `INF1 ?`, `INF2 ?`, `LAMP ?`, `ERST ?`; TCP 4352). Only one
 * that lets everybody in is asked: its greeting `PJLINK 0` says so; where it is `PJLINK 1` a password is wanted, and nothing more is sent.
 */
import { latin1 } from './byte-reader.ts';
import type { Asker, Finding, Reader } from './reader.ts';
import { toldFields } from './told.ts';

const PORT = 4352;
/** A parameter has at most 128 octets (Class 1, 2.2). */
const MAX_BYTES = 512;
const QUESTIONS = ['INF1', 'INF2', 'LAMP', 'ERST'] as const;

/** The places of ERST that speak of what ages; the others are the cover and what has no name. */
const FAULTS = ['fan', 'lamp', 'temperature', undefined, 'filter'] as const;

/** `answers`: all lines a projector said; undefined where it told nothing. An `ERR1` to `ERR4` in the place of a value is no answer. */
export function parsePjlink(answers: Uint8Array): Finding | undefined {
  const told = new Map<string, string>();
  for (const line of latin1(answers.subarray(0, QUESTIONS.length * MAX_BYTES)).split(/[\r\n]+/, 16)) {
    const [, name, value] = /^%1(INF1|INF2|LAMP|ERST)=(?!ERR[1-4]$)(.{1,128})$/i.exec(line) ?? [];
    if (name !== undefined && value !== undefined) told.set(name.toUpperCase(), value);
  }
  const fields = toldFields({
    manufacturer: told.get('INF1'),
    model: told.get('INF2'),
    lampHours: lampHours(told.get('LAMP')),
    ...faultFields(told.get('ERST')),
  });
  return Object.keys(fields).length === 0 ? undefined : { fields };
}

/** `8760 1 120 0`: hours and whether it is lit, for each of at most eight lamps. The one that has burnt longest counts. */
function lampHours(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,5} [01]( \d{1,5} [01]){0,7}$/.test(value)) return undefined;
  return Math.max(
    ...value
      .split(' ')
      .filter((_, i) => i % 2 === 0)
      .map(Number),
  );
}

/** `011000`: 0 is fine or not known, 1 a warning, 2 an error. */
function faultFields(value: string | undefined): Record<string, string> {
  if (value === undefined || !/^[0-2]{6}$/.test(value)) return {};
  const at = (digit: string): string => FAULTS.filter((name, i) => name !== undefined && value[i] === digit).join(', ');
  return { warnings: at('1'), faults: at('2') };
}

export const pjlinkReader: Reader = {
  name: 'pjlink',
  method: 'api',
  about: 'Asks a projector without a PJLink password for its model, its lamp hours and its faults.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 64, bytes: 5_120 },
  applies: ({ kind, openPorts }) => openPorts.includes(PORT) || kind === 'projector',
  read: async (_, ask) => {
    const greeting = await ask.conversation(PORT, { maxBytes: MAX_BYTES, until: hasLine });
    if (!greeting || !/^PJLINK 0\r?$/im.test(latin1(greeting))) return [];
    const answers: Uint8Array[] = [];
    for (const name of QUESTIONS) answers.push(await answerTo(name, ask));
    const finding = parsePjlink(Buffer.concat(answers));
    return finding ? [{ port: PORT, ...finding }] : [];
  },
};

/** One command a connection: a projector serves one after another, and hangs up on who sends two at once. */
async function answerTo(name: string, ask: Asker): Promise<Uint8Array> {
  const isAnswered = (soFar: Uint8Array): boolean => /%1\w{4}=[^\r\n]*[\r\n]/.test(latin1(soFar)) || /PJLINK (1|ERRA)/i.test(latin1(soFar));
  const reply = await ask.conversation(PORT, { send: Buffer.from(`%1${name} ?\r`), maxBytes: MAX_BYTES, until: isAnswered });
  return Buffer.concat([reply ?? new Uint8Array(), Buffer.from('\r')]);
}

function hasLine(soFar: Uint8Array): boolean {
  return latin1(soFar).includes('\r');
}
