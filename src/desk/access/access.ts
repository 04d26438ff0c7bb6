/** Who may see and do what at a desk that has accounts. */
import { type Clock, every, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { ServicePolicy } from '../service/policy.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { saveDealers } from '../store/people.ts';
import { Passkeys } from './passkeys.ts';
import { type Cost, createPasswords } from './passwords.ts';
import { People } from './people.ts';
import { Provider, type ProviderLink } from './provider.ts';
import { Refusals } from './refusals.ts';
import { Seals } from './sealed.ts';
import { newSecret } from './secrets.ts';
import { SignIns } from './sign-ins.ts';
import { Tokens } from './tokens.ts';

export type AccessDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What a password costs to look at; tests pay less. */
  readonly cost?: Cost | undefined;
  /** Who says who people are, where the settings name somebody. */
  readonly provider?: ProviderLink | undefined;
};

const TIDY_EVERY_MS = 3_600_000;

export class Access {
  readonly signIns: SignIns;
  readonly people: People;
  readonly tokens: Tokens;
  readonly passkeys: Passkeys;
  readonly provider: Provider | undefined;
  readonly refusals: Refusals;
  readonly #deps: AccessDeps;
  readonly #listeners = new Set<() => void>();
  #tidying: Timer | undefined;

  constructor(deps: AccessDeps) {
    const { database, clock, random } = deps;
    this.#deps = deps;
    this.refusals = new Refusals({ database, clock });
    const passwords = createPasswords({ random, ...(deps.cost && { cost: deps.cost }) });
    const onChange = (): void => {
      for (const listener of this.#listeners) listener();
    };
    this.signIns = new SignIns({ database, clock, random, passwords, onChange });
    this.people = new People({ database, clock, random, passwords, signIns: this.signIns, onChange });
    this.tokens = new Tokens({ database, clock, random, signIns: this.signIns, onChange });
    const own = { database, clock, random, seals: new Seals({ clock, random }), signIns: this.signIns };
    this.passkeys = new Passkeys({ ...own, issuer: deps.provider?.issuer });
    this.provider = deps.provider && new Provider({ ...own, link: deps.provider });
  }

  start(): void {
    const tidy = (): void =>
      void Promise.all([this.signIns.tidy(), this.refusals.tidy()]).catch((cause: unknown) =>
        this.#deps.log.error('the desk could not forget old sign-ins', { cause: String(cause) }),
      );
    this.#tidying = every(this.#deps.clock, TIDY_EVERY_MS, tidy);
  }

  /** For a browser at the door to keep. */
  newMark(): string {
    return newSecret(this.#deps.random);
  }

  stop(): void {
    this.#tidying?.cancel();
    this.#listeners.clear();
  }

  /** Whoever is let in may not be any more. Returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A dealer's people see the homes of which the service policy says that they are his. */
export async function keepDealers(database: DeskDatabase, policy: ServicePolicy | undefined): Promise<void> {
  const homes = [...(policy?.homes ?? [])].flatMap(([site_id, { dealer }]) => (dealer === undefined ? [] : [{ dealer, site_id }]));
  await saveDealers(database, homes);
}
