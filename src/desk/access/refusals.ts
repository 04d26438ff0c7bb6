/** What programs tried with accounts and may not, in the desk's own audit: each first try at once, what a program goes on trying counted and written down once an hour. */
import type { Clock } from '../../base/clock.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { noteDeed } from './deeds.ts';
import type { Who } from './roles.ts';

export type RefusalDeps = { readonly database: DeskDatabase; readonly clock: Clock };

type Tried = { readonly actor: string; readonly call: string; notedAt: number; times: number };

const NOTED_EVERY_MS = 3_600_000;

export class Refusals {
  readonly #deps: RefusalDeps;
  /** By token and call: there are no more of them than tokens that hold and calls. */
  readonly #tried = new Map<string, Tried>();

  constructor(deps: RefusalDeps) {
    this.#deps = deps;
  }

  /** `call`: as the description of the API names it. */
  async note({ id, name = '' }: Pick<Who, 'id' | 'name'>, call: string): Promise<void> {
    const key = `${id} ${call}`;
    const known = this.#tried.get(key);
    const tried = known ?? { actor: name, call, notedAt: this.#now(), times: 0 };
    tried.times++;
    this.#tried.set(key, tried);
    if (known === undefined || this.#now() - tried.notedAt >= NOTED_EVERY_MS) await this.#write(tried);
  }

  /** Writes down what was only counted, and forgets whoever has stopped. To be called about once an hour. */
  async tidy(): Promise<void> {
    for (const [key, tried] of this.#tried) {
      if (this.#now() - tried.notedAt < NOTED_EVERY_MS) continue;
      if (tried.times === 0) this.#tried.delete(key);
      else await this.#write(tried);
    }
  }

  async #write(tried: Tried): Promise<void> {
    const { actor, call, times } = tried;
    const at = this.#now();
    [tried.times, tried.notedAt] = [0, at];
    const { database } = this.#deps;
    await database.transaction().execute((db) => noteDeed(db, { at, actor, what: 'program.refused', detail: { tried: call, times } }));
  }

  #now(): number {
    return this.#deps.clock.now().wallMs;
  }
}
