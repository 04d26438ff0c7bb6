import { expect, test } from 'vitest';
import { BLANK, type House, publications, redraw } from '../../../../src/agent/mirror/picture.ts';
import type { AlertMessage, HealthState, VerdictMessage } from '../../../../src/protocol/messages.ts';
import { deviceSummary } from '../../../builders/device-summary.ts';
import { alertOf, at, idOf, QUIET_SITE } from '../../../builders/entries.ts';
import { FRAME, houseOf, PLACE, pageOf, recordOf } from '../../../builders/mirrored-house.ts';

const NVR = deviceSummary({
  id: idOf(1),
  name: 'Garage NVR',
  vendor: 'Hikvision',
  model: 'DS-7608NI',
  kind: 'nvr',
  firmware: 'V4.30',
  serial: 'D12345',
  room: 'Garage',
  ips: ['192.168.1.64'],
  macs: ['44:19:b6:00:00:01'],
});
const PLUG = deviceSummary({ id: idOf(2), vendor: 'Shelly', kind: 'plug', ips: ['192.168.1.65'] });

const CONFIG = `homeassistant/device/hearthbeat_${PLACE.site}/${NVR.id}/config`;
const draw = (house: House, before = BLANK) => redraw(before, house, FRAME);
const configOf = (house: House): { dev: object; cmps: Record<string, Record<string, unknown>> } =>
  JSON.parse(draw(house).topics.get(CONFIG) ?? '') as ReturnType<typeof configOf>;

test('a device has a page with its state, since when, why, and what it is', () => {
  expect(pageOf(draw(houseOf({ devices: [NVR], records: [recordOf(NVR.id, 'down', 5_000)] })), NVR.id)).toEqual({
    name: 'Garage NVR',
    maker: 'Hikvision',
    model: 'DS-7608NI',
    kind: 'nvr',
    room: 'Garage',
    firmware: 'V4.30',
    ip: '192.168.1.64',
    state: 'down',
    since: '2023-11-14T22:13:25.000Z',
    reason: 'it is down',
    problem: false,
    alerts: [],
  });
});

test('what nobody named is called by what it is and where', () => {
  expect(pageOf(draw(houseOf({ devices: [PLUG], records: [recordOf(PLUG.id, 'up', 0)] })), PLUG.id).name).toBe('Shelly (192.168.1.65)');
});

test('Home Assistant learns of it in one text, with its maker, its MAC and its entities, behind the hub', () => {
  const config = configOf(houseOf({ devices: [NVR], records: [recordOf(NVR.id, 'up', 0)] }));
  expect(config).toMatchObject({
    dev: {
      ids: [`hearthbeat_${PLACE.site}_${NVR.id}`],
      name: 'Garage NVR',
      mf: 'Hikvision',
      mdl: 'DS-7608NI',
      sn: 'D12345',
      sa: 'Garage',
      cns: [['mac', '44:19:b6:00:00:01']],
      via_device: `hearthbeat_${PLACE.site}_hub`,
    },
    o: { name: 'hearthbeat', sw: '1.2.3' },
    avty_t: `hearthbeat/${PLACE.site}/status`,
    stat_t: `hearthbeat/${PLACE.site}/${NVR.id}/state`,
    cmps: { connectivity: { p: 'binary_sensor', dev_cla: 'connectivity' }, problem: { p: 'binary_sensor', dev_cla: 'problem' } },
  });
  const named = Object.values(config.cmps).filter((entity) => Object.keys(entity).length > 1);
  expect(new Set(named.map(({ uniq_id }) => uniq_id)).size).toBe(named.length);
});

const ENDING: VerdictMessage = {
  state: 'plan',
  critical: false,
  tell: 'client',
  why: 'Hikvision ends support in March 2027.',
  grade: 'announced date',
  ends: { what: 'support', on: '2027-03' },
  toDo: 'Plan a successor.',
  source: { title: 'Hikvision' },
  facts: [],
  timeline: [],
};

test('an end that a client may be told is a date, one that the desk is to look at first is not there, and takes an earlier one away', () => {
  const house = houseOf({ devices: [NVR], records: [recordOf(NVR.id, 'up', 0)] });
  const ending = (tell: VerdictMessage['tell']): House => ({ ...house, lifecycle: { verdicts: new Map([[NVR.id, { ...ENDING, tell }]]) } });
  expect(pageOf(draw(ending('client')), NVR.id).end).toMatchObject({ on: '2027-03-31', what: 'support' });
  expect(configOf(ending('client')).cmps.end).toMatchObject({ p: 'sensor', dev_cla: 'date' });
  expect(pageOf(draw(ending('desk')), NVR.id)).not.toHaveProperty('end');
  expect(configOf(ending('desk')).cmps.end).toEqual({ p: 'sensor' });
});

