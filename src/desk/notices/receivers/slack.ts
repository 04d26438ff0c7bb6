/** Slack's incoming webhooks, and what takes the same (Mattermost, Rocket.Chat): one line and a link. Pure. */
import type { Outgoing } from '../notice.ts';
import type { Details, PlaceOf } from '../policy.ts';
import { bounded, worded } from '../wording.ts';
import { type HttpRequest, json } from './receiver.ts';

/** A text block of Slack holds 3,000 characters. */
const LONGEST = 2_900;

export function slackRequest(
  { notice }: Outgoing,
  { secret }: PlaceOf<'slack'>,
  manner: { readonly details: Details; readonly linkTo?: string | undefined },
): HttpRequest {
  const { headline, lines, link } = worded(notice, manner);
  const said = bounded([headline, ...lines].map(plain).join('\n'), LONGEST);
  const text = link === undefined ? said : `${said}\n<${escaped(link)}|Open at the desk>`;
  return json(secret, { text, mrkdwn: false, link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false });
}

/**
 * Text and nothing else, in each of these programs: no mention of people or channels, no link, no picture. Slack makes markup of `<`, the others of Markdown and of names
 * behind an `@`; a word joiner (U+2060), which nobody sees, keeps them from it.
 */
export function plain(text: string): string {
  return escaped(text).replace(/@|:\/\/|\]\(|!\[|www\.|[*_~`|]/gi, (sign) => `${sign.slice(0, 1)}\u2060${sign.slice(1)}`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
