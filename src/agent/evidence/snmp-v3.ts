/**
 * SNMPv3 messages with the user-based security model (RFC 3412, 3414; AES: RFC 3826; SHA-2: RFC 7860). Pure: keys, engine state, message
 * ids and salts are handed in. Nothing is believed of a message that should be signed and is not, except that it says so (a report).
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parseMac } from '../../base/mac-address.ts';
import { type Element, elementAt, elementsOf, integer, integerOf, octets, sequence, TAG } from './ber.ts';
import type { SnmpUser } from './identify-settings.ts';
import { type Answer, outermost, type Question, readAnswer, writeQuestion } from './snmp-message.ts';

/** The agent as it told of itself; `boots` and `timeS` prove to it that a message is fresh. */
export type Engine = { readonly id: Uint8Array; readonly boots: number; readonly timeS: number };

type AuthProtocol = NonNullable<SnmpUser['auth']>['protocol'];
type PrivProtocol = NonNullable<SnmpUser['priv']>['protocol'];

/** A user with the keys that hold at one engine only (RFC 3414, 2.6). */
export type EngineUser = {
  readonly name: string;
  readonly auth?: { readonly protocol: AuthProtocol; readonly key: Uint8Array };
  readonly priv?: { readonly protocol: PrivProtocol; readonly key: Uint8Array };
};

/** What one message carried. `signed`: its sender holds the user's key. */
export type SecuredAnswer = { readonly engine: Engine; readonly answer: Answer; readonly signed: boolean };

/** Node's name of the hash, and to how many bytes the signature is cut (RFC 3414, 6 and 7; RFC 7860, 4.1). */
const HASHES: Record<AuthProtocol, { readonly hash: string; readonly signatureBytes: number }> = {
  md5: { hash: 'md5', signatureBytes: 12 },
  sha: { hash: 'sha1', signatureBytes: 12 },
  sha224: { hash: 'sha224', signatureBytes: 16 },
  sha256: { hash: 'sha256', signatureBytes: 24 },
  sha384: { hash: 'sha384', signatureBytes: 32 },
  sha512: { hash: 'sha512', signatureBytes: 48 },
};

const FLAG = { signed: 1, encrypted: 2, reportable: 4 } as const;
const VERSION_3 = 3;
const USER_BASED = 3;
/** The least that RFC 3412 lets a party take is 484; we take what fits an Ethernet frame. */
const MAX_SIZE = 1472;
/** RFC 3414, A.2: a password is repeated to one MiB before it is hashed, to make guessing dear. */
const STRETCHED_BYTES = 1_048_576;
/** RFC 3411, 5, SnmpEngineID. */
const ENGINE_ID_BYTES = { least: 5, most: 32 };
/** Of boots and time (RFC 3414, 2.2). */
const MAX_CLOCK = 0x7fff_ffff;
const NO_BYTES = new Uint8Array(0);
/** usmStatsNotInTimeWindows (RFC 3414, 5): the agent's clock is not where we thought; its true one stands in the message. */
const NOT_IN_TIME_WINDOW = '1.3.6.1.6.3.15.1.1.2.0';

/** The key of a password at no engine yet; costs a hash of one MiB, so keep it. */
export function keyOfPassword(protocol: AuthProtocol, password: string): Uint8Array {
  const once = Buffer.from(password);
  return createHash(HASHES[protocol].hash).update(Buffer.alloc(STRETCHED_BYTES, once)).digest();
}

/** The key of a user at one engine: what one agent knows opens no other. */
export function keyAtEngine(protocol: AuthProtocol, passwordKey: Uint8Array, engineId: Uint8Array): Uint8Array {
  return createHash(HASHES[protocol].hash).update(passwordKey).update(engineId).update(passwordKey).digest();
}

/** The user of the settings at this engine. `keyOf` is keyOfPassword, perhaps remembered. */
export function userAtEngine(user: SnmpUser, engineId: Uint8Array, keyOf: typeof keyOfPassword): EngineUser {
  const { name, auth, priv } = user;
  if (auth === undefined) return { name };
  const key = (password: string): Uint8Array => keyAtEngine(auth.protocol, keyOf(auth.protocol, password), engineId);
  return {
    name,
    auth: { protocol: auth.protocol, key: key(auth.password) },
    ...(priv && { priv: { protocol: priv.protocol, key: key(priv.password) } }),
  };
}

