/** The log on standard error: plain lines for a person at a terminal, one JSON object a line for a service manager. */
import type { Log } from '../base/log.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

type Line = (level: LogLevel, message: string, fields: Record<string, unknown>) => string;

export function createLogger(level: LogLevel, output: { readonly isTty: boolean; write(text: string): void }): Log {
  const line = output.isTty ? plainLine : jsonLine;
  const write =
    (own: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      if (LEVELS.indexOf(own) >= LEVELS.indexOf(level)) output.write(`${line(own, message, fields)}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const jsonLine: Line = (level, message, fields) => JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg: message });

const plainLine: Line = (level, message, fields) => {
  const time = new Date().toTimeString().slice(0, 8);
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${time} ${level === 'info' ? '' : `${level}: `}${message}${details.join('')}`;
};
