/** What a disk does to a database that was opened in good order, in words and with a fix. */
import { HearthbeatError } from '../../base/errors.ts';

/** Runs `work`; SQLite's own errors come out as HearthbeatError. Only a full disk is worth trying again on the same connection. */
export function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_FULL'))
    return diskError('The disk is full: nothing more can be kept.', 'Free some space on the disk of the data folder.', error);
  if (code.startsWith('SQLITE_READONLY'))
    return diskError('The disk has become read-only.', 'Check the disk (dmesg), then mount it writable again.', error);
  if (!/^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(code)) return error;
  // After a failed fsync the state of the pages is unknown (USENIX ATC 2020): the connection must not be used again.
  return new HearthbeatError(
    'HB_DATABASE_DAMAGED',
    `The database failed: ${code}.`,
    'Check the disk (dmesg), then start the agent again.',
    { cause: error },
  );
}

function diskError(message: string, fix: string, cause: unknown): HearthbeatError {
  return new HearthbeatError('HB_DATA_FOLDER', message, fix, { cause, retryable: true });
}
