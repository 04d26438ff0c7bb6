import { describe, expect, it } from 'vitest';
import { type AlertBook, reduceAlerts } from '../../../../src/agent/alerts/alerts.ts';
import { NO_CAUSES } from '../../../../src/agent/alerts/common-cause.ts';
import { type Condition, type Conditions, conditionsOf } from '../../../../src/agent/alerts/conditions.ts';
import { digestNewDevices, type NewDevices, noteNewDevices } from '../../../../src/agent/alerts/new-devices.ts';
import { NO_PAST } from '../../../../src/agent/health/decline.ts';
import { NO_DOUBT } from '../../../../src/agent/health/doubt.ts';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import { newInternet } from '../../../../src/agent/health/internet.ts';
import { newNames } from '../../../../src/agent/health/names.ts';
import { PROFILES } from '../../../../src/agent/health/profiles.ts';
import { NO_SERVICES } from '../../../../src/agent/health/services.ts';
import { titleAndPlace } from '../../../../src/agent/inventory/describe.ts';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';
import { newId } from '../../../../src/base/ids.ts';
import { ALERT_CATALOGUE, ALERT_CODES } from '../../../../src/protocol/alert-catalogue.ts';
import { alertSchema, type HealthState } from '../../../../src/protocol/messages.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { deviceSummary } from '../../../builders/device-summary.ts';
import { at } from '../health/book.ts';

const random = seededRandom('alerts');
const NOTHING: AlertBook = new Map();
const EVIDENCE = { attempts: [], lastAnswerAt: {}, hub: { link: true, gateway: 'up' as const, othersAnswering: 3, eventLoopLagMs: 1 } };

function summary(name: string, more: Partial<DeviceSummary> = {}): DeviceSummary {
  return deviceSummary({ id: newId(random, 0), name, kind: 'plug', ips: ['192.168.50.20'], ...more });
}

function situation(devices: readonly [DeviceSummary, HealthState][], internet: HealthState = 'up', causes = NO_CAUSES): Conditions {
  return conditionsOf({
    devices: new Map(devices.map(([device]) => [device.id, device])),
    book: new Map(
      devices.map(([device, state]) => [
        device.id,
        { deviceId: device.id, state, reason: 'No answer.', profile: PROFILES.wired, past: NO_PAST } as CheckRecord,
      ]),
    ),
    internet: { ...newInternet(['tcp://192.0.2.1:443'], at(0)), state: internet, lastAnswerAt: at(0) },
    evidence: () => EVIDENCE,
    contests: new Map(),
    flaps: new Map(),
    causes,
    services: NO_SERVICES,
    storm: undefined,
    vendorOf: () => undefined,
    internetEvidence: () => EVIDENCE,
    names: newNames(at(0)),
    doubt: NO_DOUBT,
    parents: new Map(),
    links: { eth0: true },
    policy: STANDARD_POLICY,
    hubEvidence: () => EVIDENCE,
  });
}

const codes = (conditions: Conditions): string[] => conditions.firing.map((condition: Condition) => condition.code).sort();

describe('conditions', () => {
  it('names a dead device, but never one that belongs to a person', () => {
    const found = situation([
      [summary('NAS'), 'down'],
      [summary('Phone', { personal: true }), 'down'],
    ]);
    expect(codes(found)).toEqual(['device-down']);
  });

  it('tells of an alarm panel itself, whatever fell with it', () => {
    const [panel, carrier, plug] = [summary('Alarm', { kind: 'alarm-panel' }), summary('UPS', { kind: 'ups' }), summary('Plug')];
    const members = new Set([panel.id, plug.id]);
    const outage = { cause: carrier.id, members, everyone: members, falls: 1, name: panel.id, size: 2, silentSinceMs: 0 };
    const all = [panel, carrier, plug].map((device) => [device, 'down'] as [DeviceSummary, HealthState]);
    const { firing } = situation(all, 'up', { ...NO_CAUSES, outages: [outage] });
    expect(firing.map(({ deviceId }) => deviceId)).toEqual([panel.id, carrier.id]);
  });

  it('shortens the subject of a title, never what is said of it', () => {
    const long = summary('x'.repeat(128), { vendor: 'y'.repeat(128), model: 'z'.repeat(128) });
    const [change] = reduceAlerts(NOTHING, situation([[long, 'down']]), at(0)).changes;
    expect(change?.alert.title).toMatch(/… does not answer$/);
  });

  it('lets a dead router explain the missing internet', () => {
    const router = summary('Router', { isGateway: true });
    expect(codes(situation([[router, 'up']], 'down'))).toEqual(['internet-down']);
    expect(codes(situation([[router, 'down']], 'down'))).toEqual(['gateway-unreachable']);
  });

  it('has a definition for each code whose causes exist', () => {
    for (const code of ALERT_CODES) {
      expect(ALERT_CATALOGUE[code].code).toBe(code);
      for (const cause of ALERT_CATALOGUE[code].dependsOn) expect(ALERT_CODES).toContain(cause);
    }
  });

  it('calls a device by the most that is known', () => {
    expect(titleAndPlace(summary('Kitchen', { vendor: 'Sonos', model: 'One' }))).toBe('Sonos One "Kitchen" (192.168.50.20)');
    expect(titleAndPlace(summary('Vault', { vendor: 'Synology', model: 'Synology DS418' }))).toBe('Synology DS418 "Vault" (192.168.50.20)');
    expect(titleAndPlace(summary('HP LaserJet M252 (C91)', { vendor: 'HP', model: 'LaserJet M252' }))).toBe(
      'HP LaserJet M252 (C91) (192.168.50.20)',
    );
  });
});

