import { describe, expect, it } from 'vitest';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import {
  type House,
  isSomebodyMissed,
  lookAtSilence,
  type MassSilence,
  massSilenceDueAtMs,
} from '../../../../src/agent/health/mass-silence.ts';
import type { ProbeResult } from '../../../../src/agent/health/probe.ts';
import { PROFILES } from '../../../../src/agent/health/profiles.ts';
import { at } from './book.ts';

type Part = { silentAt?: number; misses?: number; lost?: number; state?: CheckRecord['state'] };

const attempt = (outcome: 'answered' | 'silent') => ({ at: 0, method: 'udp', outcome, detail: '' }) as const;

function record(deviceId: string, { silentAt, misses = 1, lost = 0, state = 'up' }: Part, heardAt: number): CheckRecord {
  return {
    deviceId,
    state,
    profile: PROFILES.wired,
    everHeard: true,
    misses: silentAt === undefined ? 0 : misses,
    ...(silentAt === undefined ? {} : { silentSinceMs: silentAt * 1000 }),
    life: { at: at(heardAt), by: 'udp' },
    methods: { udp: { asked: 9, answered: 5 } },
    attempts: [...Array(lost).fill(attempt('silent')), attempt('answered')],
    probing: false,
  } as unknown as CheckRecord;
}

/** Ten devices and their router; `parts` are the first of the ten. */
function house(second: number, parts: readonly Part[], more: Partial<House> & { router?: Part } = {}): House {
  const { router = {}, ...rest } = more;
  const records = Array.from({ length: 10 }, (_, i) => record(`thing-${i}`, parts[i] ?? {}, parts[i] ? 0 : second - 2));
  const book = new Map([...records, record('router', router, second - 2)].map((each) => [each.deviceId, each]));
  return { book, gatewayId: 'router', isFit: true, hasSilentCarrier: () => false, nowMs: second * 1000, ...rest };
}

const silent = (count: number, part: Part): Part[] => Array.from({ length: count }, () => part);
const phase = (mass: MassSilence | undefined): string => mass?.phase ?? 'none';

/** Through the phases at these seconds, each with the house as it is then. */
function through(...looks: (readonly [number, readonly Part[], (Partial<House> & { router?: Part })?])[]): string[] {
  let mass: MassSilence | undefined;
  return looks.map(([second, parts, more]) => {
    mass = lookAtSilence(mass, house(second, parts, more)).mass;
    return phase(mass);
  });
}

const six = silent(6, { silentAt: 100 });
const sixForLong = silent(6, { silentAt: 100, misses: 6, state: 'suspect' });

describe('a house of which much is silent at once', () => {
  it('is asked as a whole, where five are and the router answers', () => {
    expect(lookAtSilence(undefined, house(102, silent(4, { silentAt: 100 }))).mass).toBeUndefined();
    const looked = lookAtSilence(undefined, house(102, silent(5, { silentAt: 100 })));
    expect(phase(looked.mass)).toBe('asked');
    expect(looked.ask).toEqual([
      'thing-0',
      'thing-1',
      'thing-2',
      'thing-3',
      'thing-4',
      'thing-5',
      'thing-6',
      'thing-7',
      'thing-8',
      'thing-9',
      'router',
    ]);
    expect(through([102, six, { router: { silentAt: 101, state: 'suspect' } }])).toEqual(['none']);
    expect(through([102, silent(6, { silentAt: 80 })])).toEqual(['none']);
    expect(through([102, silent(6, { silentAt: 100, state: 'down' })])).toEqual(['none']);
  });

  it('is looked at when one is silent that should answer, and not in the rounds of what is asleep or dead', () => {
    const { book } = house(102, [{ state: 'suspect', silentAt: 100 }, { state: 'asleep' }, { state: 'down' }]);
    const isLookedAt = (place: number, outcome: ProbeResult['outcome']): boolean =>
      isSomebodyMissed(book, [{ request: { deviceId: `thing-${place}` }, outcome } as ProbeResult]);
    expect([0, 1, 2, 3].map((place) => isLookedAt(place, 'silent'))).toEqual([true, false, false, true]);
    expect(isLookedAt(0, 'answered')).toBe(false);
    expect(isLookedAt(99, 'silent')).toBe(false);
  });

  it('is doubted where most of it stays silent, and shown to be so after half a minute', () => {
    expect(through([102, six], [104, six], [105, six], [131, sixForLong], [132, sixForLong])).toEqual([
      'asked',
      'asked',
      'doubted',
      'doubted',
      'shown',
    ]);
    expect(through([102, six], [105, silent(5, { silentAt: 100 })], [110, []], [115, []])).toEqual(['asked', 'resting', 'resting', 'none']);
  });

  it('is not doubted where all that are silent hang on something that is silent too', () => {
    const carrier = { hasSilentCarrier: (ids: ReadonlySet<string>) => ids.size === 6 };
    expect(through([102, six, carrier], [105, six, carrier])).toEqual(['asked', 'shown']);
  });

  it('is not shown to be so by a hub that is not fit, nor by some that answer now and then', () => {
    const unfit = { isFit: false };
    expect(through([102, six, unfit], [105, six, unfit], [140, sixForLong, unfit], [178, sixForLong, unfit])).toEqual([
      'asked',
      'doubted',
      'doubted',
      'unclear',
    ]);
    const torn = [...silent(2, { silentAt: 170 }), ...silent(4, { lost: 2 })];
    expect(through([102, six], [105, six], [140, torn], [178, torn], [190, torn], [200, []])).toEqual([
      'asked',
      'doubted',
      'doubted',
      'unclear',
      'unclear',
      'resting',
    ]);
  });

  it('is not doubted for longer than it is silent, nor where the router is silent too', () => {
    expect(through([102, six], [105, six], [110, []], [120, []])).toEqual(['asked', 'doubted', 'resting', 'none']);
    const router = { router: { silentAt: 101, misses: 3, state: 'suspect' as const } };
    expect(through([102, six], [105, six], [108, six, router])).toEqual(['asked', 'doubted', 'shown']);
  });

  it('says when it is to be looked at again', () => {
    const mass = (phase: MassSilence['phase']): MassSilence => ({ phase, sinceMs: 1_000, phaseSinceMs: 5_000 });
    expect((['asked', 'doubted', 'shown', 'resting', 'unclear'] as const).map((each) => massSilenceDueAtMs(mass(each)))).toEqual([
      4_000,
      31_000,
      65_000,
      15_000,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
