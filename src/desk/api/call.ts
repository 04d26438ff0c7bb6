/**
 * An address of the API with what it takes and what it answers. The very schemas that check its requests make its description (openapi.ts), so neither can say something else than
 * the other; that its answers are as described is checked where they are made by types, and as a whole by a test.
 */
import { z } from 'zod';
import type { Permission } from '../access/roles.ts';

/** Why something was not done, as a program reads it (`error`) and as a person does. `field`: of what was sent the part that is wrong. */
export const problemShape = z
  .object({
    error: z.string().describe('For programs: one word that does not change.'),
    message: z.string().describe('For people.'),
    field: z.string().optional().describe('The part of the body that is wrong.'),
  })
  .meta({ id: 'Problem' });

export type RefusalStatus = 400 | 403 | 404 | 409 | 412 | 503;

/** What stands behind an address answers this in place of what was asked for. */
export type Refusal<S extends RefusalStatus = RefusalStatus> = {
  readonly refused: S;
  readonly error: string;
  readonly message: string;
  readonly field?: string;
};

export function refuse<S extends RefusalStatus>(refused: S, error: string, message: string, field?: string): Refusal<S> {
  return { refused, error, message, ...(field === undefined ? {} : { field }) };
}

/** Zod's own words do not say of which field they are. */
const WORDS_OF_ZOD = /^(Invalid|Too|Unrecognized)/;

/** What does not fit its schema. A single thing that is wrong is told in its own words, so that a form can show them beside the field. */
export function badBody(error: z.ZodError): Refusal<400> {
  const [first, ...others] = error.issues;
  const field = first?.path.at(-1);
  const isPlain = first !== undefined && others.length === 0 && !WORDS_OF_ZOD.test(first.message);
  const message = isPlain ? first.message : z.prettifyError(error);
  return refuse(400, 'bad-body', message, typeof field === 'string' ? field : undefined);
}

/** How a list goes on. `after`: behind what `next` names; `page`: the next page by its number. `of`: the list in the answer. */
export type Paging = { readonly by: 'after' | 'page'; readonly of: string };

export type Call<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
  S extends RefusalStatus = RefusalStatus,
> = {
  /** Unique; the name of the function in clients that are generated. */
  readonly name: string;
  readonly method: 'get' | 'post' | 'delete';
  /** As Hono has it: `/api/v1/sites/:id`. */
  readonly path: string;
  readonly rule: 'signed-in' | Permission;
  /** About who is signed in: for his browser, and for no program. */
  readonly isOwn?: true | undefined;
  readonly summary: string;
  readonly about?: string | undefined;
  readonly params: P;
  readonly query: Q;
  readonly body?: B | undefined;
  readonly answer: A;
  readonly status: 200 | 201;
  /** Beyond those that every call may be answered with. */
  readonly refusals: readonly S[];
  readonly paging?: Paging | undefined;
  /** How much may be sent to it, where that is more than the usual. */
  readonly mostBytes?: number | undefined;
  /** Another media type in which it answers, where that is asked for. */
  readonly alsoAs?: string | undefined;
  /** What a stream tells, by the name of the event; its `answer` is none then. */
  readonly events?: Readonly<Record<string, z.ZodType>> | undefined;
};

const NOTHING = z.object({});
type Nothing = typeof NOTHING;

type Given<P, Q, B, A, S> = {
  readonly rule: Call['rule'];
  readonly isOwn?: true;
  readonly summary: string;
  readonly about?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
  readonly status?: 200 | 201;
  readonly refusals?: readonly S[];
  readonly paging?: Paging;
  readonly mostBytes?: number;
  readonly alsoAs?: string;
  readonly events?: Call['events'];
};

/** `address`: `get /api/v1/sites/:id`. Throws where a part of the path is not described. */
export function call<
  A extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
  S extends RefusalStatus = never,
>(name: string, address: `${Call['method']} /api/v1/${string}`, given: Given<P, Q, B, A, S>): Call<P, Q, B, A, S> {
  const [method, path] = address.split(' ') as [Call['method'], string];
  const params = given.params ?? (NOTHING as unknown as P);
  const named = [...path.matchAll(/:(\w+)/g)].map(([, part = '']) => part);
  if (named.join() !== Object.keys(params.shape).join()) throw new Error(`${address} does not describe the parts of its path`);
  const query = given.query ?? (NOTHING as unknown as Q);
  return { status: 200, refusals: [], ...given, name, method, path, params, query };
}

/** What a schema reads, as it may be handed on: nobody changes it. */
export type Told<T> = T extends readonly (infer U)[] ? readonly Told<U>[] : T extends object ? { readonly [K in keyof T]: Told<T[K]> } : T;

/** What was asked, as its schemas read it. */
export type Asked<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
};
