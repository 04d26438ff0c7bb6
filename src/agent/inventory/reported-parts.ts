/**
 * What devices tell of single parts of theirs, typed: the disks of a NAS, the parts and supplies of a printer. Counters of wear mean little by themselves and much where
 * they grow, so each is kept with the value from which it grew.
 */

/**
 * `hours`: it has run for. `bad`: sectors that were replaced or wait for it, `isPartly` where only one of the two is told; `from`: so many there were at that instant,
 * before they grew.
 */
export type ReportedDisk = {
  readonly name: string;
  readonly hours?: number;
  readonly bad?: number;
  readonly isPartly?: true;
  readonly from?: { readonly at: number; readonly bad: number };
};

/** `percent` that is left. `isFalling`: it has been seen with more, so it does count down. */
export type ReportedSupply = { readonly name: string; readonly percent: number; readonly isFalling?: true };

const MOST_DISKS = 16;
const MOST_SUPPLIES = 12;
/** A baseline that was never left is moved on, so that growth is that of the last months. */
const BASELINE_MS = 90 * 86_400_000;

/** Of the field `diskWear` (evidence/snmp-disks.ts). */
export function disksIn(text: string | undefined): ReportedDisk[] | undefined {
  const disks = (text ?? '').split(', ').flatMap((part): ReportedDisk[] => {
    const [, name, hours, replaced, pending] = /^([\w.-]{1,24}) (\d{1,6}|-)\/(\d{1,7}|-)\/(\d{1,7}|-)$/.exec(part) ?? [];
    if (name === undefined) return [];
    const told = [replaced, pending].filter((each) => each !== '-').map(Number);
    const bad =
      told.length === 0
        ? {}
        : { bad: told.reduce((sum, each) => sum + each, 0), ...(told.length === 1 ? { isPartly: true as const } : {}) };
    return [{ name, ...(hours === '-' ? {} : { hours: Number(hours) }), ...bad }];
  });
  return disks.length === 0 ? undefined : disks.slice(0, MOST_DISKS);
}

/** Of the fields `printerParts` and `printerSupplies` (evidence/snmp-supplies.ts). */
export function suppliesIn(text: string | undefined): ReportedSupply[] | undefined {
  const supplies = (text ?? '').split('; ').flatMap((part): ReportedSupply[] => {
    const [, name, percent] = /^(.{1,32})=(\d{1,3})$/.exec(part) ?? [];
    return name === undefined || Number(percent) > 100 ? [] : [{ name, percent: Number(percent) }];
  });
  return supplies.length === 0 ? undefined : supplies.slice(0, MOST_SUPPLIES);
}

/** Each disk with where its bad sectors began to grow. One with fewer, or with fewer hours, is another disk, and one that tells of others is not compared. */
export function grownDisks(disks: readonly ReportedDisk[], before: readonly ReportedDisk[] = [], at: number): ReportedDisk[] {
  return disks.map((disk) => {
    const { name, hours, bad, isPartly } = disk;
    if (bad === undefined) return disk;
    const known = before.find((one) => one.name === name);
    const from = known?.from;
    const isYounger = hours !== undefined && hours < (known?.hours ?? 0);
    const isAnother = from === undefined || bad < from.bad || isYounger || isPartly !== known?.isPartly;
    const isOld = from !== undefined && bad === from.bad && at - from.at > BASELINE_MS;
    return { ...disk, from: isAnother || isOld ? { at, bad } : from };
  });
}

/** Some printers count what was used instead of what is left: a part is believed to be worn once less of it was left than before. */
export function fallingSupplies(supplies: readonly ReportedSupply[], before: readonly ReportedSupply[] = []): ReportedSupply[] {
  return supplies.map((supply) => {
    const known = before.find(({ name }) => name === supply.name);
    const isFalling = known !== undefined && supply.percent <= known.percent && (known.isFalling || supply.percent < known.percent);
    return isFalling ? { ...supply, isFalling: true } : supply;
  });
}

/** What was told, and after it what was known of others, of which the agent did not come to speak. */
export function withUntold<T extends { readonly name: string }>(told: readonly T[] = [], before: readonly T[] = []): readonly T[] {
  const untold = before.filter(({ name }) => !told.some((one) => one.name === name));
  return [...told, ...untold];
}

export function isGrown({ bad = 0, from }: ReportedDisk): boolean {
  return from !== undefined && bad > from.bad;
}

/** Makers print thousands of pages with five percent; a home takes months or years for them. */
const LITTLE_PERCENT = 5;

export function isUsedUp({ percent }: ReportedSupply): boolean {
  return percent <= LITTLE_PERCENT;
}
