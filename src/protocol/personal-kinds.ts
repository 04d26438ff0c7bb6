import { isLocallyAdministered } from '../base/mac-address.ts';
import type { DeviceMessage } from './messages.ts';
import { makesPersonalDevices } from './personal-makers.ts';

/**
 * Kinds of things that one person carries or uses. Where a home tells them all the same (`privacy.tellPersonal`), nobody is shown when they came and went (decisions 0005, 0007).
 * The hub's own table (agent/inventory/kinds.ts) says the same.
 */
const PERSONAL_KINDS: ReadonlySet<string | undefined> = new Set([
  'game-console',
  'computer',
  'phone',
  'portable-player',
  'tablet',
  'e-reader',
  'wearable',
]);

export function isPersonalKind(kind: string | undefined): boolean {
  return PERSONAL_KINDS.has(kind);
}

/** Anybody may ask for a lease in the name of something else. */
const NO_OWN_WORD: ReadonlySet<string> = new Set(['dhcp', 'dns-name']);

type Told = Pick<DeviceMessage, 'kind' | 'vendor' | 'macs' | 'because' | 'isGateway'>;

/** As the hub decides it (agent/inventory/personal.ts), of what it told: what has not said what it is, and could be somebody's phone, laptop or console, is theirs. */
export function couldBeSomebodys({ kind, vendor, macs, because = [], isGateway }: Told): boolean {
  if (isGateway) return false;
  const hasUniversalMac = macs.some((mac) => !isLocallyAdministered(mac));
  const isOwnWord = hasUniversalMac || !because.some(({ fact, source }) => fact === 'kind' && NO_OWN_WORD.has(source));
  if (kind !== undefined && isOwnWord) return isPersonalKind(kind);
  return !hasUniversalMac || (vendor !== undefined && makesPersonalDevices(vendor));
}
