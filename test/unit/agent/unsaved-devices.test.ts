import { describe, expect, test } from 'vitest';
import type { InventoryChange } from '../../../src/agent/inventory/changes.ts';
import type { Device } from '../../../src/agent/inventory/device.ts';
import { ALL_SAVED, devicesToSave } from '../../../src/agent/unsaved-devices.ts';

const device = (id: string): Device => ({ id }) as Device;
const changed = (id: string): InventoryChange => ({ kind: 'changed', device: device(id), what: ['firmware'] });

describe('rows of devices', () => {
  test('are written twice a minute while a device changes four times a second, and the last change is written too', () => {
    let unsaved = ALL_SAVED;
    const writtenAtMs: number[] = [];
    for (let ms = 0; ms <= 120_000; ms += 250) {
      const due = devicesToSave(unsaved, ms < 61_000 ? [changed('sonos')] : [], ms, false);
      if (due.now.length > 0) writtenAtMs.push(ms);
      unsaved = due.unsaved;
    }
    expect(writtenAtMs).toEqual([0, 30_000, 60_000, 90_000]);
  });

  test('are all written together when one of them cannot wait', () => {
    const first = devicesToSave(ALL_SAVED, [changed('lamp')], 0, false);
    const waiting = devicesToSave(first.unsaved, [changed('tv'), { kind: 'learned', device: device('nas') }], 1_000, false);
    expect(waiting.now).toEqual([]);
    expect(devicesToSave(waiting.unsaved, [{ kind: 'added', device: device('new') }], 2_000, false).now).toEqual(['tv', 'nas', 'new']);
    expect(devicesToSave(waiting.unsaved, [], 2_000, true).now).toEqual(['tv', 'nas']);
  });

  test('of devices that are gone are not written any more', () => {
    const { unsaved } = devicesToSave(
      devicesToSave(ALL_SAVED, [changed('lamp')], 0, false).unsaved,
      [changed('tv'), changed('nas')],
      1,
      false,
    );
    const merged: InventoryChange = { kind: 'merged', device: device('nas'), absorbed: device('tv'), because: 'one serial number' };
    expect(devicesToSave(unsaved, [merged], 2, false).now).toEqual(['nas']);
    expect(devicesToSave(unsaved, [{ kind: 'removed', device: device('nas'), because: 'gone' }], 2, false).now).toEqual(['tv']);
  });
});
