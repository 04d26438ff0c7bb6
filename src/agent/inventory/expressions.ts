/**
 * Regular expressions that are made when they are first run and forgotten when others were run since: of the thousands that the rules hold a
 * home needs a few hundred, and each that is kept costs kilobytes. Fewer than what one round of news runs would be made anew each time.
 */

const MOST_KEPT = 512;

export type Expressions = { of(pattern: string, flags: string): RegExp };

export function newExpressions(): Expressions {
  const kept = new Map<string, RegExp>();
  return {
    of(pattern, flags) {
      const key = `${flags} ${pattern}`;
      const expression = kept.get(key) ?? new RegExp(pattern, flags);
      // The newest stands last, so that the first is the one that was not needed for longest.
      kept.delete(key);
      kept.set(key, expression);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
      return expression;
    },
  };
}
