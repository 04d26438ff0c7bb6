/**
 * What a home and a device are found by, as words, and what somebody who searches means. Text is made alike here and not by the database, so that both engines find the
 * same: without accents, in lower case, cut at whatever is neither letter nor digit. Pure.
 */
import type { DeviceMessage } from '../protocol/messages.ts';

/** A longer one is found by its beginning. */
const LONGEST_WORD = 40;
/** Of one device; a hub that says more of one is found by the first of them. */
const MOST_WORDS = 48;
/** Of one search. */
const MOST_ASKED = 8;
export const LONGEST_SEARCH = 128;

/** Letters that Unicode does not take apart, as people type them. */
const PLAIN: Readonly<Record<string, string>> = { ø: 'o', đ: 'd', ð: 'd', ł: 'l', ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ı: 'i' };

/** As texts are compared and sorted: `Øster Čapek` is `oster capek`. */
export function folded(text: string): string {
  const lower = text.normalize('NFKD').toLowerCase();
  return lower.replace(/[\u0300-\u036f]/g, '').replace(/[øđðłßæœþı]/g, (letter) => PLAIN[letter] ?? letter);
}

export function wordsOf(text: string): string[] {
  return (folded(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).map(cut);
}

function cut(word: string): string {
  return [...word].slice(0, LONGEST_WORD).join('');
}

/** By its name, its id, and the ends of the id that stand beside names. */
export function homeWords({ id, name }: { readonly id: string; readonly name: string }): string[] {
  return [...new Set([...wordsOf(name), id, id.slice(-6), id.slice(-4)])];
}

/** By all that says which one it is. Of a hardware address also the last half, which stands on labels. */
export function deviceWords({ name, vendor, model, modelNumber, kind, serial, room, ips, macs }: DeviceMessage): string[] {
  const said = [name, model, modelNumber, serial, vendor, kind, room].flatMap((text) => (text === undefined ? [] : wordsOf(text)));
  const addresses = ips.map((ip) => cut(ip.toLowerCase()));
  const hardware = macs.map((mac) => mac.toLowerCase().replace(/[^0-9a-f]/g, '')).filter((mac) => mac.length === 12);
  return [...new Set([...addresses, ...hardware, ...hardware.map((mac) => mac.slice(6)), ...said])].slice(0, MOST_WORDS);
}

/** The words that begin with `from`, in the order of their bytes: at or after it and before `to`. */
export type WordRange = { readonly from: string; readonly to: string };

/** Nothing where nothing is asked for: signs alone are no word. */
export function askedFor(search: string): WordRange[] {
  const words = search.trim().split(/\s+/).flatMap(meant);
  return [...new Set(words)].slice(0, MOST_ASKED).map(rangeOf);
}

const PART_OF_ADDRESS = /^\d{1,3}(\.\d{1,3}){1,3}\.?$|^\d{1,3}\.$/;
const PART_OF_HARDWARE_ADDRESS = /^([0-9a-f]{2}[:-])+[0-9a-f]{0,2}$/i;

/** An address is one word, as far as somebody has typed it. */
function meant(typed: string): string[] {
  if (PART_OF_ADDRESS.test(typed)) return [typed];
  if (PART_OF_HARDWARE_ADDRESS.test(typed)) return [typed.toLowerCase().replace(/[:-]/g, '')];
  if (/^[0-9a-f:]+$/i.test(typed) && typed.split(':').length > 2) return [cut(typed.toLowerCase())];
  return wordsOf(typed);
}

/** One or two signs mean a whole word (`Sonos 3`), or they would find almost everything; of Chinese and Japanese one is a word's beginning. */
function rangeOf(word: string): WordRange {
  const isWhole = word.length < 3 && /^[\p{Script=Latin}\p{N}]+$/u.test(word);
  return { from: word, to: isWhole ? `${word}\u0001` : `${word}\u{10ffff}` };
}
