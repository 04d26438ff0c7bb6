/**
 * Coming in by the provider of the house (OpenID Connect Core 1.0): it says who somebody is, this desk alone says whether he is let in. Who he is there never changes (issuer and
 * subject); his e-mail address does, so it counts once, for somebody who was invited by it and has never come in. Whoever has another way in connects the two himself, signed in.
 */
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import type { PersonRow } from '../store/access-tables.ts';
import {
  dropIdentities,
  findIdentity,
  insertIdentity,
  listIdentities,
  listPasskeysOf,
  noteIdentityUsed,
  spendChallenge,
} from '../store/doors.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { dropLinksOf, findPerson, findPersonNamed } from '../store/people.ts';
import { noteDeed } from './deeds.ts';
import { chargeNetwork } from './failures.ts';
import { PROVE_AGAIN } from './passkeys.ts';
import type { Trouble } from './reach.ts';
import type { Seals } from './sealed.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { isUsable, type Known, type NewSignIn, type Place, type SignIns, signInNameOf } from './sign-ins.ts';

/** What ties an answer to its question: each 256 random bits, the first two seen by the provider, the third only as what it hashes to. */
export type Checks = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** `email`: only where the provider has seen that it is his. */
export type Claims = { readonly subject: string; email(): Promise<string | undefined> };

/** What a provider does over the network. Both throw ProviderTrouble. */
export type ProviderLink = {
  /** As people know it, for buttons. */
  readonly title: string;
  readonly issuer: string;
  /** Where the browser is to go. */
  begin(checks: Checks & { readonly redirectUri: string }): Promise<URL>;
  /** `answer`: the address at which the browser came back. */
  finish(answer: URL, checks: Checks): Promise<Claims>;
};

/** `down`: it does not answer. `clock`: its clock and the desk's differ. `denied`: it let somebody go no further, or he did not want to. `old`: the answer was used or is too old. `odd`: it, or the settings here, are not right. */
export type ProviderFault = 'down' | 'clock' | 'denied' | 'old' | 'odd';

/** `message` is for the log. */
export class ProviderTrouble extends Error {
  readonly fault: ProviderFault;

  constructor(fault: ProviderFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

export type ProviderDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly seals: Seals;
  readonly signIns: Pick<SignIns, 'admit' | 'isFresh'>;
  readonly link: ProviderLink;
};

/** Where it began: on the way to a page, or on the account page, to connect the account of that sign-in. */
type Begun = { readonly nonce: string; readonly verifier: string; readonly next: string; readonly connects?: string };

export type Back =
  | { readonly signIn: NewSignIn; readonly next: string }
  | { readonly connected: true }
  | { readonly waitMs: number }
  /** `stale`: begun in another browser, or too long ago. `unknown`: nobody was invited who is that there. `unlinked`: the account has another way in, by which its person has to connect the two. */
  | 'stale'
  | 'unknown'
  | 'unlinked'
  | Trouble;

/** People type passwords there, and look for their telephone. */
const LASTS_MS = 15 * 60_000;

export class Provider {
  readonly #deps: ProviderDeps;

  constructor(deps: ProviderDeps) {
    this.#deps = deps;
  }

  get title(): string {
    return this.#deps.link.title;
  }

  get issuer(): string {
    return this.#deps.link.issuer;
  }

  /** Where the browser is to go. `browser`: what the door has it keep; `known`: who connects his account. Throws ProviderTrouble. */
  async begin({ browser, next, redirectUri, known }: { browser: string; next: string; redirectUri: string; known?: Known }): Promise<URL> {
    const { random, seals, link } = this.#deps;
    const [nonce, verifier] = [newSecret(random), newSecret(random)];
    const begun: Begun = { nonce, verifier, next, ...(known && { connects: known.signIn }) };
    return link.begin({ state: seals.seal(purposeFor(browser), begun, LASTS_MS), nonce, verifier, redirectUri });
  }

