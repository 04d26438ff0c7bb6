/** How the hub knows what it says of a device: for each statement its source, how sure it is, and who says otherwise; and what the device talks. */
import type { Device, DeviceSummary, FactName, Reason } from './device.ts';

/** Who a MAC is registered to says so once and for all. */
export const MAC_SOURCE = 'mac registry';

const TOLD: readonly FactName[] = ['name', 'kind', 'vendor', 'model', 'modelNumber', 'firmware', 'serial', 'room'];
/** Sources that differ by less are not told apart by their confidence. */
const NEARLY_AS_SURE = 0.15;

/** One for each statement that the summary makes, in the order in which people read them. */
export function reasonsOf({ facts }: Pick<Device, 'facts'>): Reason[] {
  return TOLD.flatMap((fact): Reason[] => {
    const [best, ...others] = facts[fact] ?? [];
    if (!best) return [];
    const rivals = others.filter(({ source, confidence }) => !isOfSecondHost(source) && best.confidence - confidence < NEARLY_AS_SURE);
    const rival = rivals.find(({ value }) => isAnother(value, best.value));
    const confidence = Math.round(best.confidence * 100) / 100;
    return [{ fact, source: best.source, confidence, ...(rival ? { or: rival.value } : {}) }];
  });
}

/** Said for another host (inventory.ts): a sleep proxy answers for the laptop of a person, and that is no doubt about the proxy. */
export function isOfSecondHost(source: string): boolean {
  return source.includes(' as ');
}

/** `HP` and `HP LaserJet` do not contradict each other, and neither do two spellings. */
function isAnother(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)];
  return !a.includes(b) && !b.includes(a);
}

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** What of it is uncertain, as sentences: statements that few or contradicting sources make. */
export function doubtsOf(reasons: readonly Reason[], device: Pick<DeviceSummary, FactName & keyof DeviceSummary>): string[] {
  return reasons.flatMap(({ fact, confidence, or }) => {
    const value = device[fact as keyof typeof device];
    if (or !== undefined) return [`${WORDS[fact]}: ${value}, or ${or}: two sources disagree.`];
    return confidence < 0.5 && (fact === 'kind' || fact === 'model') ? [`${WORDS[fact]}: ${value} is a guess.`] : [];
  });
}

export const WORDS: Readonly<Record<FactName, string>> = {
  name: 'name',
  kind: 'kind',
  vendor: 'vendor',
  model: 'model',
  modelNumber: 'model number',
  firmware: 'firmware',
  serial: 'serial number',
  room: 'room',
};
