/** Waits until the person or the service manager asks the command to stop. */
import { once } from 'node:events';

export async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