/** An empty question of nobody: the agent answers with a report that tells its engine (RFC 3414, 4). */
export function writeDiscovery(messageId: number): Buffer {
  const question: Question = { type: 'get', requestId: messageId, oids: [] };
  return writeSecured(question, { id: NO_BYTES, boots: 0, timeS: 0 }, { name: '' }, NO_BYTES);
}

/** The question's request id is the message id too. `salt`: eight bytes that no other message of this user has. */
export function writeSecured(question: Question, engine: Engine, user: EngineUser, salt: Uint8Array): Buffer {
  const { auth, priv } = user;
  const flags = FLAG.reportable | (auth ? FLAG.signed : 0) | (priv ? FLAG.encrypted : 0);
  const header = sequence(integer(question.requestId), integer(MAX_SIZE), octets(Buffer.of(flags)), integer(USER_BASED));
  const scoped = sequence(octets(engine.id), octets(''), writeQuestion(question));
  const data = priv ? octets(cipher(priv, engine, salt, scoped)) : scoped;
  const message = (signature: Uint8Array): Buffer =>
    sequence(
      integer(VERSION_3),
      header,
      octets(
        sequence(
          octets(engine.id),
          integer(engine.boots),
          integer(engine.timeS),
          octets(user.name),
          octets(signature),
          octets(priv ? salt : NO_BYTES),
        ),
      ),
      data,
    );
  if (auth === undefined) return message(NO_BYTES);
  const unsigned = message(Buffer.alloc(HASHES[auth.protocol].signatureBytes));
  return message(signatureOf(auth, unsigned));
}

/**
 * The answer to the message `messageId` as `user` may believe it: a response only at the level of security that was asked with, a report
 * also without. Undefined for everything else. A replay would have to carry the id of the very message that is waited for, which is random.
 */
export function readSecured(datagram: Uint8Array, messageId: number, user: EngineUser): SecuredAnswer | undefined {
  const envelope = readEnvelope(datagram);
  if (envelope === undefined || envelope.messageId !== messageId) return undefined;
  const signed = (envelope.flags & FLAG.signed) !== 0;
  const encrypted = (envelope.flags & FLAG.encrypted) !== 0;
  if (signed && !(user.auth && isSignedBy(user.auth, datagram, envelope.signature))) return undefined;
  if (encrypted && !(signed && user.priv)) return undefined;
  const plain = encrypted ? decipher(user.priv!, envelope.engine, datagram, envelope.salt, envelope.data) : datagram;
  const answer = plain && readScoped(plain, encrypted ? elementAt(plain, 0, plain.length) : envelope.data);
  if (answer === undefined) return undefined;
  const asAsked = signed === (user.auth !== undefined) && encrypted === (user.priv !== undefined);
  if (answer.type === 'response' && !(asAsked && answer.requestId === messageId)) return undefined;
  return { engine: envelope.engine, answer, signed };
}

/** Whether a report asks only for the right time; believed when it is signed. */
export function tellsTheTime({ answer, signed }: SecuredAnswer): boolean {
  return signed && answer.type === 'report' && answer.varBinds[0]?.oid === NOT_IN_TIME_WINDOW;
}

export type EngineFacts = { readonly hex: string; readonly enterprise: number; readonly mac?: string };

/** What an engine id says by its form (RFC 3411, 5, SnmpEngineID): who made the agent, and for many their MAC. */
export function engineFacts(id: Uint8Array): EngineFacts | undefined {
  if (!isEngineId(id)) return undefined;
  const bytes = Buffer.from(id);
  const hex = bytes.toString('hex');
  const enterprise = bytes.readUInt32BE(0) & 0x7fff_ffff;
  const holdsMac = (bytes[0]! & 0x80) !== 0 && bytes[4] === 3 && bytes.length === 11;
  const mac = holdsMac ? parseMac(hex.slice(10)) : undefined;
  return { hex, enterprise, ...(mac !== undefined && { mac }) };
}

type Envelope = {
  readonly messageId: number;
  readonly flags: number;
  readonly engine: Engine;
  readonly signature: Element;
  readonly salt: Element;
  readonly data: Element;
};

