/** Whether somebody keeps the clock of this machine. */
import { exists, outputOf } from './system-texts.ts';

/** Undefined where nothing tells. systemd-timesyncd leaves a mark; timedated asks the kernel, whoever sets it; chrony tells its leap status as the last field. */
export async function isClockSynchronised(): Promise<boolean | undefined> {
  if (await exists('/run/systemd/timesync/synchronized')) return true;
  const [kernel, chrony] = await Promise.all([
    outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']),
    outputOf('chronyc', ['-c', 'tracking']),
  ]);
  if (/^(yes|no)/.test(kernel ?? '')) return kernel?.startsWith('yes');
  return chrony === undefined ? undefined : !/Not synchronised\s*$/i.test(chrony);
}