const DOWN: AlertMessage = { ...alertOf('device-down:1', at(0)), device: NVR.id };

test.each<[string, Partial<AlertMessage>, boolean]>([
  ['somebody should act on', {}, true],
  ['is held', { held: true }, false],
  ['is an end that lies ahead', { severity: 'warning', stage: 90 }, false],
  ['is for information', { severity: 'info' }, false],
])('an alert that %s is shown with its device, and is a problem only where people should act', (_, facts, isProblem) => {
  const house = houseOf({ devices: [NVR], records: [recordOf(NVR.id, 'down', 0)], alerts: [{ ...DOWN, ...facts }] });
  expect(pageOf(draw(house), NVR.id)).toMatchObject({ problem: isProblem, alerts: [{ code: 'device-down' }] });
  expect(pageOf(draw(house), 'hub')).toMatchObject({ problem: false, alerts: [] });
});

test('the hub has a page for the house: internet, router, how many devices are how, and alerts about the house', () => {
  const house = houseOf({
    devices: [NVR, PLUG],
    records: [recordOf(NVR.id, 'down', 0), recordOf(PLUG.id, 'asleep', 0)],
    alerts: [{ ...alertOf('internet-down', at(0)), code: 'internet-down' }],
    site: { ...QUIET_SITE, internet: 'down', personalDevices: 7 },
  });
  expect(pageOf(draw(house), 'hub')).toMatchObject({
    internet: 'down',
    router: 'up',
    devices: { up: 0, asleep: 1, down: 1, unreachable: 0, unknown: 0 },
    personalDevices: 7,
    problem: true,
    alerts: [{ code: 'internet-down' }],
  });
});

test('a doubt is not shown: the device stays as it was, since when it was', () => {
  const house = (state: HealthState, ms: number): House => houseOf({ devices: [NVR], records: [recordOf(NVR.id, state, ms)] });
  const up = draw(house('up', 0));
  const doubted = draw(house('suspect', 60_000), up);
  expect(doubted).toBe(up);
  expect(pageOf(draw(house('down', 60_000), doubted), NVR.id).state).toBe('down');
});

test('while nothing changed the picture is the same object, and only the pages that changed are published', () => {
  const records = [recordOf(NVR.id, 'up', 0), recordOf(PLUG.id, 'up', 0)];
  const first = draw(houseOf({ devices: [NVR, PLUG], records }));
  const asked = records.map((record) => ({ ...record, nextProbeAtMs: 99 }));
  expect(draw(houseOf({ devices: [NVR, PLUG], records: asked }), first)).toBe(first);
  const second = draw(houseOf({ devices: [NVR, PLUG], records: [asked[0]!, recordOf(PLUG.id, 'down', 9)] }), first);
  expect(publications(first.topics, second.topics).map(({ topic }) => topic)).toEqual([
    `hearthbeat/${PLACE.site}/hub/state`,
    `hearthbeat/${PLACE.site}/${PLUG.id}/state`,
  ]);
});

test('what is gone is taken away first, with an empty text', () => {
  const records = [recordOf(NVR.id, 'up', 0), recordOf(PLUG.id, 'up', 0)];
  const both = draw(houseOf({ devices: [NVR, PLUG], records }));
  const merged = draw(houseOf({ devices: [PLUG], records }), both);
  expect(publications(both.topics, merged.topics).slice(0, 3)).toEqual([
    { topic: `hearthbeat/${PLACE.site}/${NVR.id}/state`, text: '' },
    { topic: CONFIG, text: '' },
    { topic: `hearthbeat/${PLACE.site}/hub/state`, text: merged.topics.get(`hearthbeat/${PLACE.site}/hub/state`) },
  ]);
});

test('a text that the broker keeps in other words is sent again', () => {
  const { topics } = draw(houseOf({ devices: [NVR], records: [recordOf(NVR.id, 'up', 0)] }));
  expect(publications(new Map([...topics.keys()].map((topic) => [topic, undefined])), topics)).toHaveLength(topics.size);
  expect(publications(topics, topics)).toEqual([]);
});