describe('the alert book', () => {
  const nas = summary('NAS');

  it('raises once, keeps while it lasts, and clears when it is over', () => {
    const raised = reduceAlerts(NOTHING, situation([[nas, 'down']]), at(0));
    expect(raised.changes.map((change) => change.kind)).toEqual(['alert.raised']);
    const kept = reduceAlerts(raised.book, situation([[nas, 'down']]), at(60));
    expect(kept.changes).toEqual([]);
    const cleared = reduceAlerts(kept.book, situation([[nas, 'up']]), at(90));
    expect(cleared.changes.map((change) => change.kind)).toEqual(['alert.cleared']);
    expect(cleared.book.size).toBe(0);
    expect(cleared.changes[0]?.alert.clearedAt).toBe(at(90).wallMs);
  });

  it('neither clears nor repeats while the state is in doubt', () => {
    const raised = reduceAlerts(NOTHING, situation([[nas, 'down']]), at(0));
    const blind = reduceAlerts(raised.book, situation([[nas, 'unknown']]), at(60));
    expect(blind.changes).toEqual([]);
    expect(blind.book.size).toBe(1);
  });

  it('clears when the device turns out to be one that people switch off', () => {
    const raised = reduceAlerts(NOTHING, situation([[nas, 'down']]), at(0));
    expect(reduceAlerts(raised.book, situation([[nas, 'asleep']]), at(60)).changes).toMatchObject([{ kind: 'alert.cleared' }]);
  });

  it('tells the state at once and asks for attention after the hold', () => {
    const [change] = reduceAlerts(NOTHING, situation([[nas, 'down']]), at(0)).changes;
    expect(change?.alert.raisedAt).toBe(at(0).wallMs);
    expect(change?.alert.actionableAt).toBe(at(0).wallMs + ALERT_CATALOGUE['device-down'].holdMs);
  });

  it('makes messages that fit the contract', () => {
    const { changes } = reduceAlerts(NOTHING, situation([[nas, 'down']], 'down'), at(0));
    expect(changes).toHaveLength(2);
    for (const { alert } of changes) expect(alertSchema.parse(alert)).toEqual(alert);
  });
});

describe('the digest of new devices', () => {
  const START: NewDevices = { waiting: [], firstAtMs: 0, lastAtMs: 0, initial: true };

  it('tells a first inventory of sixty in one message, once it is complete', () => {
    const devices = new Map(Array.from({ length: 60 }, (_, i) => summary(`Device ${i}`)).map((device) => [device.id, device]));
    let state = START;
    const digests: unknown[] = [];
    const ids = [...devices.keys()];
    for (let second = 0; second < 1800; second++) {
      state = noteNewDevices(state, second < 50 ? ids.slice(second, second + 1) : second === 70 ? ids.slice(50) : [], second * 1000);
      const told = digestNewDevices(state, devices, at(second));
      state = told.state;
      if (told.digest) digests.push(told.digest);
    }
    expect(digests).toHaveLength(1);
    expect((digests[0] as { title: string }).title).toContain('60 devices');
    expect(alertSchema.parse(digests[0])).toEqual(digests[0]);
  });

  it('leaves out the name of what nobody knows the kind of: it may be a name of a person', () => {
    const { kind: _, ...unknown } = summary('annas-things', { vendor: 'Espressif' });
    const told = digestNewDevices(noteNewDevices(START, [unknown.id], 0), new Map([[unknown.id, unknown]]), at(3600)).digest;
    expect(told?.text).toContain('Espressif (192.168.50.20)');
    expect(JSON.stringify(told)).not.toContain('annas');
  });

  it('gathers later arrivals for five minutes', () => {
    const [one, two] = [summary('Plug'), summary('Lamp')];
    const devices = new Map([one, two].map((device) => [device.id, device]));
    let state = noteNewDevices({ ...START, initial: false }, [one.id], 0);
    state = noteNewDevices(state, [two.id], 200_000);
    expect(digestNewDevices(state, devices, at(299)).digest).toBeUndefined();
    expect(digestNewDevices(state, devices, at(300)).digest?.text).toMatch(/Plug.*Lamp/);
  });

  it("counts people's devices and never names them", () => {
    const [tv, phone] = [summary('TV'), summary('Phone of Anna', { personal: true })];
    const devices = new Map([tv, phone].map((device) => [device.id, device]));
    const { digest } = digestNewDevices(noteNewDevices(START, [tv.id, phone.id], 0), devices, at(100));
    expect(JSON.stringify(digest)).not.toContain('Anna');
    expect(digest?.text).toContain('1 personal device');
  });

  it('says nothing of a later arrival that is a person', () => {
    const phone = summary('Phone of Anna', { personal: true });
    const state = noteNewDevices({ ...START, initial: false }, [phone.id], 0);
    expect(digestNewDevices(state, new Map([[phone.id, phone]]), at(400)).digest).toBeUndefined();
  });
});
