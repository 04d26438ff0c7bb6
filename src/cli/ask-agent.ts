/** How commands reach the agent that runs with a data folder: there, or where its socket is while that folder cannot be written. */
import { join } from 'node:path';
import { askLocally } from '../platform/local-socket.ts';
import { socketFolders } from '../platform/storage/stand-in.ts';

/** Undefined where none runs. Throws HearthbeatError where it does not answer, or belongs to another user. */
export async function askAgent<T>(dataFolder: string, path: string, order?: unknown): Promise<T | undefined> {
  for (const folder of socketFolders(dataFolder, process.env)) {
    const answer = await askLocally<T>(join(folder, 'agent.sock'), path, order);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
