import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import { isDeviceKind } from '../../../../src/agent/inventory/kinds.ts';
import { BLANK, redraw } from '../../../../src/agent/mirror/picture.ts';
import { nowToTell, toldBefore } from '../../../../src/agent/outbox/told-devices.ts';
import { deviceSummary } from '../../../builders/device-summary.ts';
import { alertOf, at, idOf } from '../../../builders/entries.ts';
import { FRAME, houseOf, recordOf } from '../../../builders/mirrored-house.ts';

/** Marks that stand nowhere by chance: names, MACs, addresses and serial numbers that a test can look for. */
const device = (n: number, facts: { personal: boolean; kind?: string; hasName: boolean }): DeviceSummary =>
  deviceSummary({
    id: idOf(n + 20),
    ...(facts.hasName ? { name: `annas-thing-${n}x` } : {}),
    vendor: `Maker ${n}x`,
    model: `Model ${n}x`,
    serial: `SN${n}x`,
    ...(facts.kind !== undefined && isDeviceKind(facts.kind) ? { kind: facts.kind } : {}),
    ips: [`10.0.${n}.77`],
    macs: [`02:aa:bb:cc:dd:${n.toString(16).padStart(2, '0')}`],
    personal: facts.personal,
  });

const homes = fc.array(
  fc.record({
    personal: fc.boolean(),
    becomes: fc.boolean(),
    hasName: fc.boolean(),
    kind: fc.constantFrom('phone', 'camera', 'printer', 'tv', undefined),
    alert: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

test('nothing of a person is in any topic or text, whatever the home and the desk may know, and whoever turns out to be a person later', () => {
  fc.assert(
    fc.property(homes, fc.boolean(), (parts, tellPersonal) => {
      let told = toldBefore(new Map());
      let picture = BLANK;
      for (const [round, field] of (['personal', 'becomes'] as const).entries()) {
        const devices = parts.map((part, n) =>
          device(n, { personal: part[field], hasName: part.hasName, ...(part.kind === undefined ? {} : { kind: part.kind }) }),
        );
        const summaries = new Map(devices.map((one) => [one.id, one]));
        for (const ms of [0, 60_000]) told = nowToTell(told, summaries, round * 600_000 + ms, tellPersonal);
        const alerts = devices.filter((_, n) => parts[n]?.alert).map((one) => ({ ...alertOf(one.name ?? one.id, at(0)), device: one.id }));
        const house = { ...houseOf({ devices, records: devices.map(({ id }) => recordOf(id, 'up', 0)), alerts }), told };
        picture = redraw(picture, house, FRAME);
        const all = [...picture.topics].flat().join('\n');
        for (const one of devices.filter(({ personal }) => personal))
          for (const mark of [one.id, one.name, one.serial, `Maker ${one.vendor?.slice(6)}`, `"${one.ips[0]}"`, one.macs[0]])
            if (mark !== undefined) expect(all).not.toContain(mark);
        // The others are shown, or nothing would be proved.
        for (const one of devices.filter(({ personal }) => !personal)) expect(all).toContain(one.macs[0]);
      }
    }),
    { numRuns: 200 },
  );
});

test('the name of an unknown thing stays in the house: it may be the name of its owner', () => {
  const unknown = device(3, { personal: false, hasName: true });
  const { topics } = redraw(BLANK, houseOf({ devices: [unknown], records: [recordOf(unknown.id, 'up', 0)] }), FRAME);
  expect([...topics].flat().join('\n')).not.toContain('annas');
});
