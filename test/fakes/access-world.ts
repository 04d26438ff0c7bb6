/** The accounts of a desk over a real database, with time in the test's hand and passwords that cost next to nothing. */
import { Access } from '../../src/desk/access/access.ts';
import type { NewPerson } from '../../src/desk/access/people.ts';
import type { ProviderLink } from '../../src/desk/access/provider.ts';
import type { Reach, Role } from '../../src/desk/access/roles.ts';
import type { Known } from '../../src/desk/access/sign-ins.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { silentLog } from './desk-world.ts';

export const CHEAP = { memoryKib: 8, passes: 1 };
export const PASSWORD = 'seven grey herons wade slowly';
export const DAY_MS = 86_400_000;

export const HOME = { address: '192.0.2.7', browser: 'Firefox' };
export const ELSEWHERE = { address: '203.0.113.9', browser: 'curl' };

export class AccessWorld {
  readonly database: DeskDatabase;
  readonly clock: VirtualClock;
  readonly access: Access;

  constructor(database: DeskDatabase, clock = new VirtualClock(Date.UTC(2026, 10, 23)), cost = CHEAP, provider?: ProviderLink) {
    this.database = database;
    this.clock = clock;
    this.access = new Access({ database, clock, random: seededRandom(`access ${clock.now().wallMs}`), log: silentLog, cost, provider });
  }

  /** Somebody who has chosen the usual password; a technician for a day. Answers the account's id. */
  async person(signInName: string, role: Role = 'agent', reach: Reach = 'all', password = PASSWORD): Promise<string> {
    const endsAt = role === 'technician' ? this.clock.now().wallMs + DAY_MS : undefined;
    const { secret, id } = await this.invite({ signInName, fullName: `${signInName} Quist`, role, reach, endsAt });
    const chosen = await this.access.people.choose(secret, { password }, HOME);
    if (!chosen || 'trouble' in chosen) throw new Error(chosen?.trouble ?? 'the link is none');
    await this.access.signIns.signOut(chosen.secret);
    return id;
  }

  async invite(person: NewPerson): Promise<{ readonly secret: string; readonly id: string }> {
    const made = await this.access.people.invite('Test', person);
    if ('trouble' in made) throw new Error(made.trouble);
    return { secret: made.secret, id: made.person.id };
  }

  /** What the browser's cookie holds then. */
  async signIn(name: string, place = HOME, password = PASSWORD): Promise<string> {
    const tried = await this.access.signIns.signIn({ name, password }, place);
    if (typeof tried === 'string' || 'waitMs' in tried) throw new Error(`not let in: ${JSON.stringify(tried)}`);
    return tried.secret;
  }

  async known(secret: string): Promise<Known> {
    const known = await this.access.signIns.who(secret);
    if (known === undefined) throw new Error('nobody is known by that');
    return known;
  }

  async deeds(): Promise<string[]> {
    return (await this.access.people.deeds()).map(({ actor, what }) => `${actor}: ${what}`);
  }
}
