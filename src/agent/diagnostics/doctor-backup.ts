/** What `hearthbeat doctor` concludes about the backups that the hub makes of itself. Pure. */
import { duration } from '../../base/duration.ts';
import { type Finding, ok, problem, warning } from './doctor-check.ts';

export type BackupFacts = {
  readonly isAutomatic: boolean;
  readonly folder: string;
  /** By the settings, so that they outlive the hub's own disk. */
  readonly isChosen: boolean;
  /** When the newest was written (Unix milliseconds). */
  readonly newestAt?: number;
  /** Whether they are on the disk that they are to outlive. */
  readonly isOnSameDisk: boolean;
  /** Why nothing can be written to the folder; undefined where it can. */
  readonly unwritable?: string;
};

/** A week, and one more to try again in. */
const LATE_MS = 15 * 86_400_000;

/** `now`: Unix milliseconds. */
export function judgeBackups({ isAutomatic, folder, isChosen, newestAt, isOnSameDisk, unwritable }: BackupFacts, now: number): Finding {
  if (!isAutomatic) return ok('This hub makes no backups by itself (backup.automatic); "hearthbeat backup" makes one.');
  if (unwritable !== undefined)
    return problem(
      `No backup can be written to ${folder}: ${unwritable}.`,
      'Mount or make that folder, for the user of the agent, or change backup.folder.',
      ['data'],
    );
  if (isChosen && isOnSameDisk)
    return warning(
      `Backups go to ${folder}, and that is on the disk of the hub itself, with which they die.`,
      'Mount the stick or the NAS there, or change backup.folder.',
    );
  if (newestAt === undefined) return ok('No backup yet: the agent makes the first one when it has run for an hour.');
  const age = Math.abs(now - newestAt);
  if (age > LATE_MS)
    return warning(
      `The newest backup in ${folder} is ${duration(age)} old.`,
      'See why the agent makes none: its log says so every hour. Or make one now: hearthbeat backup',
    );
  const where = isOnSameDisk ? `${folder}, on the disk that it is to outlive (backup.folder)` : folder;
  return ok(`The newest backup is ${duration(age)} old, in ${where}.`);
}
