/** The settings section `desk.database`: a PostgreSQL server that keeps what hubs tell, and how it lets the desk in. */
import { z } from 'zod';
import { ONE_PASSWORD, onePassword } from './broker-access.ts';

const URL_WORDS = 'postgres://USER@HOST:PORT/NAME; its password, tls and caFile are settings of their own';
const DEFAULT_PORT = 5432;

export type DatabaseAddress = { readonly host: string; readonly port: number; readonly name: string; readonly user: string };

/** What such a URL says; undefined where it is none. A host that begins with %2F is the folder of a Unix socket, as libpq has it. */
export function databaseAddress(text: string): DatabaseAddress | undefined {
  if (!/^postgres(ql)?:\/\/[^\s?#]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, port, pathname, username, password } = new URL(text);
  const [host, name, user] = [hostname.replace(/^\[|\]$/g, ''), pathname.slice(1), username].map(decoded);
  if (!host || !name || !user || password !== '' || name.includes('/')) return undefined;
  return { host, port: Number(port || DEFAULT_PORT), name, user };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const NO_AUTHORITY = { path: ['caFile'], error: 'left out where tls is false', when: () => true };

export const deskDatabaseSchema = z
  .strictObject({
    url: z
      .string()
      .refine((text) => databaseAddress(text) !== undefined, URL_WORDS)
      .optional()
      .describe(
        'A PostgreSQL server, 15 or later, for a desk of a thousand homes and more. Default: a SQLite database in the data folder.',
      ),
    password: z.string().min(1).max(1024).optional().describe("The user's password there. Default: the environment variable PGPASSWORD."),
    passwordFile: z.string().min(1).optional().describe('File that holds the password; better than the password itself.'),
    tls: z
      .boolean()
      .optional()
      .describe('Speak TLS with it, and only with the certificate that is right for its name. Default: yes, unless it is on this machine.'),
    caFile: z.string().min(1).optional().describe("PEM file of the authority that signed the server's certificate."),
  })
  .refine(onePassword, ONE_PASSWORD)
  .refine(({ tls, caFile }) => tls !== false || caFile === undefined, NO_AUTHORITY)
  .prefault({})
  .describe('Where what hubs tell is kept.');
