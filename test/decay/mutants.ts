/** Rules of the detector, each taken away in turn as the source is loaded (test/months/mutate.ts): a bench that does not notice proves nothing. */
import type { Mutant } from '../months/mutants.ts';

const HOUSE = 'src/agent/decay/house.ts';

export const DECAY_MUTANTS: readonly Mutant[] = [
  {
    name: 'what many do together is told of each',
    file: HOUSE,
    was: 'those >= FEWEST_TOGETHER && those >= of * SHARE_TOGETHER',
    becomes: 'those > of',
  },
  {
    name: 'one bad week is enough',
    file: HOUSE,
    was: '.slice(-weeks)',
    becomes: '.slice(-1)',
  },
  {
    name: 'a step is decay too',
    file: 'src/agent/decay/trend.ts',
    was: 'if (!point.isMoved && Math.abs(change) <= most) value += change;',
    becomes: 'value += change;',
  },
  {
    name: 'a device that drops for its link has a dying power supply',
    file: HOUSE,
    was: "by: ['loss', 'delay'], more: WORSE_LINK",
    becomes: 'by: [], more: 0',
  },
  {
    name: 'what a timer does is counted',
    file: 'src/agent/decay/day.ts',
    was: 'const daily = Math.min(...counts);',
    becomes: 'const daily = 0;',
  },
];
