/** `hearthbeat device name|set|merge|split|undo`: what a person decides about devices. The agent believes it against all evidence. */
import type { Command } from 'commander';
import { CORRECTABLE, type Correctable } from '../../agent/inventory/device.ts';
import { DEVICE_KINDS } from '../../agent/inventory/kinds.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { closest } from '../../config/suggest.ts';
import type { CliContext } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { giveOrder } from '../give-order.ts';

/** Takes back what was said of a field. */
const UNSET = 'unset';

export async function deviceName(context: CliContext, command: Command): Promise<number> {
  const [device = '', name = ''] = command.args;
  return giveOrder(context, command, (devices) => ({ do: 'set', device: findDevice(devices, device).id, set: { name } }));
}

export async function deviceSet(context: CliContext, command: Command): Promise<number> {
  const [device = '', ...words] = command.args;
  const set: Partial<Record<Correctable, string | null>> = Object.fromEntries(words.map(fieldIn));
  return giveOrder(context, command, (devices) => {
    const behind = set.behind ? { behind: findDevice(devices, set.behind).id } : {};
    return { do: 'set', device: findDevice(devices, device).id, set: { ...set, ...behind } };
  });
}

export async function deviceMerge(context: CliContext, command: Command): Promise<number> {
  const [one = '', other = ''] = command.args;
  return giveOrder(context, command, (devices) => ({
    do: 'merge',
    one: findDevice(devices, one).id,
    other: findDevice(devices, other).id,
  }));
}

export async function deviceSplit(context: CliContext, command: Command): Promise<number> {
  const [device = '', ...identifiers] = command.args;
  return giveOrder(context, command, (devices) => ({ do: 'split', device: findDevice(devices, device).id, identifiers }));
}

export async function deviceUndo(context: CliContext, command: Command): Promise<number> {
  const row = Number(command.args[0]);
  if (!Number.isSafeInteger(row) || row < 1)
    throw new HearthbeatError('HB_USAGE', `"${command.args[0]}" is no number of an entry.`, 'See them with: hearthbeat device log');
  return giveOrder(context, command, () => ({ do: 'undo', row }));
}

/** `room=Kitchen`; `room=unset` takes it back. */
function fieldIn(word: string): [Correctable, string | null] {
  const at = word.indexOf('=');
  const [name, value] = at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
  const field = CORRECTABLE.find((each) => each === name.toLowerCase());
  if (!field || at < 0) {
    const near = closest(name, CORRECTABLE);
    throw new HearthbeatError(
      'HB_USAGE',
      at < 0 ? `"${word}" sets nothing.` : `A device has no "${name}" that people can set.`,
      near ? `Did you mean ${near}=${value || '...'}?` : `Say one of ${CORRECTABLE.map((each) => `${each}=...`).join(', ')}.`,
    );
  }
  const near =
    field === 'kind' && value !== UNSET && !Object.hasOwn(DEVICE_KINDS, value) ? closest(value, Object.keys(DEVICE_KINDS)) : undefined;
  if (near !== undefined && near !== value.toLowerCase().replaceAll(' ', '-'))
    throw new HearthbeatError('HB_USAGE', `There is no kind "${value}".`, `Did you mean kind=${near}?`);
  return [field, value === UNSET ? null : value];
}
