/** How long lists are told: some at a time, and how the rest is asked for. Pure. */
import type { Call } from './call.ts';

type Asked = { readonly after?: string | undefined; readonly limit: number };

/** Of a list that is read whole: those behind the one named `after`. Behind one that there is not (any more) comes nothing. */
export function partOf<T>(
  list: readonly T[],
  { after, limit }: Asked,
  nameOf: (one: T) => string,
): { readonly part: readonly T[]; readonly next?: string } {
  const at = after === undefined ? 0 : list.findIndex((one) => nameOf(one) === after) + 1;
  const from = after !== undefined && at === 0 ? list.length : at;
  const part = list.slice(from, from + limit);
  const last = part.at(-1);
  return { part, ...(last !== undefined && from + limit < list.length ? { next: nameOf(last) } : {}) };
}

/** The field `Link` (RFC 8288) of an answer, where its list goes on. */
export function linkToNext({ paging }: Pick<Call, 'paging'>, url: string, query: object, answer: object): string | undefined {
  if (paging === undefined) return undefined;
  const { next, [paging.of]: list } = answer as Record<string, unknown>;
  const { limit } = query as { limit?: number };
  // What is not full is the end, also where a later request is told where to go on.
  if (next === undefined || (limit !== undefined && (list as unknown[]).length < limit)) return undefined;
  const { pathname, searchParams } = new URL(url);
  searchParams.set(paging.by, String(next));
  return `<${pathname}?${searchParams}>; rel="next"`;
}
