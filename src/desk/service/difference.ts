/** What a new version of a policy changes, in words that a dealer can read. Pure. */
import { QUALIFIED_WITHIN_MS } from '../vendors/vendor-case.ts';
import type { FirstAnswer, Home, Person, Plan, ServicePolicy, Skill } from './policy.ts';
import { coverWords, exactly, feeWords, hoursWords, interactionWords, ladderWords, spanWords, visitWords } from './words.ts';

/** `what`: `plan basic`, `home 7kkt...`; `before` and `after` are missing where it was not there. */
export type Change = { readonly what: string; readonly part: string; readonly before?: string; readonly after?: string };

type Parts = Readonly<Record<string, string>>;

export function differenceOf(old: ServicePolicy, newer: ServicePolicy): Change[] {
  return [
    ...changesIn('policy', policyParts(old), policyParts(newer)),
    ...changesOf('plan', mapped(old.plans, planParts), mapped(newer.plans, planParts)),
    ...changesOf('holidays', mapped(old.holidays, Object.fromEntries<string>), mapped(newer.holidays, Object.fromEntries<string>)),
    ...changesOf('skill', mapped(old.skills, skillParts), mapped(newer.skills, skillParts)),
    ...changesOf('person', mapped(old.people, personParts), mapped(newer.people, personParts)),
    ...changesOf('home', mapped(old.homes, homeParts), mapped(newer.homes, homeParts)),
  ];
}

/** What must be said of the two names: a change that keeps its version cannot be told apart by those whom it binds. */
export function versionTrouble(old: ServicePolicy, newer: ServicePolicy, changes: readonly Change[]): string | undefined {
  if (changes.length > 0 && old.version === newer.version)
    return `It changes, and both are version "${old.version}": give the new one another.`;
  if (newer.since < old.since) return `The new one holds since ${newer.since}, which is before the old one (${old.since}).`;
  return undefined;
}

export function changeWords({ what, part, before, after }: Change): string {
  if (part === '') return before === undefined ? `${what}: new` : `${what}: gone`;
  if (before === undefined) return `${what}: ${part}: ${after} (new)`;
  return after === undefined ? `${what}: ${part}: no longer ${before}` : `${what}: ${part}: ${after} (was ${before})`;
}

function mapped<T>(from: ReadonlyMap<string, T>, parts: (value: T) => Parts): ReadonlyMap<string, Parts> {
  return new Map([...from].map(([name, value]) => [name, parts(value)]));
}

function changesOf(noun: string, old: ReadonlyMap<string, Parts>, newer: ReadonlyMap<string, Parts>): Change[] {
  return [...new Set([...old.keys(), ...newer.keys()])].flatMap((name) => {
    const [before, after] = [old.get(name), newer.get(name)];
    const presence = [...(before ? [] : [{ what: `${noun} ${name}`, part: '', after: 'there' }])];
    if (after === undefined) return [{ what: `${noun} ${name}`, part: '', before: 'there' }];
    return [...presence, ...changesIn(`${noun} ${name}`, before ?? {}, after)];
  });
}

function changesIn(what: string, old: Parts, newer: Parts): Change[] {
  return [...new Set([...Object.keys(old), ...Object.keys(newer)])].flatMap((part) => {
    const [before, after] = [old[part], newer[part]];
    if (before === after) return [];
    return [{ what, part, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  });
}

function planParts({
  title,
  covers,
  firstAnswer,
  premisesDown,
  visit,
  unanswered,
  interactions,
  fee,
  dealerShare,
  dealerIncluded,
}: Plan): Parts {
  return {
    title,
    covers: coverWords(covers),
    ...answerParts('first answer', firstAnswer),
    ...answerParts('first answer when the house is down', premisesDown),
    visit: visitWords(visit),
    'while nobody answers': ladderWords(unanswered),
    questions: interactionWords(interactions),
    fee: feeWords(fee),
    "the dealer's share of it": dealerShare === undefined ? 'none' : `${Number((dealerShare * 100).toFixed(2))} %`,
    "the dealer's work": dealerIncluded ? 'included' : 'billed',
  };
}

function answerParts(name: string, promise: FirstAnswer | undefined): Parts {
  if (promise === undefined) return { [name]: 'no promise' };
  const { withinMs, warnShare, hours } = promise;
  return {
    [name]: `within ${exactly(withinMs)}`,
    [`${name}, warned`]: `after ${exactly(withinMs * warnShare)}`,
    [`${name}, hours`]: hoursWords(hours),
  };
}

function policyParts({ standardPlan, timeIncrement, qualifiedWithinMs = QUALIFIED_WITHIN_MS }: ServicePolicy): Parts {
  return {
    'standard plan': standardPlan,
    'time is counted in': exactly(timeIncrement * 60_000),
    'somebody qualified at a vendor': `within ${exactly(qualifiedWithinMs)}`,
  };
}

function skillParts({ vendors, kinds }: Skill): Parts {
  return { makers: vendors.join(', ') || 'none', kinds: [...kinds].join(', ') || 'none' };
}

function personParts({ skills, hours }: Person): Parts {
  return { knows: [...skills].join(', ') || 'nothing', 'usual hours': hours ? hoursWords(hours) : 'none' };
}

function homeParts({ plan, timeZone, dealer, provider, area, consent, noCalls }: Home): Parts {
  return {
    plan,
    'time zone': timeZone ?? 'as its hub says',
    dealer: dealer ?? 'none',
    'internet provider': provider ?? 'not said',
    area: area ?? 'not said',
    'consent to be billed': consent ? `${consent.rate}, by ${consent.by} on ${consent.on}, recorded by ${consent.recordedBy}` : 'none',
    'no calls': spanWords(noCalls),
  };
}
