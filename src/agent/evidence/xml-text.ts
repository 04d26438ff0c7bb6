/**
 * The text of single elements in XML that a LAN device sent, found without a parser: nothing is expanded, nothing nests, and each character
 * is looked at a bounded number of times (reliability.md T3). Good for messages whose wanted elements hold text only.
 */
import { decodeEntities } from '../../base/entities.ts';

/** The text of the first element with this local name, whatever its prefix; entities decoded once. `name` is ours, never from the LAN. */
export function elementText(xml: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w.-]{1,32}:)?${name}(?:\\s[^<>]{0,1024})?>([^<]{0,8192})<`).exec(xml)?.[1];
  return found === undefined ? undefined : decodeEntities(found).trim();
}