function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  const message = outermost(bytes);
  const parts = message && elementsOf(bytes, message, [TAG.integer, TAG.sequence, TAG.octets, undefined]);
  if (parts === undefined || integerOf(bytes, parts[0]!) !== VERSION_3) return undefined;
  const header = elementsOf(bytes, parts[1]!, [TAG.integer, TAG.integer, TAG.octets, TAG.integer]);
  const security = elementAt(bytes, parts[2]!.from, parts[2]!.to);
  const secured = security && elementsOf(bytes, security, [TAG.octets, TAG.integer, TAG.integer, TAG.octets, TAG.octets, TAG.octets]);
  if (header === undefined || secured === undefined || integerOf(bytes, header[3]!) !== USER_BASED) return undefined;
  const [id, bootsPart, timePart, , signature, salt] = secured as [Element, Element, Element, Element, Element, Element];
  const messageId = integerOf(bytes, header[0]!);
  const [boots, timeS] = [clockOf(bytes, bootsPart), clockOf(bytes, timePart)];
  const flags = header[2]!.to > header[2]!.from ? bytes[header[2]!.from] : undefined;
  if (messageId === undefined || flags === undefined || boots === undefined || timeS === undefined) return undefined;
  if (!isEngineId(bytes.subarray(id.from, id.to))) return undefined;
  return { messageId, flags, engine: { id: bytes.slice(id.from, id.to), boots, timeS }, signature, salt, data: parts[3]! };
}

function clockOf(bytes: Uint8Array, part: Element): number | undefined {
  const value = integerOf(bytes, part);
  return value !== undefined && value >= 0 && value <= MAX_CLOCK ? value : undefined;
}

const isEngineId = ({ length }: Uint8Array): boolean => length >= ENGINE_ID_BYTES.least && length <= ENGINE_ID_BYTES.most;

function readScoped(bytes: Uint8Array, scoped: Element | undefined): Answer | undefined {
  if (scoped?.tag !== TAG.sequence) return undefined;
  const parts = elementsOf(bytes, scoped, [TAG.octets, TAG.octets, undefined]);
  return parts && readAnswer(bytes, parts[2]!);
}

function signatureOf(auth: NonNullable<EngineUser['auth']>, message: Uint8Array): Uint8Array {
  const { hash, signatureBytes } = HASHES[auth.protocol];
  return createHmac(hash, auth.key).update(message).digest().subarray(0, signatureBytes);
}

/** The signature is made over the whole message with zeros in its own place (RFC 3414, 6.3.1). */
function isSignedBy(auth: NonNullable<EngineUser['auth']>, message: Uint8Array, { from, to }: Element): boolean {
  if (to - from !== HASHES[auth.protocol].signatureBytes) return false;
  const unsigned = Uint8Array.from(message).fill(0, from, to);
  return timingSafeEqual(signatureOf(auth, unsigned), message.subarray(from, to));
}

type Privacy = NonNullable<EngineUser['priv']>;

function cipher(priv: Privacy, engine: Engine, salt: Uint8Array, plain: Uint8Array): Buffer {
  const { name, key, start } = cipherFor(priv, engine, salt);
  const encrypt = createCipheriv(name, key, start).setAutoPadding(false);
  const whole = priv.protocol === 'des' ? Buffer.concat([plain, Buffer.alloc((8 - (plain.length % 8)) % 8)]) : plain;
  return Buffer.concat([encrypt.update(whole), encrypt.final()]);
}

function decipher(priv: Privacy, engine: Engine, bytes: Uint8Array, salt: Element, data: Element): Uint8Array | undefined {
  const whole = bytes.subarray(data.from, data.to);
  if (data.tag !== TAG.octets || salt.to - salt.from !== 8 || (priv.protocol === 'des' && whole.length % 8 !== 0)) return undefined;
  const { name, key, start } = cipherFor(priv, engine, bytes.subarray(salt.from, salt.to));
  const decrypt = createDecipheriv(name, key, start).setAutoPadding(false);
  return Buffer.concat([decrypt.update(whole), decrypt.final()]);
}

function cipherFor({ protocol, key }: Privacy, engine: Engine, salt: Uint8Array): { name: string; key: Uint8Array; start: Uint8Array } {
  if (protocol === 'aes') {
    const clock = Buffer.alloc(8);
    clock.writeUInt32BE(engine.boots, 0);
    clock.writeUInt32BE(engine.timeS, 4);
    return { name: 'aes-128-cfb', key: key.subarray(0, 16), start: Buffer.concat([clock, salt]) };
  }
  // OpenSSL 3 has put single DES away; three times DES with one key is the same (X9.52, keying option 3).
  const des = key.subarray(0, 8);
  const start = salt.map((byte, i) => byte ^ key[8 + i]!);
  return { name: 'des-ede3-cbc', key: Buffer.concat([des, des, des]), start };
}
