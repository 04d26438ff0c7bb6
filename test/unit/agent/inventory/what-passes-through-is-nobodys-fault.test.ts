/** A visitor's things have their maker's MACs: what came later, is not known and has not stayed is not expected to answer, and is forgotten when it is gone. */
import { describe, expect, it } from 'vitest';
import { profileFor } from '../../../../src/agent/health/profiles.ts';
import type { Device } from '../../../../src/agent/inventory/device.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';
import { from, home } from './hearing.ts';

const HOURS = 3_600;
const DAYS = 24 * HOURS;
const FIRST = '00:0e:58:00:00:01';
const LATER = '00:00:5a:00:00:09';
const first = from('192.168.1.30');
const later = from('192.168.1.40');

const silenceOf = (device: Device | undefined) => profileFor(device as Device, { methods: {}, rtts: [] }, STANDARD_POLICY).silence;

describe('an unknown thing', () => {
  it('that the house was found with is expected to stay', () => {
    const lan = home();
    lan.hear(0, first.is(FIRST, 0));
    lan.hear(600, later.is(LATER, 600));
    expect(silenceOf(lan.byMac(LATER))).toBe('fault');
  });

  it('that came later may leave again, until it has stayed for a week', () => {
    const lan = home();
    lan.hear(0, first.is(FIRST, 0));
    lan.hear(2 * HOURS, later.is(LATER, 2 * HOURS));
    expect(silenceOf(lan.byMac(LATER))).toBe('habit');
    for (let at = 1; at <= 8; at += 1 / 3) lan.hear(at * DAYS, first.is(FIRST, at * DAYS), later.is(LATER, at * DAYS));
    expect(silenceOf(lan.byMac(LATER))).toBe('fault');
  });

  it('that comes every other evening never stays, whenever it came first', () => {
    const lan = home();
    lan.hear(0, first.is(FIRST, 0));
    for (let day = 1; day <= 15; day += 2)
      for (const at of [day * DAYS + 18 * HOURS, day * DAYS + 23 * HOURS]) lan.hear(at, first.is(FIRST, at), later.is(LATER, at));
    expect(silenceOf(lan.byMac(LATER))).toBe('habit');
  });

  it('that stayed is missed, however long it is silent', () => {
    const lan = home();
    lan.hear(0, first.is(FIRST, 0));
    for (let at = 1; at <= 9; at += 1 / 3) lan.hear(at * DAYS, first.is(FIRST, at * DAYS), later.is(LATER, at * DAYS));
    lan.hear(14 * DAYS, first.is(FIRST, 14 * DAYS));
    expect(silenceOf(lan.byMac(LATER))).toBe('fault');
  });

  it('that never stayed is forgotten after three days, and comes anew', () => {
    const lan = home();
    lan.hear(0, first.is(FIRST, 0));
    lan.hear(2 * HOURS, later.is(LATER, 2 * HOURS));
    const changes = lan.hear(4 * DAYS, first.is(FIRST, 4 * DAYS));
    expect(changes).toMatchObject([{ kind: 'removed', because: expect.stringContaining('never stayed') }]);
    lan.hear(9 * DAYS, later.is(LATER, 9 * DAYS));
    expect(silenceOf(lan.byMac(LATER))).toBe('habit');
  });
});
