/** What is kept of who looked into a home (looks.ts). */

/** `day`: of the desk's clock, `2026-11-23` in UTC. `by`: a person's name, or that of a token. Instants in Unix milliseconds. */
export type Look = { readonly day: string; readonly by: string; readonly firstAt: number; readonly lastAt: number };
export type LookAt = Look & { readonly site: string };

/** `2026-11-23`, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
