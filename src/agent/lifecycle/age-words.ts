/** Ages in words: each bound with what says so, so that nobody takes the one for the other. */
import { type Age, isContradicted } from './service-life.ts';

/** One sentence a piece of evidence, the surest first. */
export function wordsOnAge(age: Age): string[] {
  const { made, trace, block } = age;
  return [
    `${ageWords(age)} (${age.from})`,
    ...(made ? [`${ageWords(made)} since it was made (${made.from})`] : []),
    ...(trace ? [`${ageWords(trace)} (${trace.from})`] : []),
    ...(block
      ? [
          `at most ${years(block.atMost)} years (${block.from}; weak: network parts are changed, addresses copied)${isContradicted(age) ? ': one of the two is wrong' : ''}`,
        ]
      : []),
  ];
}

export function ageWords({ atLeast, atMost }: Pick<Age, 'atLeast' | 'atMost'>): string {
  if (atMost === undefined) return `at least ${years(atLeast)} years`;
  return years(atLeast) === years(atMost) ? `${years(atLeast)} years` : `${years(atLeast)} to ${years(atMost)} years`;
}

function years(age: number): string {
  return `${Math.floor(age * 10) / 10}`;
}