  /** `known`: who is signed in where the browser came back. Throws ProviderTrouble. */
  async finish(
    {
      answer,
      browser,
      known,
      before,
    }: { answer: URL; browser: string | undefined; known?: Known | undefined; before?: string | undefined },
    place: Place,
  ): Promise<Back> {
    const { seals, link } = this.#deps;
    const state = answer.searchParams.get('state') ?? '';
    const opened = browser === undefined ? undefined : seals.open<Begun>(purposeFor(browser), state);
    if (opened === undefined) return 'stale';
    const { nonce, verifier, next, connects } = opened.value;
    if (connects !== undefined && connects !== known?.signIn) return 'stale';
    const waitMs = await chargeNetwork(this.#deps, place.address);
    if (waitMs > 0) return { waitMs };
    const claims = await link.finish(answer, { state, nonce, verifier });
    const once = { hash: hashOfSecret(nonce) as string, endsAt: opened.endsAt };
    if (connects !== undefined && known) return this.#connect(known, claims, once);
    return this.#enter(claims, { place, before, next, once });
  }

  async #enter(
    { subject, email }: Claims,
    { place, before, next, once }: { place: Place; before: string | undefined; next: string; once: { hash: string; endsAt: number } },
  ): Promise<Back> {
    const { database, clock, signIns, link } = this.#deps;
    const known = await findIdentity(database, link.issuer, subject);
    const address = known === undefined ? nameOf(await email()) : undefined;
    return database.transaction().execute(async (db): Promise<Back> => {
      const at = clock.now().wallMs;
      if (!(await spendChallenge(db, once.hash, once.endsAt))) return 'stale';
      const identity = await findIdentity(db, link.issuer, subject);
      const person = identity ? await findPerson(db, identity.person_id) : address && (await findPersonNamed(db, address));
      if (!person || !isUsable(person, at)) return 'unknown';
      if (identity) await noteIdentityUsed(db, identity, at);
      else {
        if (await hasWayIn(db, person)) return 'unlinked';
        await this.#insert(db, person, { subject, email: person.sign_in_name });
        await dropLinksOf(db, person.id);
      }
      return { signIn: await signIns.admit(db, person, place, { way: 'provider', before }), next };
    });
  }

  async #connect(known: Known, { subject, email }: Claims, once: { readonly hash: string; readonly endsAt: number }): Promise<Back> {
    const { database, signIns, link } = this.#deps;
    if (!signIns.isFresh(known)) return { trouble: PROVE_AGAIN };
    const address = await email();
    return database.transaction().execute(async (db): Promise<Back> => {
      if (!(await spendChallenge(db, once.hash, once.endsAt))) return 'stale';
      const person = await findPerson(db, known.who.id);
      if (!person) return 'stale';
      if (await findIdentity(db, link.issuer, subject))
        return { trouble: `That account at ${link.title} belongs to an account of this desk already.` };
      if ((await listIdentities(db, person.id)).some(({ issuer }) => issuer === link.issuer))
        return { trouble: `Yours is connected with ${link.title} already. Disconnect it first.` };
      await this.#insert(db, person, { subject, email: cleanText(address, 128) ?? null });
      return { connected: true };
    });
  }

  async #insert(db: DeskDatabase, person: PersonRow, { subject, email }: { subject: string; email: string | null }): Promise<void> {
    const { clock, link } = this.#deps;
    const at = clock.now().wallMs;
    await insertIdentity(db, { issuer: link.issuer, subject, person_id: person.id, email, linked_at: at, used_at: at });
    await noteDeed(db, { at, actor: person.full_name, what: 'provider.connected', detail: { provider: link.title, email } });
  }

  /** Never the last way in. */
  async disconnect({ who }: Known): Promise<Trouble | undefined> {
    const { database, clock } = this.#deps;
    return database.transaction().execute(async (db) => {
      const person = await findPerson(db, who.id);
      if (person?.password_hash === null && (await listPasskeysOf(db, who.id)).length === 0)
        return { trouble: 'It is your only way in. Add a passkey first, or ask a desk lead for a link to choose a password.' };
      const gone = await dropIdentities(db, who.id);
      if (gone.length > 0)
        await noteDeed(db, { at: clock.now().wallMs, actor: who.name, what: 'provider.disconnected', detail: { provider: this.title } });
      return undefined;
    });
  }
}

/** Signs that only look like others, or that folding makes others of, would make somebody of somebody else: plain ASCII, or nothing. */
function nameOf(email: string | undefined): string | undefined {
  return email !== undefined && /^[\x21-\x7e]+$/.test(email) ? signInNameOf(email) : undefined;
}

function purposeFor(browser: string): string {
  return `provider ${hashOfSecret(browser)}`;
}

async function hasWayIn(db: DeskDatabase, person: PersonRow): Promise<boolean> {
  if (person.password_hash !== null || (await listPasskeysOf(db, person.id)).length > 0) return true;
  return (await listIdentities(db, person.id)).length > 0;
}
