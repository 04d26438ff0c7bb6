import { describe, expect, it } from 'vitest';
import { noteFlaps } from '../../../src/agent/alerts/unstable.ts';
import { holdMsOf, isTold, mayRest, promisedFor, severityOf } from '../../../src/agent/alerts/urgency.ts';
import type { Transition } from '../../../src/agent/health/health.ts';
import { NO_LOSSES } from '../../../src/agent/health/losses.ts';
import { adaptedTo, PROFILES, profileFor } from '../../../src/agent/health/profiles.ts';
import { holdOf, type Policy, STANDARD_POLICY } from '../../../src/agent/policy.ts';
import { policyOf } from '../../../src/config/policy.ts';
import { readSettings } from '../../../src/config/read-settings.ts';
import { at, device, House, silent } from './health/book.ts';

function policy(yaml: string): Policy {
  const read = readSettings(`policy: ${yaml}`);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return policyOf(read.value.policy);
}

const a = (kind: string) => device(kind, { facts: { kind: [{ value: kind, confidence: 0.9, source: 'test', at: 0 }] } });
const FRESH = { methods: {}, rtts: [] };

describe('the policy of a home', () => {
  it('is the standard one where nothing was turned', () => {
    expect(policy('{}')).toEqual(STANDARD_POLICY);
  });

  it('holds each kind of trouble for as long as people say, and single kinds of devices before their link', () => {
    const turned = policy('{ hold: { wired: 90s, wifi: 1h, gateway: 0s, internet: 3min }, kinds: { nvr: { hold: 20min } } }');
    const at = (kind: 'nvr' | 'plug', profile: keyof typeof PROFILES) => holdMsOf({ kind, isGateway: false }, PROFILES[profile], turned);
    expect([at('plug', 'wired'), at('plug', 'other'), at('plug', 'quiet'), at('nvr', 'other')]).toEqual([
      90_000, 3_600_000, 3_600_000, 1_200_000,
    ]);
    expect(holdMsOf({ kind: 'router', isGateway: true }, PROFILES.gateway, turned)).toBe(0);
    expect([holdOf('internet-down', turned), holdOf('dns-down', turned), holdOf('device-unstable', turned)]).toEqual([180_000, 120_000, 0]);
  });

  it('says in what a device promises what it turned', () => {
    const record = { profile: PROFILES.wired, losses: NO_LOSSES };
    expect(promisedFor({ kind: 'nvr', isGateway: false }, record, true, policy('{ hold: { wired: 10min } }')).reportAfterMs).toBe(600_000);
  });

  it('makes a kind worth more or less, and leaves it untold, but never what people call critical', () => {
    const turned = policy('{ kinds: { plug: { worth: core }, camera: { worth: usual, told: false } } }');
    expect([severityOf({ kind: 'plug', isGateway: false }, turned), severityOf({ kind: 'camera', isGateway: false }, turned)]).toEqual([
      'error',
      'warning',
    ]);
    expect(mayRest({ kind: 'plug', isGateway: false, personal: false }, turned)).toBe(false);
    const camera = { kind: 'camera', isGateway: false } as const;
    expect([isTold(camera, turned), isTold({ ...camera, critical: true }, turned), isTold(camera, STANDARD_POLICY)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(holdMsOf(camera, PROFILES.wired, turned)).toBeUndefined();
  });

  it('takes the silence of what people switch off for a fault, or that of what is always on for a habit', () => {
    const turned = policy('{ kinds: { tv: { silence: fault }, speaker: { silence: habit } } }');
    expect([profileFor(a('tv'), FRESH, STANDARD_POLICY).silence, profileFor(a('tv'), FRESH, turned).silence]).toEqual(['habit', 'fault']);
    expect([profileFor(a('speaker'), FRESH, STANDARD_POLICY).silence, profileFor(a('speaker'), FRESH, turned).silence]).toEqual([
      'fault',
      'habit',
    ]);
  });

  it('asks for more silent answers before down, from the first question on and in spite of a good link', () => {
    const sure = policy('{ confirmations: 25 }');
    expect(profileFor(device('nas'), FRESH, sure).confirmations).toBe(25);
    const good = { rounds: 200_000, losses: NO_LOSSES };
    expect([
      adaptedTo(PROFILES.wired, good, 60, STANDARD_POLICY).confirmations,
      adaptedTo(PROFILES.wired, good, 60, sure).confirmations,
    ]).toEqual([6, 25]);
    const house = new House([device('nas'), device('router', { isGateway: true })]);
    house.policy = sure;
    house.run(60);
    house.behaviour.set('nas', silent);
    const usual = house.run(13).state('nas');
    expect([usual, house.run(18).state('nas')]).toEqual(['suspect', 'down']);
  });

  it('counts as coming and going what people say', () => {
    const fell = { deviceId: 'plug', from: 'suspect', to: 'down', at: at(0) } as Transition;
    const { unstable } = policy('{ unstable: { falls: 2, within: 5min } }');
    const twice = (gapMs: number) => noteFlaps(noteFlaps(new Map(), [fell], 0, unstable), [fell], gapMs, unstable).get('plug');
    expect([twice(299_000)?.unstableSinceMs, twice(301_000)?.unstableSinceMs]).toEqual([0, undefined]);
  });
});

describe('a policy that people wrote', () => {
  const problems = (yaml: string) => {
    const read = readSettings(`policy: ${yaml}`);
    return read.ok ? [] : read.error.map(({ path }) => path);
  };

  it('is refused with every problem at once, and what would be right', () => {
    expect(
      problems(
        '{ hold: { wired: soon }, confirmations: 2, unstable: { within: 1min }, never: [device-down], kinds: { fridge: {}, tv: { hld: 2 } } }',
      ).sort(),
    ).toEqual([
      'policy.confirmations',
      'policy.hold.wired',
      'policy.kinds.fridge',
      'policy.kinds.tv.hld',
      'policy.never.0',
      'policy.unstable.within',
    ]);
    expect(readSettings('policy: { kinds: { tv: { hld: 2 } } }')).toMatchObject({
      error: [{ message: 'unknown setting; did you mean "hold"?' }],
    });
  });

  it.each(['told: false', 'silence: habit', 'worth: usual'])('never makes less of what guards lives: %s', (words) => {
    expect(problems(`{ kinds: { smoke-alarm: { ${words} }, tv: { ${words} } } }`)).toEqual(['policy.kinds.smoke-alarm']);
    expect(problems('{ kinds: { smoke-alarm: { silence: fault, hold: 0s } } }')).toEqual([]);
  });
});
