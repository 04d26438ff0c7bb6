/** Identifiers: 128 random or time-ordered bits as 26 lower-case Crockford base-32 characters (the ULID form), safe in topics and file names. */
import type { Random } from './random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Any identifier this project makes. */
export const ID_PATTERN = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** A time-ordered identifier: 48 bits of wall time, 80 random bits. The time part only helps people to sort; nothing decides by it. */
export function newId(random: Random, wallMs: number): string {
  let time = '';
  let rest = Math.max(0, Math.floor(wallMs)) % 2 ** 48;
  for (let i = 0; i < 10; i++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  return time + base32(random.bytes(10));
}

/** 128 random bits without a time part, where the instant must not leak or the clock may be wrong. */
export function newRandomId(random: Random): string {
  return (ALPHABET[random.bytes(1)[0]! & 7] as string) + base32(random.bytes(16)).slice(0, 25);
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return text;
}

/** Stands for the hub itself where a device is named. No device has it: its first ten letters are an instant of 1970. */
export const HUB_ID = '0'.repeat(26);
