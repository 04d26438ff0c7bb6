/** PagerDuty's Events API v2: an alert for each ticket, acknowledged and resolved as the ticket is. Pure. */
import type { AlertSeverity } from '../../../protocol/alert-catalogue.ts';
import type { Notice, Outgoing } from '../notice.ts';
import type { Details, PlaceOf } from '../policy.ts';
import { bounded, worded } from '../wording.ts';
import { type HttpRequest, json } from './receiver.ts';

const LONGEST_SUMMARY = 1024;

/** Where PagerDuty takes events; the service of the European Union has another. */
export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

export function pagerdutyRequest(
  { notice, at }: Outgoing,
  { url, secret }: PlaceOf<'pagerduty'>,
  manner: { readonly details: Details; readonly linkTo?: string | undefined },
): HttpRequest {
  const { headline, lines, link } = worded(notice, manner);
  const event = { routing_key: secret, event_action: actionOf(notice), dedup_key: dedupKey(notice) };
  if (event.event_action !== 'trigger') return json(url, event);
  const payload = {
    summary: bounded(headline, LONGEST_SUMMARY),
    source: sourceOf(notice, manner.details),
    severity: severityOf(notice),
    timestamp: new Date(at).toISOString(),
    ...(lines.length > 0 ? { custom_details: { evidence: lines } } : {}),
  };
  return json(url, { ...event, payload, client: 'hearthbeat', ...(link === undefined ? {} : { client_url: link }) });
}

/** The same for all that is said of one ticket, and of no other ticket of any desk. */
function dedupKey(notice: Notice): string {
  switch (notice.about) {
    case 'ticket':
      return `hearthbeat:${notice.ticket.site}:${notice.ticket.number}`;
    case 'incident':
      return `hearthbeat:incident:${notice.number}:${notice.openedAt}`;
    case 'receiver':
      return `hearthbeat:receiver:${notice.receiver}`;
    case 'test':
      return `hearthbeat:test:${notice.receiver}`;
    case 'digest':
      return 'hearthbeat:digest';
  }
}

function actionOf(notice: Notice): 'trigger' | 'acknowledge' | 'resolve' {
  if (notice.about === 'receiver' || notice.about === 'incident') return notice.isOver ? 'resolve' : 'trigger';
  if (notice.about === 'test') return notice.isOver ? 'resolve' : 'trigger';
  if (notice.about !== 'ticket') return 'trigger';
  if (notice.changes.includes('over')) return 'resolve';
  return notice.changes.every((change) => change === 'taken') ? 'acknowledge' : 'trigger';
}

function severityOf(notice: Notice): AlertSeverity {
  if (notice.about === 'ticket') return notice.ticket.severity;
  if (notice.about === 'incident') return 'critical';
  return notice.about === 'test' ? 'info' : 'error';
}

function sourceOf(notice: Notice, details: Details): string {
  if (notice.about !== 'ticket') return 'hearthbeat';
  return details === 'none' ? notice.ticket.site : bounded(notice.ticket.siteName, 128);
}
