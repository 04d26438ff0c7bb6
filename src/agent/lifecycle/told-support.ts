/**
 * What the software that manages a device says of how long its model is looked after. It is the maker's own word on this very device, so it wins over the catalogue; but
 * "not ended" says nothing, for software that was never updated does not know what ended since.
 */
import type { Report, Reported } from '../inventory/reports.ts';
import type { Found } from './match.ts';
import { verdictOf } from './told-verdict.ts';
import { decidingEnd, type Told, type ToldEnd, type Verdict } from './verdict.ts';

type Said = Pick<Verdict, 'state' | 'why' | 'toDo'> & { readonly stage: 0 | 365 };

const SAID: Readonly<Record<NonNullable<Reported['support']>, Said>> = {
  ended: {
    state: 'overdue',
    stage: 0,
    why: 'Its model has reached its end and gets no more updates, says the UniFi console that manages it.',
    toDo: 'Replace it.',
  },
  'fixes-only': {
    state: 'plan',
    stage: 365,
    why: 'Its model is in long-term support, the last stage before its end, says the UniFi console that manages it.',
    toDo: 'Plan its replacement.',
  },
  unsupported: {
    state: 'check',
    stage: 0,
    why: 'The UniFi console that manages it does not support it: it is too old for that console, or too new.',
    toDo: 'Look in the console which of the two it is. For what is too new, update the console.',
  },
};

/** An end once told stays one, however long ago that was. */
export function supportEnds(source: string, report: Report): ToldEnd[] {
  const { support } = report.says;
  if (support === undefined) return [];
  const { stage, ...said } = SAID[support];
  return [{ cause: 'support', name: `told-${support}`, stage, verdict: verdictOf(said, source, report) }];
}

const OVERRULED = new Set<ReturnType<typeof decidingEnd>>(['security', 'support', 'sale', 'pastBy']);

/** Without what the catalogue says of the same end. Holes that are attacked stay, and what is switched off beside it. */
export function withoutOverruled(found: readonly Found[], told: Told | undefined): readonly Found[] {
  if (!told?.ends.some(({ cause, verdict }) => cause === 'support' && verdict.tell === 'client')) return found;
  return found.filter((one) =>
    (one.is === 'about' ? [one.fact] : one.facts).some((fact) => fact.exploited || !OVERRULED.has(decidingEnd(fact))),
  );
}
