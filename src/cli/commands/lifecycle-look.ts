/** `hearthbeat lifecycle look`: what the agent asks of a process of its own, a request on standard input and the answer on standard output. Not for people. */
import { text } from 'node:stream/consumers';
import { lookAtHome } from '../../platform/lifecycle-look.ts';
import type { GivenToLook } from '../../platform/lifecycle-looker.ts';
import { type CliContext, EXIT } from '../context.ts';

export async function lifecycleLook(context: CliContext): Promise<number> {
  const given = JSON.parse(await text(process.stdin)) as GivenToLook;
  context.stdout.write(JSON.stringify(await lookAtHome(given)));
  return EXIT.fine;
}
