/**
 * Regular expressions that are made when they are first run and forgotten when others were run since: of the thousands that the rules hold a
 * home needs some dozens at a time, and each that is kept costs ten kilobytes and more.
 */

const MOST_KEPT = 64;

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
