/**
 * Operating errors: things that go wrong outside the program and that a person can mend. Each has a stable code, says what happened
 * to what, and what to do next. Programming mistakes are plain errors and end the process.
 */

/** Every operating error code. The exit code of a command that ends with one is 1, or 2 where the command line or configuration is wrong. */
export const ERROR_CODES = {
  HB_CONFIG_INVALID: 'The configuration file cannot be used.',
  HB_USAGE: 'The command line is wrong.',
  HB_DATA_FOLDER: 'The data folder cannot be used.',
  HB_DATABASE_NEWER: 'The database was written by a newer version.',
  HB_DATABASE_DAMAGED: 'The database cannot be read.',
  HB_DATABASE_UNREACHABLE: 'The database server cannot be reached.',
  HB_DATABASE_REFUSED: 'The database server refused the user, or has no database that fits.',
  HB_BACKUP_UNUSABLE: 'A file is no backup, or a damaged one.',
  HB_ALREADY_RUNNING: 'Another hearthbeat uses the same data folder.',
  HB_PORT_IN_USE: 'A port that must be opened is taken, or not allowed.',
  HB_BROKER_UNREACHABLE: 'The MQTT broker cannot be reached.',
  HB_BROKER_REFUSED: 'The MQTT broker refused the user name or password.',
  HB_NO_LAN: 'This machine has no LAN interface to look at.',
  HB_NOT_FOUND: 'Nothing matches what was asked for.',
  HB_CATALOGUE_REFUSED: 'A lifecycle catalogue, or a file of facts for it, cannot be taken.',
  HB_TOOL_MISSING: 'A program that is needed is not installed.',
  HB_RUNTIME_TOO_OLD: 'This version of Node.js cannot run hearthbeat.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export class HearthbeatError extends Error {
  readonly code: ErrorCode;
  /** One sentence that names the next thing to do. */
  readonly fix: string;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, fix: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = 'HearthbeatError';
    this.code = code;
    this.fix = fix;
    this.retryable = options.retryable ?? false;
  }
}
