/**
 * What the address block of a device says of its age. The IEEE gives out blocks of MAC addresses one by one, so a device is no older than the block that its address is
 * from. It says nothing of how young a device is, for makers use a block for years; and an address may be that of a card or dongle that was put in later. So a block proves
 * no age and tells no client anything: it makes doubtful what it contradicts (docs/decisions/0023).
 */
import { isLocallyAdministered } from '../../base/mac-address.ts';
import { DAY_MS, firstMomentOf, lastMomentOf } from '../../base/partial-date.ts';
import { type DeviceKind, kindTraits } from '../inventory/kinds.ts';
import type { Fact } from './fact.ts';
import type { Found } from './match.ts';

/** The newest month (`2021-03`) whose copy of the IEEE's list does not hold the block of a MAC yet; undefined where the first copy holds it, or none does. */
export type BlockMonthOf = (mac: string) => string | undefined;

/** The device was not made before `after`, a month. `by` is what says so, for people. */
export type Block = { readonly after: string; readonly by: string };

/** Their network card is often a part of its own, which is changed without them. */
const CARD_OF_ITS_OWN = new Set<DeviceKind>(['ups', 'server', 'nas']);

/**
 * Of several addresses the one with the oldest block counts, and one that bounds nothing leaves the device unbounded: a dongle may be younger than what it is in. Nothing
 * for what guards lives: there a wrong doubt costs more than a wrong alarm.
 */
export function blockOf(macs: readonly string[], kind: DeviceKind | undefined, monthOf: BlockMonthOf): Block | undefined {
  if (kind !== undefined && (CARD_OF_ITS_OWN.has(kind) || kindTraits(kind).criticality === 'safety')) return undefined;
  let oldest: Block | undefined;
  for (const mac of macs) {
    if (isLocallyAdministered(mac)) continue;
    const after = monthOf(mac);
    if (after === undefined) return undefined;
    if (!oldest || after < oldest.after)
      oldest = { after, by: `its address block ${mac.slice(0, 8)} was not yet in the IEEE list of ${after}` };
  }
  return oldest;
}

/** Between the last sale that a maker names and the last box that leaves a shop. */
const SHELF_MS = 365 * DAY_MS;

/**
 * What the catalogue says of a product that was no longer sold long before the block was given out is made doubtful, and not asked for: newer hardware is sold under old
 * names. Not where attackers use holes in it. The same array where nothing is doubtful.
 */
export function withDoubts(found: readonly Found[], block: Block | undefined): readonly Found[] {
  if (!block || !found.some((one) => (one.is === 'about' ? [one.fact] : one.facts).some((fact) => isTooOld(fact, block)))) return found;
  return found.flatMap((one): Found[] => {
    if (one.is === 'about') return [isTooOld(one.fact, block) ? { ...one, fact: doubted(one.fact, block) } : one];
    const facts = one.facts.filter((fact) => !isTooOld(fact, block));
    return facts.length === 0 ? [] : [{ ...one, facts }];
  });
}

/** A system runs on hardware of any year: only what is about models can be too old. */
function isTooOld(fact: Fact, block: Block): boolean {
  const sold = lastSold(fact);
  if (sold === undefined || fact.exploited || fact.match.system || kindTraits(fact.kind).criticality === 'safety') return false;
  return lastMomentOf(sold) + SHELF_MS < firstMomentOf(block.after);
}

/** Makers announce the end of support for after the last sale. The last update that somebody saw, or that was promised, may be of a year in which it was still sold. */
function lastSold({ ends, observed, promised }: Fact): string | undefined {
  return ends.sale ?? (observed || promised ? undefined : ends.support);
}

function doubted(fact: Fact, { by }: Block): Fact {
  const doubt = `It was sold until ${lastSold(fact)} at the latest, and ${by}: it may be newer hardware under the same name`;
  return { ...fact, doubt: fact.doubt === undefined ? doubt : `${fact.doubt.replace(/\.$/, '')}. ${doubt}` };
}
