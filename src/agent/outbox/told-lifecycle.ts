/** What the desk is told of how near their end devices are: what changed of it, and of a device that it hears of for the first time. Pure. */
import type { VerdictMessage } from '../../protocol/messages.ts';
import type { NewEntry } from './entry.ts';
import type { ToldDevices } from './told-devices.ts';

type LifecycleEntry = Pick<Extract<NewEntry, { kind: 'device.lifecycle' }>, 'kind' | 'body'>;

/** Both are parts of the agent's state. */
type Telling = {
  readonly told: Pick<ToldDevices, 'devices'>;
  readonly lifecycle: { readonly verdicts: ReadonlyMap<string, VerdictMessage> };
};

/** The desk forgets the verdict on a device together with the device. */
export function lifecycleEntries(before: Telling, after: Telling): LifecycleEntry[] {
  const { verdicts } = after.lifecycle;
  if (verdicts === before.lifecycle.verdicts && after.told.devices === before.told.devices) return [];
  const known = new Set([...before.lifecycle.verdicts.keys(), ...verdicts.keys()]);
  return [...known].flatMap((device): LifecycleEntry[] => {
    const verdict = verdicts.get(device);
    const told = before.told.devices.has(device) ? before.lifecycle.verdicts.get(device) : undefined;
    if (told === verdict || !after.told.devices.has(device)) return [];
    return [{ kind: 'device.lifecycle', body: { device, ...(verdict ? { verdict } : {}) } }];
  });
}
