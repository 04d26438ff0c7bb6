/** What is kept of a home beside its people and notes: who was there for what and when again, where more stands about it, and pictures of what is hard to say in words. Pure. */
import type { Hand } from './contact.ts';

type Kept = Hand & { readonly no: number; readonly version: number };

/** `day`, `nextDue`: `2026-11-23`. `who`: a person or a role, as people say it. */
export type HomeVisitSaid = {
  readonly day: string;
  readonly who: string;
  readonly why: string;
  readonly done?: string | undefined;
  readonly nextDue?: string | undefined;
};
/** Somebody was in the home to work on it. */
export type HomeVisit = HomeVisitSaid & Kept;

/** `address`: https only. */
export type HomeLinkSaid = { readonly title: string; readonly address: string };
export type HomeLink = HomeLinkSaid & Kept;

/** `jpeg`: as it is kept (jpeg.ts), of a new one. */
export type PictureSaid = { readonly caption: string; readonly jpeg?: Uint8Array };
export type Picture = { readonly caption: string; readonly bytes: number } & Kept;

/** An address in the web, as it is kept: https, with nobody's name and password in it. Undefined where it is none. */
export function linkIn(text: string): string | undefined {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { username, password, hostname, href } = new URL(text);
  return username === '' && password === '' && hostname.includes('.') ? href : undefined;
}
