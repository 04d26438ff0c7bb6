/** How it goes with what a broker of the house shows, in the words of `status`. */
import type { MirrorStatus } from '../../agent/mirror/mirror.ts';

export function mirrorWords({ connected, isShown, isDone, kept, waiting }: MirrorStatus): string {
  if (isDone) return 'nothing is shown: all was taken away';
  if (isShown)
    return `${connected ? 'connected' : 'not connected'}; the broker keeps ${kept} texts as they are now, ${waiting === 0 ? 'nothing waits' : `${waiting} wait`}`;
  if (connected && waiting === 0) return 'the broker is asked what it still shows, to take that away';
  return connected
    ? `${waiting} ${waiting === 1 ? 'text is' : 'texts are'} still to be taken away from the broker`
    : 'not connected; what the broker shows is still to be taken away';
}
