/** Rules of what is told once, each taken away in turn: years that do not notice prove nothing. */
import type { Mutant } from '../months/mutants.ts';

/** `seed`: of a dozen homes, one of which meets the rule. */
type YearsMutant = Mutant & { readonly seed?: string };

const STAGES = 'src/agent/alerts/stages.ts';

export const YEARS_MUTANTS: readonly YearsMutant[] = [
  {
    name: 'what was told is told again at each look',
    file: STAGES,
    was: 'return !told || stage < told.stage || isNewlyAttacked ? due : undefined;',
    becomes: 'return due;',
  },
  {
    name: 'the hub forgets at a restart what it told',
    file: 'src/agent/store/lifecycle-store.ts',
    was: 'for (const [what, stage] of told) writeStage.run(what, JSON.stringify(stage));',
    becomes: '',
  },
  {
    name: 'a clock that nobody vouches for counts',
    file: STAGES,
    was: 'if (!present.isSure) return { ...before, changes: [], isWaiting: false };',
    becomes: '',
    seed: '112',
  },
  {
    name: 'half a year before the end nobody is told',
    file: 'src/agent/alerts/stage-table.ts',
    was: 'support: [365, 180, 90, 30],',
    becomes: 'support: [365, 90, 30],',
  },
  { name: 'a plan keeps nothing quiet', file: STAGES, was: 'if (plan !== undefined) {', becomes: 'if (plan === "never") {' },
  { name: 'a plan holds for ever', file: STAGES, was: 'if (lastMomentOf(plan) < at) return { ...due, lapsed: plan };', becomes: '' },
  {
    name: 'what a wrong clock told is never taken back',
    file: STAGES,
    was: 'for (const key of keys) told.delete(key);',
    becomes: '',
    seed: '112',
  },
  {
    name: 'the desk forgets the plan where the hub does not know it',
    file: 'src/desk/ingest/apply-alert.ts',
    was: 'known === undefined && clearedHubAt === undefined ? await planBefore(context, alert) : undefined;',
    becomes: 'undefined as undefined;',
    seed: '112',
  },
  {
    name: 'the desk takes a stage told again for news',
    file: 'src/desk/ingest/apply-alert.ts',
    was: 'const known = same ?? (await underAnotherName(context, alert));',
    becomes: 'const known = same;',
  },
];
