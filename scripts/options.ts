/** The options of a script. What is typed wrong is told in a line, with exit code 2, and not as a fault of the script. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export function readOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!isMistyped(error)) throw error;
    process.stderr.write(`${error.message}\nWhat it takes: --help\n`);
    process.exit(2);
  }
}

const isMistyped = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
