import { expect, test } from 'vitest';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import { deviceEntries, nowToTell, type ToldDevices, toldBefore } from '../../../../src/agent/outbox/told-devices.ts';

const FRESH: ToldDevices = toldBefore(new Map());

function summary(id: string, facts: Partial<DeviceSummary> = {}): DeviceSummary {
  return {
    id,
    ips: ['192.168.1.20'],
    macs: ['70:bc:10:4d:a2:77'],
    seenBy: ['neighbour'],
    because: [],
    services: [],
    personal: false,
    isGateway: false,
    firstSeenAt: 0,
    lastSeenAt: 0,
    ...facts,
  };
}

const home = (...devices: DeviceSummary[]): Map<string, DeviceSummary> => new Map(devices.map((device) => [device.id, device]));
const kinds = (before: ToldDevices, after: ToldDevices): string[] =>
  deviceEntries(before, after, new Map()).map(({ kind, body }) => `${kind} ${'id' in body ? body.id : body.device}`);

test('holds a new device back for 10 seconds, then tells it once', () => {
  const devices = home(summary('lamp'));
  const first = nowToTell(FRESH, devices, 1_000);
  const before = nowToTell(first, devices, 10_999);
  const after = nowToTell(before, devices, 11_000);
  expect(kinds(FRESH, before)).toEqual([]);
  expect(kinds(before, after)).toEqual(['device.added lamp']);
  expect(kinds(after, nowToTell(after, devices, 20_000))).toEqual([]);
});

test('says nothing at all of a device that turns out to be personal within these seconds', () => {
  const held = nowToTell(FRESH, home(summary('xbox')), 0);
  const known = nowToTell(held, home(summary('xbox', { kind: 'game-console', personal: true })), 3_000);
  expect(kinds(held, known)).toEqual([]);
  expect(kinds(known, nowToTell(known, home(summary('xbox', { personal: true })), 60_000))).toEqual([]);
});

test('tells the router at once', () => {
  expect(kinds(FRESH, nowToTell(FRESH, home(summary('router', { isGateway: true })), 0))).toEqual(['device.added router']);
});

test('tells changes of a known device at once, also after a new start', () => {
  const restored = toldBefore(home(summary('tv'), summary('phone', { personal: true })));
  expect(kinds(restored, nowToTell(restored, home(summary('tv', { vendor: 'LG' })), 0))).toEqual(['device.changed tv']);
});

test('tells of a device that says something else each moment twice a minute, in the end what it said last', () => {
  let told = toldBefore(home(summary('sonos')));
  const lines: string[] = [];
  const hear = (ms: number, firmware: string): void => {
    const after = nowToTell(told, home(summary('sonos', { firmware })), ms);
    for (const { body } of deviceEntries(told, after, new Map())) lines.push(`${ms} ${'firmware' in body ? body.firmware : ''}`);
    told = after;
  };
  for (let ms = 0; ms <= 59_750; ms += 250) hear(ms, `${ms}`);
  expect(told.dueAtMs).toBe(60_000);
  for (let ms = 60_000; ms <= 120_000; ms += 250) hear(ms, '59750');
  expect(lines).toEqual(['0 0', '30000 30000', '60000 59750']);
  expect(told.dueAtMs).toBe(Number.POSITIVE_INFINITY);
});

test('says nothing of what went and came back within half a minute', () => {
  const before = toldBefore(home(summary('tv', { vendor: 'LG' })));
  const first = nowToTell(before, home(summary('tv', { vendor: 'LG Electronics' })), 0);
  const back = nowToTell(first, home(summary('tv', { vendor: 'LG' })), 10_000);
  const again = nowToTell(back, home(summary('tv', { vendor: 'LG Electronics' })), 20_000);
  expect(kinds(before, first)).toEqual(['device.changed tv']);
  expect([...kinds(first, back), ...kinds(back, again)]).toEqual([]);
  expect(kinds(again, nowToTell(again, home(summary('tv', { vendor: 'LG Electronics' })), 30_000))).toEqual([]);
});

test('takes a device back at once each time it turns out to be personal, and tells it again after half a minute at the earliest', () => {
  let told = toldBefore(home(summary('tablet')));
  const lines: string[] = [];
  for (let ms = 0; ms <= 60_000; ms += 250) {
    const after = nowToTell(told, home(summary('tablet', { personal: ms === 0 || ms > 30_000 })), ms);
    lines.push(...kinds(told, after).map((line) => `${ms} ${line}`));
    told = after;
  }
  expect(lines).toEqual(['0 device.removed tablet', '30000 device.added tablet', '30250 device.removed tablet']);
});

test('tells what people said: the room, and that the house can do without it', () => {
  const before = toldBefore(home(summary('tv')));
  const after = nowToTell(before, home(summary('tv', { room: 'Den', critical: false })), 0);
  expect(deviceEntries(before, after, new Map())).toMatchObject([{ body: { room: 'Den', critical: false } }]);
  expect(deviceEntries(FRESH, before, new Map())[0]?.body).not.toHaveProperty('critical');
});

test('takes back a known device that turns out to be personal, and one that is gone, and says why', () => {
  const before = toldBefore(home(summary('tablet'), summary('old')));
  const after = nowToTell(before, home(summary('tablet', { personal: true })), 0);
  expect(deviceEntries(before, after, new Map([['old', 'It is the same as another.']]))).toEqual([
    { kind: 'device.removed', body: { device: 'tablet', why: 'It turned out to belong to a person.' } },
    { kind: 'device.removed', body: { device: 'old', why: 'It is the same as another.' } },
  ]);
});

test('devices of persons are told only where the homeowner wants that', () => {
  const phone = home(summary('phone', { personal: true }));
  const later = (tellPersonal: boolean) => nowToTell(nowToTell(FRESH, phone, 0, tellPersonal), phone, 60_000, tellPersonal);
  expect(kinds(FRESH, later(true))).toEqual(['device.added phone']);
  expect(kinds(FRESH, later(false))).toEqual([]);
});
