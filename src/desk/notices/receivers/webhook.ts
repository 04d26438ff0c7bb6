/** Any program: a signed JSON message as Standard Webhooks has it (the specification, version 1). Pure. */
import { createHmac } from 'node:crypto';
import type { Notice, Outgoing } from '../notice.ts';
import type { Details, PlaceOf } from '../policy.ts';
import { type Worded, worded } from '../wording.ts';
import type { HttpRequest } from './receiver.ts';

type Manner = { readonly details: Details; readonly linkTo?: string | undefined };

export function webhookRequest({ id, notice, at }: Outgoing, { url, secret }: PlaceOf<'webhook'>, manner: Manner): HttpRequest {
  const body = JSON.stringify({ type: typeOf(notice), timestamp: new Date(at).toISOString(), data: dataOf(notice, manner) });
  const timestamp = String(Math.floor(at / 1000));
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature(secret, id, timestamp, body)}`,
    },
    body,
  };
}

/** `whsec_` and base64 of 24 to 64 bytes. */
export function isSigningKey(secret: string): boolean {
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length;
  return /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret) && bytes >= 24 && bytes <= 64;
}

/** HMAC-SHA256 of `id.timestamp.body` under the key, as base64. */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}

/** The first of its changes names a ticket's notice: `ticket.opened`, `ticket.answer_late`. */
function typeOf(notice: Notice): string {
  switch (notice.about) {
    case 'ticket':
      return `ticket.${(notice.changes[0] ?? 'changed').replaceAll('-', '_')}`;
    case 'incident':
      return notice.isOver ? 'incident.over' : 'incident.opened';
    case 'receiver':
      return notice.isOver ? 'receiver.mended' : 'receiver.failing';
    case 'digest':
      return 'digest';
    case 'test':
      return 'test';
  }
}

function dataOf(notice: Notice, manner: Manner): object {
  const { headline, lines, link }: Worded = worded(notice, manner);
  return { headline, ...(lines.length > 0 ? { lines } : {}), ...(link === undefined ? {} : { link }), ...partsOf(notice, manner.details) };
}

function partsOf(notice: Notice, details: Details): object {
  switch (notice.about) {
    case 'ticket': {
      const { number, site, siteName, title, evidence, more, assignee, ...rest } = notice.ticket;
      const { firstSeverity: _, timeZone: __, ...plain } = rest;
      if (details === 'none') return { changes: notice.changes, ticket: { number, site } };
      if (details === 'title') return { changes: notice.changes, ticket: { number, site, siteName, title, ...plain } };
      return {
        changes: notice.changes,
        ticket: { number, site, siteName, title, ...plain, ...(assignee ? { assignee } : {}), evidence, more },
      };
    }
    case 'incident': {
      const { about: _, isOver: __, cause, ...incident } = notice;
      return { incident: details === 'none' ? { number: notice.number } : { ...incident, cause } };
    }
    case 'receiver':
      return { receiver: notice.receiver, since: notice.sinceAt, answer: notice.answer };
    case 'digest':
      return { why: notice.why, notices: notice.notices.map((one) => ({ type: typeOf(one), ...partsOf(one, details) })) };
    case 'test':
      return { receiver: notice.receiver };
  }
}
