/** The tables of who may see what, as types (schema.ts has the others). Secrets are there as SHA-256 only, passwords as argon2id. */
import type { Generated, Selectable } from 'kysely';
import type { Role } from '../access/roles.ts';

export type AccessTables = {
  person: PersonTable;
  reach: ReachTable;
  dealer_home: { dealer: string; site_id: string };
  /** A view: which homes are within the reach of which holder, by their id or because of their dealer. */
  in_reach: { holder: string; site_id: string };
  sign_in: SignInTable;
  one_time_link: LinkTable;
  throttle: ThrottleTable;
  token: TokenTable;
  passkey: PasskeyTable;
  identity: IdentityTable;
  /** Answers that let somebody in once: `hash` of the challenge that was answered. */
  spent_challenge: { hash: string; ends_at: number };
};

type PersonTable = {
  id: string;
  /** As it is typed at the door: lower case. */
  sign_in_name: string;
  /** Who did it, in every audit; its key keeps two people from having names that only look different. */
  full_name: string;
  full_name_key: string;
  role: Role;
  /** 1: all homes; else those that `reach` names. */
  sees_all: number;
  /** Null until the person has chosen one. */
  password_hash: string | null;
  created_at: number;
  /** From then on nobody is let in by it; null: for good. */
  ends_at: number | null;
  disabled_at: number | null;
};

/** `holder`: the id of a person or of a token. */
type ReachTable = { holder: string; kind: 'dealer' | 'site'; name: string };

/** One browser that somebody signed in with. `id` names it to people, its `hash` is of what the cookie holds. */
type SignInTable = {
  hash: string;
  id: string;
  person_id: string;
  created_at: number;
  seen_at: number;
  ends_at: number;
  address: string;
  browser: string;
  way: Generated<Way>;
};

/** How somebody proved who he is. `link`: by choosing a password with one. */
export type Way = 'password' | 'link' | 'passkey' | 'provider';

/** Lets somebody choose a password, once; without a person it makes the first account. */
type LinkTable = { hash: string; person_id: string | null; made_by: string; created_at: number; ends_at: number };

type ThrottleTable = { name: string; failures: number; last_at: number; until_at: number; right_at: number | null };

type TokenTable = {
  id: string;
  hash: string;
  title: string;
  role: Role;
  sees_all: number;
  made_by: string;
  created_at: number;
  ends_at: number;
  used_at: number | null;
  /** Whose it is: it may do no more than that person then; null: it was made for a program by whoever makes accounts. */
  person_id: string | null;
  /** As JSON, to which permissions it is limited; null: to those of its role. */
  scopes: string | null;
};

/** `credential`: its id, and `public_key` a COSE key, both base64url. `is_synced`: 1 where it may be on several devices of its person. */
type PasskeyTable = {
  id: string;
  person_id: string;
  credential: string;
  public_key: string;
  /** Of signatures, where the passkey counts them; else 0. */
  counter: number;
  is_synced: number;
  title: string;
  created_at: number;
  used_at: number | null;
};

/** Who somebody is at the provider of the house: what it calls him never changes (`subject`). `email`: as it was when the two were linked. */
type IdentityTable = {
  issuer: string;
  subject: string;
  person_id: string;
  email: string | null;
  linked_at: number;
  used_at: number | null;
};

export type PersonRow = Selectable<PersonTable>;
export type SignInRow = Selectable<SignInTable>;
export type LinkRow = Selectable<LinkTable>;
export type ThrottleRow = Selectable<ThrottleTable>;
export type TokenRow = Selectable<TokenTable>;
export type PasskeyRow = Selectable<PasskeyTable>;
export type IdentityRow = Selectable<IdentityTable>;
