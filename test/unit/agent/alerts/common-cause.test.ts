import { describe, expect, it } from 'vitest';
import {
  areSameOutages,
  type CommonCauses,
  commonCausesDueAtMs,
  findCommonCauses,
  NO_CAUSES,
  outageOf,
  restoreOutages,
  savedOutages,
} from '../../../../src/agent/alerts/common-cause.ts';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import { PROFILES } from '../../../../src/agent/health/profiles.ts';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import type { DeviceKind } from '../../../../src/agent/inventory/kinds.ts';
import type { HealthState } from '../../../../src/protocol/messages.ts';
import { at } from '../health/book.ts';

type Part = {
  state: HealthState;
  silentAt?: number;
  kind?: DeviceKind;
  isGateway?: boolean;
  personal?: boolean;
  rests?: boolean;
};

/** A house of these devices and of twenty that are well. */
function look(second: number, parts: Record<string, Part>, before: CommonCauses = NO_CAUSES): CommonCauses {
  const well = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`well-${i}`, { state: 'up' } as Part]));
  const all = Object.entries({ ...well, ...parts });
  const book = all.map(([deviceId, { state, silentAt, rests }]) => {
    const profile = rests ? PROFILES.resting : PROFILES.wired;
    const silence = silentAt === undefined ? {} : { silentSinceMs: silentAt * 1000 };
    return [deviceId, { deviceId, state, profile, everHeard: true, since: at((silentAt ?? 0) + 7), ...silence } as CheckRecord] as const;
  });
  const devices = all.map(
    ([id, { kind, isGateway = false, personal = false }]) =>
      [id, { id, personal, isGateway, ...(kind ? { kind } : {}) } as DeviceSummary] as const,
  );
  return findCommonCauses(before, { devices: new Map(devices), book: new Map(book), nowMs: second * 1000 });
}

const several = (count: number, part: Part): Record<string, Part> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`child-${i}`, part]));
const down = (silentAt: number): Part => ({ state: 'down', silentAt });

