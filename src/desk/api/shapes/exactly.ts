/** Keeps the shapes of answers and the types of the views from saying different things: the compiler looks, in both directions. */
import type { z } from 'zod';
import type { Told } from '../call.ts';

/**
 * A shape that says of answers what their type does, and nothing else: whoever adds a field to one of them and not to the other is told so by the compiler, with the names of
 * the fields (`differsIn`). `exactly<SiteView>()(z.object(...))`.
 */
export function exactly<View>(): <S extends z.ZodType>(
  shape: S &
    (IsSame<Told<z.output<S>>, Told<View>> extends true ? unknown : { readonly differsIn: Differs<Told<z.output<S>>, Told<View>> }),
) => S {
  return (shape) => shape;
}

/** No field more, none less, and none optional in one of them only: to be assignable both ways would not say that. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Differs<A, B> = { [K in keyof A | keyof B]-?: K extends keyof A & keyof B ? (IsSame<A[K], B[K]> extends true ? never : K) : K }[
  | keyof A
  | keyof B];
