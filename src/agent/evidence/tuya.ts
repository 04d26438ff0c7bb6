/**
 * Devices with Tuya's module (hundreds of brands) shout their id every few seconds: in the clear on UDP 6666 (protocol 3.1), under a key that
 * is the same for all of them and public on UDP 6667 (3.3 and 3.4 with AES in ECB mode, 3.5 in GCM). Never asked, only heard.
 */
import { createDecipheriv, createHash } from 'node:crypto';
import { utf8 } from './byte-reader.ts';
import { type JsonObject, jsonObject } from './json-object.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const MAX_BYTES = 1024;
/** Not a secret: every device and every app holds it. */
const KEY = createHash('md5').update('yGAdlopoPVldABfn').digest();

/** Prefix, number, command, length, return code; at the end a checksum and a suffix. */
const OLD = { prefix: 0x0000_55aa, headerBytes: 20, trailerBytes: 8 } as const;
/** Prefix, two unknown bytes, number, command, length, then the nonce; at the end the tag and a suffix. All after the prefix is signed. */
const NEW = { prefix: 0x0000_6699, signedFrom: 4, headerBytes: 18, nonceBytes: 12, tagBytes: 16, suffixBytes: 4 } as const;
const SHORTEST = NEW.headerBytes + NEW.nonceBytes + NEW.tagBytes + NEW.suffixBytes;

export function parseTuya(datagram: Uint8Array): Finding | undefined {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < SHORTEST || bytes.length > MAX_BYTES) return undefined;
  const prefix = bytes.readUInt32BE(0);
  const said = prefix === OLD.prefix ? saidInOld(bytes) : prefix === NEW.prefix ? saidInNew(bytes) : undefined;
  if (typeof said?.gwId !== 'string') return undefined;
  return {
    fields: toldFields({ productKey: said.productKey, version: said.version }),
    identifiers: toldIdentifiers({ 'vendor-id': `tuya ${said.gwId}` }),
  };
}

function saidInOld(bytes: Buffer): JsonObject | undefined {
  const payload = bytes.subarray(OLD.headerBytes, bytes.length - OLD.trailerBytes);
  if (payload[0] === 0x7b) return jsonObject(utf8(payload));
  return decrypted(() => {
    const decipher = createDecipheriv('aes-128-ecb', KEY, null);
    return Buffer.concat([decipher.update(payload), decipher.final()]);
  });
}

function saidInNew(bytes: Buffer): JsonObject | undefined {
  const tagAt = bytes.length - NEW.suffixBytes - NEW.tagBytes;
  const hiddenAt = NEW.headerBytes + NEW.nonceBytes;
  return decrypted(() => {
    const decipher = createDecipheriv('aes-128-gcm', KEY, bytes.subarray(NEW.headerBytes, hiddenAt), { authTagLength: NEW.tagBytes });
    decipher.setAAD(bytes.subarray(NEW.signedFrom, NEW.headerBytes));
    decipher.setAuthTag(bytes.subarray(tagAt, tagAt + NEW.tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(hiddenAt, tagAt)), decipher.final()]);
  });
}

/** Node throws for wrong padding and for a wrong tag. A return code of four bytes may come before the JSON. */
function decrypted(decrypt: () => Buffer): JsonObject | undefined {
  try {
    const clear = decrypt();
    return jsonObject(utf8(clear[0] === 0x7b ? clear : clear.subarray(4)));
  } catch {
    return undefined;
  }
}

export const tuyaReader: GroupReader = {
  name: 'tuya',
  method: 'api',
  about: 'Hears devices with a Tuya module, which announce themselves by broadcast.',
  questions: [],
  listen: [{ port: 6666 }, { port: 6667 }],
  parse: parseTuya,
};
