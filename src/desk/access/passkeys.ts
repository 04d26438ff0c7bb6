/**
 * Passkeys (WebAuthn Level 3): people add them to their account and come in with them without a name or a password. What is asked of a passkey is sealed for one browser, used once and
 * over after minutes; that it was asked by this desk, and that the device looked who uses it, is in what it signs. It counts as two proofs: the device, and the person at it.
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import type { PasskeyRow } from '../store/access-tables.ts';
import {
  dropPasskeys,
  findPasskey,
  insertPasskey,
  listIdentities,
  listPasskeysOf,
  notePasskeyUsed,
  renamePasskey,
  spendChallenge,
} from '../store/doors.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPerson } from '../store/people.ts';
import { noteDeed } from './deeds.ts';
import { chargeNetwork } from './failures.ts';
import type { Trouble } from './reach.ts';
import type { Seals } from './sealed.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { isUsable, type Known, type Place, type SignIns, type Tried } from './sign-ins.ts';

export type PasskeyDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly seals: Seals;
  readonly signIns: Pick<SignIns, 'admit' | 'isFresh'>;
  /** The provider of the house, where there is one: another way in. */
  readonly issuer: string | undefined;
};

/** As what passkeys know this desk: a name, and the one address at which they answer. */
export type Party = { readonly rpId: string; readonly origin: string };

/** `options` go to the browser as they are, `sealed` comes back with its answer. */
export type Asked = { readonly options: object; readonly sealed: string };

/** The library is read when the first passkey is: many desks never see one. */
const webauthn = () => import('@simplewebauthn/server');

const LASTS_MS = 5 * 60_000;
/** EdDSA, ES256, RS256 (COSE): what devices have, and Node.js without calling it an experiment. */
const ALGORITHMS = [-8, -7, -257];
const MOST_OF_A_PERSON = 20;
const OUR_NAME = 'hearthbeat desk';
const NOT_TAKEN = 'That passkey could not be taken. Begin again, and let the device check that it is you: by a PIN, a finger or a face.';
const BEGIN_AGAIN = 'That took too long, or was begun elsewhere. Begin again.';
export const PROVE_AGAIN = 'It is a while since you signed in here. Sign in again, then do this within half an hour.';

/** What a browser answers; the library looks at each part of it. Ids are base64url (WebAuthn, 5.1.4.1: at most 1023 bytes). */
const answerSchema = z.looseObject({
  id: z.string().regex(/^[\w-]{16,1364}$/),
  response: z.looseObject({ clientDataJSON: z.string(), userHandle: z.string().optional() }),
});

export class Passkeys {
  readonly #deps: PasskeyDeps;

  constructor(deps: PasskeyDeps) {
    this.#deps = deps;
  }

