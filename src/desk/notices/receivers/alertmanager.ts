/** Prometheus Alertmanager, API v2: each ticket is an alert that fires until it is over, told again before it would run out. Pure. */
import type { Notice, Outgoing } from '../notice.ts';
import type { Details, PlaceOf } from '../policy.ts';
import { worded } from '../wording.ts';
import { type HttpRequest, json } from './receiver.ts';

/** So long it fires there if the desk says nothing more: a desk that died leaves no alert behind for good. */
export const LASTS_MS = 20 * 60_000;
/** Well before. */
export const REFRESH_MS = 5 * 60_000;

type Manner = { readonly details: Details; readonly linkTo?: string | undefined };

/** The labels name the alert: what may change of a ticket is an annotation. */
export function alertmanagerRequest(all: readonly Outgoing[], { url, secret }: PlaceOf<'alertmanager'>, manner: Manner): HttpRequest {
  const alerts = all.map(({ notice, at }) => {
    const { headline, lines, link } = worded(notice, manner);
    return {
      labels: labelsOf(notice),
      annotations: { summary: headline, ...(lines.length > 0 ? { description: lines.join('\n') } : {}) },
      ...instants(notice, at),
      ...(link === undefined ? {} : { generatorURL: link }),
    };
  });
  const path = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
  return {
    ...json(path, alerts),
    headers: { 'content-type': 'application/json', ...(secret ? { authorization: `Bearer ${secret}` } : {}) },
  };
}

function labelsOf(notice: Notice): Record<string, string> {
  switch (notice.about) {
    case 'ticket': {
      const { number, site, severity, firstSeverity } = notice.ticket;
      return { alertname: 'HearthbeatTicket', ticket: String(number), site, severity: firstSeverity ?? severity };
    }
    case 'incident':
      return { alertname: 'HearthbeatIncident', incident: String(notice.number), severity: 'critical' };
    case 'receiver':
      return { alertname: 'HearthbeatReceiverFailing', receiver: notice.receiver, severity: 'error' };
    case 'test':
      return { alertname: 'HearthbeatTest', receiver: notice.receiver, severity: 'info' };
    case 'digest':
      return { alertname: 'HearthbeatDigest', severity: 'info' };
  }
}

function instants(notice: Notice, at: number): { startsAt: string; endsAt: string } {
  const [startsAt, endsAt] = spanOf(notice, at);
  return { startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
}

function spanOf(notice: Notice, at: number): [number, number] {
  if (notice.about === 'ticket') return [Math.min(notice.ticket.askedAt, at), notice.changes.includes('over') ? at : at + LASTS_MS];
  if (notice.about === 'incident') return [Math.min(notice.since, at), notice.isOver ? at : at + LASTS_MS];
  if (notice.about === 'receiver') return [Math.min(notice.sinceAt, at), notice.isOver ? at : at + LASTS_MS];
  return [at, at + 60_000];
}
