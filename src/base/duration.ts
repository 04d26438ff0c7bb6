/** Durations in the words of people. */

/** `4 s`, `12 min`, `3 h 5 min`, `2 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 36) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `30m`, `2h`, `1h30m`, `1.5 h`; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const given = text.trim().toLowerCase();
  const parts = [...given.matchAll(/(\d+(?:\.\d+)?) ?(min|[smhd]) ?/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== given) return undefined;
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0);
}