  async list(person: string): Promise<PasskeyRow[]> {
    return listPasskeysOf(this.#deps.database, person);
  }

  async beginAdding({ who, signIn }: Known, { rpId }: Party): Promise<Asked | Trouble> {
    const { database, seals } = this.#deps;
    const person = await findPerson(database, who.id);
    if (!person) return { trouble: BEGIN_AGAIN };
    const { challenge, bytes } = this.#challenge();
    const known = await listPasskeysOf(database, who.id);
    const { generateRegistrationOptions } = await webauthn();
    const options = await generateRegistrationOptions({
      rpName: OUR_NAME,
      rpID: rpId,
      userID: Uint8Array.from(Buffer.from(who.id)),
      userName: person.sign_in_name,
      userDisplayName: person.full_name,
      challenge: bytes,
      timeout: LASTS_MS,
      excludeCredentials: known.map(({ credential }) => ({ id: credential })),
      supportedAlgorithmIDs: ALGORITHMS,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    return { options, sealed: seals.seal(`add ${signIn}`, challenge, LASTS_MS) };
  }

  async add(
    known: Known,
    { rpId, origin }: Party,
    { sealed, answer, title }: { readonly sealed: unknown; readonly answer: unknown; readonly title: unknown },
  ): Promise<Trouble | undefined> {
    const { database, clock, random, seals, signIns } = this.#deps;
    if (!signIns.isFresh(known)) return { trouble: PROVE_AGAIN };
    const opened = seals.open<string>(`add ${known.signIn}`, sealed);
    if (opened === undefined) return { trouble: BEGIN_AGAIN };
    const credential = await registered(answer, { rpId, origin, challenge: opened.value });
    if (credential === undefined) return { trouble: NOT_TAKEN };
    const at = clock.now().wallMs;
    const own = {
      id: newRandomId(random),
      person_id: known.who.id,
      title: cleanText(title, 48) ?? 'Passkey',
      created_at: at,
      used_at: null,
    };
    return database.transaction().execute(async (db) => {
      if (!(await spendChallenge(db, hashOfSecret(opened.value) as string, opened.endsAt))) return { trouble: BEGIN_AGAIN };
      if (await findPasskey(db, credential.credential)) return { trouble: 'That passkey is in use already.' };
      if ((await listPasskeysOf(db, known.who.id)).length >= MOST_OF_A_PERSON)
        return { trouble: `At most ${MOST_OF_A_PERSON} passkeys. Remove one that you do not use.` };
      await insertPasskey(db, { ...own, ...credential });
      await noteDeed(db, { at, actor: known.who.name, what: 'passkey.added', detail: { passkey: own.title } });
      return undefined;
    });
  }

  /** `browser`: what the door has that browser keep. */
  async beginEntering(browser: string, { rpId }: Party): Promise<Asked> {
    const { challenge, bytes } = this.#challenge();
    const { generateAuthenticationOptions } = await webauthn();
    const options = await generateAuthenticationOptions({ rpID: rpId, challenge: bytes, timeout: LASTS_MS, userVerification: 'required' });
    return { options, sealed: this.#deps.seals.seal(`enter ${hashOfSecret(browser)}`, challenge, LASTS_MS) };
  }

  /** Says the same of a passkey that nobody knows, of one that did not prove itself, and of one whose person is let in no more. `stale`: begin again. */
  async enter(
    { sealed, answer, browser, before }: { sealed: unknown; answer: unknown; browser: string; before?: string | undefined },
    { rpId, origin }: Party,
    place: Place,
  ): Promise<Tried | 'stale'> {
    const { database, clock, seals, signIns } = this.#deps;
    const opened = seals.open<string>(`enter ${hashOfSecret(browser)}`, sealed);
    if (opened === undefined) return 'stale';
    const waitMs = await chargeNetwork(this.#deps, place.address);
    if (waitMs > 0) return { waitMs };
    const read = answerSchema.safeParse(answer);
    const passkey = read.success ? await findPasskey(database, read.data.id) : undefined;
    // The device says whose passkey it used: it has to be his whose it is here.
    if (passkey === undefined || read.data?.response.userHandle !== Buffer.from(passkey.person_id).toString('base64url')) return 'wrong';
    const counter = await proven(answer, passkey, { rpId, origin, challenge: opened.value });
    if (counter === undefined) return 'wrong';
    return database.transaction().execute(async (db) => {
      const at = clock.now().wallMs;
      const [still, person] = [await findPasskey(db, passkey.credential), await findPerson(db, passkey.person_id)];
      if (still?.counter !== passkey.counter || !person || !isUsable(person, at)) return 'wrong';
      if (!(await spendChallenge(db, hashOfSecret(opened.value) as string, opened.endsAt))) return 'wrong';
      await notePasskeyUsed(db, passkey.id, { counter, at });
      return signIns.admit(db, person, place, { way: 'passkey', before });
    });
  }

  async rename({ who }: Known, id: string, title: unknown): Promise<Trouble | undefined> {
    const name = cleanText(title, 48);
    if (name === undefined) return { trouble: 'Say a name by which you know it again.' };
    return (await renamePasskey(this.#deps.database, who.id, id, name)) ? undefined : NONE;
  }

  /** Never the last way in. */
  async remove({ who }: Known, id: string): Promise<Trouble | undefined> {
    const { database, clock, issuer } = this.#deps;
    return database.transaction().execute(async (db) => {
      const [person, own] = [await findPerson(db, who.id), await listPasskeysOf(db, who.id)];
      if (!person || !own.some((passkey) => passkey.id === id)) return NONE;
      const isLinked = (await listIdentities(db, who.id)).some((identity) => identity.issuer === issuer);
      if (own.length === 1 && person.password_hash === null && !isLinked)
        return { trouble: 'It is your only way in. Add another passkey first, or ask a desk lead for a link to choose a password.' };
      const [gone] = await dropPasskeys(db, who.id, id);
      await noteDeed(db, { at: clock.now().wallMs, actor: who.name, what: 'passkey.removed', detail: { passkey: gone?.title } });
      return undefined;
    });
  }

  /** As the library and the table of spent ones have it: the same bytes. */
  #challenge(): { readonly challenge: string; readonly bytes: Uint8Array<ArrayBuffer> } {
    const challenge = newSecret(this.#deps.random);
    return { challenge, bytes: Uint8Array.from(Buffer.from(challenge, 'base64url')) };
  }
}

const NONE: Trouble = { trouble: 'There is no such passkey.', isMissing: true };

type Expected = Party & { readonly challenge: string };

/** The new passkey, where it answers what was asked, at this desk, by a person that its device has looked at. */
async function registered(
  answer: unknown,
  { rpId, origin, challenge }: Expected,
): Promise<Pick<PasskeyRow, 'credential' | 'public_key' | 'counter' | 'is_synced'> | undefined> {
  if (!answerSchema.safeParse(answer).success) return undefined;
  const { verifyRegistrationResponse } = await webauthn();
  const expected = { expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rpId, supportedAlgorithmIDs: ALGORITHMS };
  // It throws for whatever is wrong with what somebody sent.
  const seen = await verifyRegistrationResponse({
    response: answer as RegistrationResponseJSON,
    ...expected,
    requireUserVerification: true,
  }).catch(() => undefined);
  if (!seen?.verified) return undefined;
  const { credential, credentialDeviceType } = seen.registrationInfo;
  return {
    credential: credential.id,
    public_key: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    is_synced: credentialDeviceType === 'multiDevice' ? 1 : 0,
  };
}

/** How often it has signed by now, where this was signed by that passkey; one that counted further before is a copy, and refused. */
async function proven(answer: unknown, passkey: PasskeyRow, { rpId, origin, challenge }: Expected): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await webauthn();
  const seen = await verifyAuthenticationResponse({
    response: answer as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    credential: {
      id: passkey.credential,
      publicKey: Uint8Array.from(Buffer.from(passkey.public_key, 'base64url')),
      counter: Number(passkey.counter),
    },
  }).catch(() => undefined);
  return seen?.verified ? seen.authenticationInfo.newCounter : undefined;
}