describe('the common cause of what is down', () => {
  it('is none for one, and for four of many', () => {
    expect(look(10, several(1, down(0))).outages).toEqual([]);
    expect(look(10, several(4, down(0))).outages).toEqual([]);
    expect(look(10, several(5, down(0))).outages).toMatchObject([{ size: 5 }]);
  });

  it('is the one that carries most, and explains what is below it', () => {
    const fallen = {
      ...several(3, down(20)),
      attic: { ...down(10), kind: 'access-point' },
      rack: { ...down(5), kind: 'switch' },
    } satisfies Record<string, Part>;
    const causes = look(60, fallen);
    expect(causes.outages).toMatchObject([{ cause: 'rack', size: 4 }]);
    expect(outageOf(causes, 'attic')?.cause).toBe('rack');
    expect(outageOf(causes, 'rack')).toBeUndefined();
    expect(look(60, { ...fallen, router: { ...down(15), isGateway: true } }).outages).toMatchObject([{ cause: 'router', size: 5 }]);
  });

  it('is nobody who fell at another time, belongs to a person, or may be off', () => {
    const carrier = { rack: { ...down(0), kind: 'switch' } } satisfies Record<string, Part>;
    expect(look(200, { ...carrier, nas: down(100) }).outages).toEqual([]);
    expect(look(20, { ...carrier, phone: { ...down(0), personal: true } }).outages).toEqual([]);
    expect(look(20, { ...carrier, tv: { ...down(0), rests: true } }).outages).toEqual([]);
  });

  it('is waited for while what fell at the same time is in doubt, and not for longer than 15 s', () => {
    const doubted = { nas: down(0), rack: { state: 'suspect', silentAt: 3, kind: 'switch' } } satisfies Record<string, Part>;
    expect(look(8, doubted).waiting).toEqual(new Set(['nas']));
    expect(look(23, doubted).waiting).toEqual(new Set());
    expect(look(8, { nas: down(0), other: { state: 'suspect', silentAt: 3 } }).waiting).toEqual(new Set());
    expect(look(8, { nas: down(0), ...several(4, { state: 'suspect', silentAt: 3 }) }).waiting).toEqual(new Set(['nas']));
  });

  it('is taken over by what carries more and is judged later', () => {
    const causes = look(20, several(5, down(0)));
    const withRouter = look(21, { ...several(5, down(0)), router: { ...down(2), isGateway: true } }, causes);
    expect(withRouter.outages).toMatchObject([{ cause: 'router', size: 5 }]);
    expect(outageOf(withRouter, 'router')).toBeUndefined();
  });

  it('outlives a restart, also with a clock that was set back, and gives those that return their time again', () => {
    const causes = look(60, { ...several(6, down(0)), camera: down(300) });
    const saved = savedOutages(causes, at(60));
    const later = { monoMs: 5_000, wallMs: at(60).wallMs - 400 * 86_400_000 };
    const [restored] = restoreOutages(JSON.parse(JSON.stringify(saved)), later).outages;
    expect(restored).toMatchObject({ name: causes.outages[0]?.name, size: 6, members: causes.outages[0]?.members });
    expect((restored?.silentSinceMs ?? 0) - later.monoMs).toBe(at(0).wallMs - later.wallMs);
    expect(areSameOutages(causes, look(61, { ...several(6, down(0)), camera: down(300) }, causes))).toBe(true);
    expect(areSameOutages(causes, look(61, several(5, down(0)), causes))).toBe(false);
  });

  it('explains for two minutes after it is back, then what stays silent speaks for itself', () => {
    const fallen = { ...several(3, down(0)), rack: { ...down(0), kind: 'switch' } } satisfies Record<string, Part>;
    let causes = look(60, fallen);
    const back = { ...fallen, rack: { state: 'up', kind: 'switch' } } satisfies Record<string, Part>;
    causes = look(100, back, causes);
    expect(outageOf(causes, 'child-0')?.cause).toBe('rack');
    causes = look(219, back, causes);
    expect(outageOf(causes, 'child-0')?.cause).toBe('rack');
    expect(outageOf(look(221, back, causes), 'child-0')).toBeUndefined();
  });

  it('is told once more when they fall again, and then stays until they were calm for half an hour', () => {
    const five = several(5, down(0));
    let causes = look(20, five);
    const name = causes.outages[0]?.name;
    causes = look(60, {}, causes);
    expect(causes.outages).toEqual([]);
    causes = look(120, several(5, down(100)), causes);
    expect(causes.outages).toMatchObject([{ name, falls: 2, size: 5 }]);
    causes = look(160, {}, causes);
    expect(causes.outages).toMatchObject([{ name, falls: 2, members: new Set() }]);
    expect(look(161, {}, causes).outages[0]).toBe(causes.outages[0]);
    const alone = look(300, several(1, down(280)), causes);
    expect(outageOf(alone, 'child-0')).toBeUndefined();
    causes = look(400, { ...several(5, down(380)), camera: down(380) }, causes);
    expect(causes.outages).toMatchObject([{ name, falls: 3, size: 6 }]);
    const restored = restoreOutages(JSON.parse(JSON.stringify(savedOutages(causes, at(400)))), at(400));
    expect(restored.outages).toEqual(causes.outages);
    causes = look(420, {}, causes);
    expect(look(420 + 1799, {}, causes).outages).toHaveLength(1);
    expect(look(420 + 1800, {}, causes).outages).toEqual([]);
  });

  it('says when it is to be looked at again', () => {
    expect(commonCausesDueAtMs(look(20, several(5, down(0))))).toBe(Number.POSITIVE_INFINITY);
    const half = { ...several(5, down(0)), ...several(3, { state: 'up' }) };
    expect(commonCausesDueAtMs(look(60, half, look(20, several(5, down(0)))))).toBe(180_000);
    const twice = look(120, several(5, down(100)), look(60, {}, look(20, several(5, down(0)))));
    expect(commonCausesDueAtMs(look(160, {}, twice))).toBe(1_960_000);
    expect(commonCausesDueAtMs(look(8, { nas: down(0), ...several(4, { state: 'suspect', silentAt: 3 }) }))).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is another one where others fall, or the same ones after more than half an hour', () => {
    let causes = look(60, {}, look(20, several(5, down(0))));
    const others = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [i < 4 ? `other-${i}` : `child-${i}`, down(100)]));
    expect(look(120, others, causes).outages).toMatchObject([{ falls: 1, size: 6 }]);
    causes = look(1900, several(5, down(1880)), causes);
    expect(causes.outages).toMatchObject([{ falls: 1 }]);
  });

  it('is waited for by those that an unfit hub could not judge', () => {
    const unknown: Part = { state: 'unknown', silentAt: 3 };
    expect(look(8, { nas: down(0), ...several(4, unknown) }).waiting).toEqual(new Set(['nas']));
    expect(look(8, { nas: down(0), ...several(4, { state: 'unknown' }) }).waiting).toEqual(new Set());
  });

  it('takes in what joins it late', () => {
    const causes = look(20, several(5, down(0)));
    expect(look(50, { ...several(5, down(0)), camera: down(40) }, causes).outages).toMatchObject([{ size: 6 }]);
  });
});
