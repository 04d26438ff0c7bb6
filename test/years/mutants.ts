/** Rules of what is told once, each taken away in turn: years that do not notice prove nothing. */
import type { Mutant } from '../months/mutants.ts';

/** `home`: one that meets the rule, by its seed and that of its catalogues; else one of a dozen does. */
type YearsMutant = Mutant & { readonly home?: readonly [seed: string, editions: string] };

const STAGES = 'src/agent/alerts/stages.ts';
const APPLY = 'src/desk/ingest/apply-alert.ts';

export const YEARS_MUTANTS: readonly YearsMutant[] = [
  {
    name: 'what was told is told again at each look',
    file: STAGES,
    was: 'return !told || stage < told.stage || isNewlyAttacked ? due : undefined;',
    becomes: 'return due;',
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
    was: 'if (isEarly && isDesks) {',
    becomes: 'if (false) {',
  },
  {
    name: 'ages are told by a clock that the desk has not heard',
    file: STAGES,
    was: 'hasDesk && !present.isDesks && isAge(place);',
    becomes: 'false;',
    home: ['70', '1'],
  },
  {
    name: 'the desk takes a stage told again for news',
    file: APPLY,
    was: "return told !== undefined && told <= alert.stage ? 'known' : 'new';",
    becomes: "return 'new';",
  },
  {
    name: 'the desk believes a clock that is ahead of its own',
    file: APPLY,
    was: "if (isTooEarly(alert, receivedAt)) return 'early';",
    becomes: '',
  },
  {
    name: 'what is called past too early is over',
    file: APPLY,
    was: 'if (before?.ends === ends && before && !isBefore(order, before)) await noteNamed(db, before, order);',
    becomes: '',
    home: ['18', '1'],
  },
  {
    name: 'the desk tells no hub what it forgot',
    file: 'src/desk/ingest/telling.ts',
    was: '...(await listForgotten(database)).flatMap(reminderOf), ',
    becomes: '',
    home: ['407', '400'],
  },
  {
    name: 'what an old memory left out is over',
    file: 'src/desk/store/alerts.ts',
    was: '.set({ forgotten: 1 })',
    becomes: '.set({ forgotten: 0 })',
    home: ['407', '400'],
  },
  {
    name: 'an older word of the hub ends a newer plan',
    file: 'src/desk/ingest/seen.ts',
    was: 'return ours && isLaterPlan(ours, by) ? { by: ours, untold: true } : { by, untold: false };',
    becomes: 'return { by, untold: false };',
    home: ['18', '1'],
  },
  {
    name: 'a plan that was asked about is taken from an old memory',
    file: 'src/desk/ingest/seen.ts',
    was: 'hubs && isOldPlan(hubs, ours, receivedAt) ? undefined : hubs;',
    becomes: 'hubs;',
    home: ['131', '1'],
  },
];
