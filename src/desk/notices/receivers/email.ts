/** E-mail: a thread for each ticket, readable as text, with no picture and nothing to load. Pure. */
import type { Notice, Outgoing } from '../notice.ts';
import { aboutOf } from '../notice.ts';
import type { Details, PlaceOf } from '../policy.ts';
import { worded } from '../wording.ts';
import type { Mail } from './receiver.ts';

export function mailOf(
  { id, notice, isFirst, at }: Outgoing,
  receiver: string,
  { to, server: { from } }: PlaceOf<'email'>,
  manner: { readonly details: Details; readonly linkTo?: string | undefined },
): Mail {
  const { headline, lines, link } = worded(notice, manner);
  const all = [headline, ...(lines.length > 0 ? ['', ...lines] : []), ...(link === undefined ? [] : ['', link]), '', FOOTER];
  const thread = threadOf(notice, receiver, domainOf(from));
  const messageId = isFirst && thread !== undefined ? thread : `${id}@${domainOf(from)}`;
  return {
    from,
    to,
    subject: headline,
    text: `${all.join('\n')}\n`,
    html: htmlOf(headline, lines, link),
    messageId,
    ...(thread === undefined || thread === messageId ? {} : { thread }),
    at,
  };
}

const FOOTER = 'Sent by the hearthbeat desk. Answers to this address are not read.';

/** The first message of a thread; all others name it. Undefined where a message stands alone. */
function threadOf(notice: Notice, receiver: string, domain: string): string | undefined {
  if (notice.about === 'ticket') return `hearthbeat.${notice.ticket.site}.${notice.ticket.number}.${receiver}@${domain}`;
  if (notice.about === 'incident') return `hearthbeat.incident.${notice.number}.${notice.openedAt}.${receiver}@${domain}`;
  if (notice.about === 'receiver') return `hearthbeat.${aboutOf(notice).replace(' ', '.')}.${notice.sinceAt}.${receiver}@${domain}`;
  return undefined;
}

/** `Desk <desk@example.com>` and `desk@example.com`. */
function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?$/.exec(from.trim())?.[1] ?? 'hearthbeat.invalid';
}

function htmlOf(headline: string, lines: readonly string[], link: string | undefined): string {
  const rows = lines.map((line) => `<li>${escaped(line.replace(/^- /, ''))}</li>`).join('\n');
  return `<!doctype html>
<html lang="en"><body>
<p><b>${escaped(headline)}</b></p>
${rows === '' ? '' : `<ul>\n${rows}\n</ul>\n`}${link === undefined ? '' : `<p><a href="${escaped(link)}">Open at the desk</a></p>\n`}<p><small>${FOOTER}</small></p>
</body></html>
`;
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? '');
}
