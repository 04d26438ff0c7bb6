/** `hearthbeat lifecycle look`: what the agent asks of a process of its own, a request on standard input and the answer on standard output. Not for people. */
import { text } from 'node:stream/consumers';
import { HearthbeatError } from '../../base/errors.ts';
import { lookAtHome } from '../../platform/lifecycle-look.ts';
import type { GivenToLook } from '../../platform/lifecycle-looker.ts';
import { type CliContext, EXIT } from '../context.ts';

export async function lifecycleLook(context: CliContext): Promise<number> {
  const given = process.stdin.isTTY ? undefined : givenIn(await text(process.stdin));
  if (!given) throw new HearthbeatError('HB_USAGE', 'Only the agent asks this.', 'See what nears its end with: hearthbeat lifecycle list');
  context.stdout.write(JSON.stringify(await lookAtHome(given)));
  return EXIT.fine;
}

function givenIn(input: string): GivenToLook | undefined {
  try {
    return JSON.parse(input) as GivenToLook;
  } catch {
    return undefined;
  }
}
