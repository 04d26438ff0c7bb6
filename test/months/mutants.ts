/**
 * Rules of the product, each taken away in turn: a simulator that does not notice proves nothing. A mutant is a change of the source as it is loaded, so that the product
 * carries no switches for it; one whose text is not found any more fails.
 */
import type { Weather } from './month.ts';

export type Mutant = {
  readonly name: string;
  readonly file: string;
  readonly was: string;
  readonly becomes: string;
  /** In which it shows; `stress` where none is named. */
  readonly weather?: Weather;
  /** From which life on it is looked for, where the first ones do not meet it: what these cost is what `npm test` costs. */
  readonly seed?: number;
};

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'one silent answer is enough',
    file: 'src/agent/health/judge.ts',
    was: 'if (misses < record.profile.confirmations) {',
    becomes: 'if (misses < 1) {',
  },
  {
    name: 'the hub never doubts itself',
    file: 'src/agent/health/judge.ts',
    was: 'if (hub.eventLoopLagMs > LAG_LIMIT_MS || result.startedAt.monoMs < (doubt?.trustedFromMs ?? 0)) return false;',
    becomes: '',
    seed: 10,
  },
  {
    name: 'what people switch off is a fault',
    file: 'src/agent/health/profiles.ts',
    was: "resting: { name: 'resting', intervalMs: 15_000, confirmations: 10, spacingMs: 3_000, timeoutMs: 1_000, silence: 'habit' }",
    becomes: "resting: { name: 'resting', intervalMs: 15_000, confirmations: 10, spacingMs: 3_000, timeoutMs: 1_000, silence: 'fault' }",
  },
  {
    name: 'an unknown thing that may be a visitor’s is expected to stay',
    file: 'src/agent/health/profiles.ts',
    was: "if (kind === undefined) return isPassing(device) ? 'sleeps' : 'always';",
    becomes: "if (kind === undefined) return 'always';",
    seed: 2,
  },
  {
    name: 'nobody looks whether what is silent has only moved',
    file: 'src/agent/health/looks.ts',
    was: 'const wanted = looks.isWanted || isWanted;',
    becomes: 'const wanted = false;',
    seed: 2,
  },
  {
    name: 'people are asked to act at once',
    file: 'src/agent/policy.ts',
    was: "wired: ALERT_CATALOGUE['device-down'].holdMs,",
    becomes: 'wired: 0,',
    seed: 2,
  },
  {
    name: 'a hold goes on while the hub cannot look',
    file: 'src/agent/alerts/holds.ts',
    was: 'if (!condition || !canLook(alert, watching)) {',
    becomes: 'if (!condition) {',
    weather: 'blind',
    seed: 5,
  },
  {
    name: 'Wi-Fi is given no more time than a wire',
    file: 'src/agent/policy.ts',
    was: 'wifi: 300_000,',
    becomes: 'wifi: 30_000,',
    seed: 2,
  },
  {
    name: 'nobody looks for a common cause',
    file: 'src/agent/alerts/common-cause.ts',
    was: 'if (down.length === 0 && before.outages.length === 0)',
    becomes: 'if (down.length >= 0)',
    seed: 28,
  },
  {
    name: 'one silent question to each place is enough for the line to be down',
    file: 'src/agent/health/internet.ts',
    was: 'const SILENCES_NEEDED = 3;',
    becomes: 'const SILENCES_NEEDED = 1;',
    seed: 16,
  },
  {
    name: 'a device that is down is never asked again',
    file: 'src/agent/health/judge.ts',
    was: 'const DOWN_INTERVAL_MS = 5_000;',
    becomes: 'const DOWN_INTERVAL_MS = 50_000_000;',
  },
  {
    name: 'alerts are never raised',
    file: 'src/agent/alerts/conditions.ts',
    was: "else if (record.state === 'down') {",
    becomes: "else if (record.state === 'down' && record.everHeard === false) {",
    seed: 2,
  },
];
