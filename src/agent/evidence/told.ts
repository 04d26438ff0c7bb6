/** Brings what a device said into the form of a finding: clean text under known names, and identifiers in the one form the inventory knows. */
import { parseMac } from '../../base/mac-address.ts';
import { cleanText } from '../../base/text.ts';
import type { ToldIdentifier } from '../discovery/sighting.ts';

const MAX_FIELDS = 48;
const MAX_VALUE = 512;
const MAX_IDENTIFIER = 160;

/** Texts and numbers under the given names; what is empty, of another type or beyond the caps is left out. */
export function toldFields(said: Readonly<Record<string, unknown>>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(said).slice(0, MAX_FIELDS)) {
    const text = cleanText(typeof value === 'number' ? String(value) : value, MAX_VALUE);
    if (text !== undefined) fields[name] = text;
  }
  return fields;
}

/** One identifier for each kind that is worth keeping: a MAC that can be one, a UDN as `uuid:...`, other text clean. */
export function toldIdentifiers(said: Partial<Record<ToldIdentifier['kind'], unknown>>): ToldIdentifier[] {
  return Object.entries(said).flatMap(([kind, raw]) => {
    const text = cleanText(raw, MAX_IDENTIFIER);
    const value = text === undefined ? undefined : normalForm(kind as ToldIdentifier['kind'], text);
    return value === undefined ? [] : [{ kind: kind as ToldIdentifier['kind'], value }];
  });
}

function normalForm(kind: ToldIdentifier['kind'], text: string): string | undefined {
  if (kind === 'mac') return parseMac(text);
  if (kind === 'udn') return uuidIn(text);
  return kind === 'netbios-name' || kind === 'dhcp-name' || kind === 'mdns-host' ? text.toLowerCase() : text;
}

/** `urn:uuid:A-B` and `uuid:a-b` are one, as SSDP writes it; an address that is no UUID names nobody. */
function uuidIn(text: string): string | undefined {
  const uuid = /uuid:([0-9a-f-]{8,64})$/i.exec(text)?.[1]?.toLowerCase();
  return uuid === undefined || /^[0-]+$/.test(uuid) ? undefined : `uuid:${uuid}`;
}
