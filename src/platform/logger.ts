/** The log on standard error: plain lines for a person at a terminal, JSON lines for a service manager. */
import { pino } from 'pino';
import type { Log } from '../base/log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export function createLogger(level: LogLevel, output: { readonly isTty: boolean; write(text: string): void }): Log {
  return output.isTty ? plainLogger(level, output) : jsonLogger(level, output);
}

function jsonLogger(level: LogLevel, output: { write(text: string): void }): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    output,
  );
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function plainLogger(level: LogLevel, output: { write(text: string): void }): Log {
  const line =
    (own: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return;
      const time = new Date().toTimeString().slice(0, 8);
      const details = Object.entries(fields).map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
      output.write(`${time} ${own === 'info' ? '' : `${own}: `}${message}${details.join('')}\n`);
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
