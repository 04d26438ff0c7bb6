/**
 * Reads a UPnP device description (UPnP Device Architecture 2.0, 2.3) that a LAN device sent, at most 64 KiB. fast-xml-parser splits the
 * tags; a DOCTYPE is refused before it sees the text and entities are decoded here, once, so nothing expands. The root device is what a
 * box calls itself; its embedded devices only fill what the root leaves out.
 */
import { XMLParser } from 'fast-xml-parser';
import { decodeEntities } from '../../base/entities.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cleanText } from '../../base/text.ts';
import type { UpnpSighting } from './sighting.ts';

export type UpnpFacts = Omit<UpnpSighting, 'at' | 'interface' | 'ip' | 'method' | 'location'>;

export const MAX_DESCRIPTION_BYTES = 65_536;

const MAX_DEPTH = 16;
const MAX_EMBEDDED = 16;
const MAX_EXTRA = 16;

/** Values stay text (`00123` is a serial number), attributes and entities stay unread. */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  maxNestedTags: MAX_DEPTH,
});

type Tag = Readonly<Record<string, unknown>>;

export function readDescription(xml: string): Result<UpnpFacts, string> {
  if (xml.length > MAX_DESCRIPTION_BYTES) return err('too long');
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) return err('has a DOCTYPE');
  const document = parse(xml);
  const device = document && tag(tag(document, 'root') ?? document, 'device');
  if (device === undefined) return err('no UPnP description');
  const facts = Object.assign({ extra: {} } as UpnpFacts, ...embedded(device).reverse().map(ownFacts), ownFacts(device));
  const udn = cleanText(text(device, 'UDN'), 160)?.toLowerCase();
  return ok({ ...facts, extra: extraOf(device), ...(udn !== undefined && { udn }) });
}

/** The parser throws for malformed text; this is the boundary where that becomes a value. */
function parse(xml: string): Tag | undefined {
  try {
    return asTag(parser.parse(xml));
  } catch {
    return undefined;
  }
}

const FIELDS = {
  deviceType: ['deviceType'],
  friendlyName: ['friendlyName'],
  manufacturer: ['manufacturer'],
  modelName: ['modelName'],
  modelNumber: ['modelNumber'],
  modelDescription: ['modelDescription'],
  serialNumber: ['serialNumber', 'serialNum'],
  firmware: ['firmwareVersion', 'softwareVersion', 'fwVersion', 'swVersion', 'X_firmwareVersion'],
} as const;

function ownFacts(device: Tag): Partial<UpnpFacts> {
  const found = Object.entries(FIELDS).map(
    ([field, names]) => [field, names.map((name) => cleanText(text(device, name))).find((value) => value !== undefined)] as const,
  );
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

const TELLING = /name|room|mac|hardware|swgen|dmr|category|zonetype|product|variant/i;
const STANDARD = new Set(
  [...Object.values(FIELDS).flat(), 'UDN', 'UPC', 'presentationURL', 'manufacturerURL', 'modelURL'].map((name) => name.toLowerCase()),
);

function extraOf(device: Tag): Record<string, string> {
  const extra = new Map<string, string>();
  for (const name of Object.keys(device)) {
    const key = cleanText(name, 48)?.toLowerCase();
    const value = cleanText(text(device, name));
    if (extra.size >= MAX_EXTRA || key === undefined || value === undefined) continue;
    if (TELLING.test(key) && !STANDARD.has(key) && !key.endsWith('url')) extra.set(key, value);
  }
  return Object.fromEntries(extra);
}

/** Embedded devices, outermost first. */
function embedded(device: Tag): Tag[] {
  const found: Tag[] = [];
  const open = [device];
  while (open.length > 0 && found.length < MAX_EMBEDDED) {
    const inner = tags(tag(open.shift()!, 'deviceList'), 'device').slice(0, MAX_EMBEDDED - found.length);
    found.push(...inner);
    open.push(...inner);
  }
  return found;
}

const asTag = (value: unknown): Tag | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tag) : undefined;

function tags(parent: Tag | undefined, name: string): Tag[] {
  const value = parent && Object.hasOwn(parent, name) ? parent[name] : undefined;
  return (Array.isArray(value) ? value : [value]).map(asTag).filter((child) => child !== undefined);
}

const tag = (parent: Tag, name: string): Tag | undefined => tags(parent, name)[0];

function text(parent: Tag, name: string): string | undefined {
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? decodeEntities(first) : undefined;
}
