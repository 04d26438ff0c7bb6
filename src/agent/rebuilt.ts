/** What became of a hub's damaged database: kept in the new one, told to the desk once, and shown by `doctor`. */
import { z } from 'zod';

const count = z.int().nonnegative();

const rebuiltSchema = z.object({
  /** By the hub's clock of then, Unix milliseconds. */
  at: z.number(),
  /** What was wrong, as SQLite said it. */
  why: z.string(),
  /** When the backup was made that stands in for what could not be read; none where there was no backup. */
  backupAt: z.number().optional(),
  /** How much the new one has. */
  devices: count,
  decisions: count,
  entries: count,
  /** Whether anything could be read of the damaged file. */
  isRead: z.boolean(),
  /** Names of the tables that could not be read to their end. */
  cutTables: z.array(z.string()),
  isTold: z.boolean(),
});

export type Rebuilt = z.infer<typeof rebuiltSchema>;

/** Undefined for what is none: it is only told, and no hub may fail to start over it. */
export function readRebuilt(text: string | undefined): Rebuilt | undefined {
  if (text === undefined) return undefined;
  try {
    return rebuiltSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** In sentences for people. */
export function rebuiltWords({ why, backupAt, devices, decisions, entries, isRead, cutTables }: Rebuilt): string {
  const rest =
    backupAt === undefined
      ? 'nothing is left, for there was no backup'
      : `it has what the backup of ${new Date(backupAt).toISOString().slice(0, 10)} had`;
  return [
    `The database was damaged (${why}).`,
    `The new one has ${devices} devices, what people said of ${decisions} of them, and ${entries} entries that wait for the desk.`,
    missing(isRead, cutTables, rest),
  ].join(' ');
}

function missing(isRead: boolean, cutTables: readonly string[], rest: string): string {
  if (!isRead) return `Of the damaged one nothing could be read: ${rest}.`;
  return cutTables.length === 0 ? 'All of it could be read.' : `Not all could be read (${cutTables.join(', ')}): of that ${rest}.`;
}
