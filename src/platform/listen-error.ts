/** What a person is told when a TCP port cannot be opened. */
import { HearthbeatError } from '../base/errors.ts';

export type WantedPort = {
  /** "The desk's page" */
  readonly owner: string;
  readonly port: number;
  readonly host: string;
  /** Where the port is set: `desk.page.port`. */
  readonly setting: string;
};

/** HB_PORT_IN_USE for a port that is taken or not allowed; any other cause comes back as it is. */
export function listenError(cause: NodeJS.ErrnoException, { owner, port, host, setting }: WantedPort): Error {
  const another = `set another port in the configuration file (${setting}).`;
  const [why, fix] =
    {
      EADDRINUSE: ['another program has it', `Stop that program (ss -ltnp "sport = :${port}" names it), or ${another}`],
      EACCES: ['this user may not open ports below 1024', `Become root, or ${another}`],
    }[cause.code ?? ''] ?? [];
  if (why === undefined || fix === undefined) return cause;
  return new HearthbeatError('HB_PORT_IN_USE', `${owner} cannot open port ${port} on ${host}: ${why}.`, fix, { cause });
}
