/** ntfy, published as JSON: a headline on a phone, its urgency, and the ticket a touch away. Pure. */
import type { Notice, Outgoing } from '../notice.ts';
import type { Details, PlaceOf } from '../policy.ts';
import { bounded, worded } from '../wording.ts';
import { type HttpRequest, json } from './receiver.ts';

/** A server takes 4,096 bytes; beyond, the message becomes a file. */
const LONGEST_MESSAGE = 1_000;

export function ntfyRequest(
  { id, notice }: Outgoing,
  { url, topic, secret }: PlaceOf<'ntfy'>,
  manner: { readonly details: Details; readonly linkTo?: string | undefined },
): HttpRequest {
  const { headline, lines, link } = worded(notice, manner);
  const body = {
    topic,
    // What is sent again takes the place of the first (ntfy 2.16 and later; older ones do not read it).
    sequence_id: id,
    title: 'hearthbeat',
    message: bounded([headline, ...lines].join('\n'), LONGEST_MESSAGE),
    priority: priorityOf(notice),
    ...(link === undefined ? {} : { click: link }),
  };
  return json(url, body, secret === undefined ? {} : { authorization: `Bearer ${secret}` });
}

/** From 1 to 5; from 4 on a phone rings although it is put to silence where its owner lets it. */
function priorityOf(notice: Notice): number {
  if (notice.about === 'receiver') return notice.isOver ? 2 : 4;
  if (notice.about === 'incident') return notice.isOver ? 2 : 5;
  if (notice.about !== 'ticket') return 3;
  if (notice.changes.includes('over')) return 2;
  if (notice.ticket.severity === 'critical') return 5;
  return notice.changes.includes('answer-late') || notice.ticket.severity === 'error' ? 4 : 3;
}
