/** Many homes that fell silent together are one notice, as they are one incident: told to whoever would be told of a critical ticket of any home. Belongs into a transaction. */
import type { IncidentView } from '../incidents/incident-view.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { dropNotice, insertNotice, listToldIncidents, saveThread } from '../store/notices.ts';
import type { NoticeRow } from '../store/schema.ts';
import { aboutIncident, type IncidentNotice } from './notice.ts';
import { mirrors, type NoticePolicy, type Receiver, type Route } from './policy.ts';
import { isUnsure, type Queueing } from './queue.ts';
import { whenFor } from './route.ts';

/** `open`: all that last; `ended`: those that are over, as far as anybody was told of them. */
export async function queueIncidents(
  db: DeskDatabase,
  { open, ended }: { readonly open: readonly IncidentView[]; readonly ended: readonly IncidentView[] },
  queueing: Queueing,
): Promise<void> {
  const told = await listToldIncidents(db);
  const find = <T extends { receiver: string; about: string }>(rows: readonly T[], name: string, number: number): T | undefined =>
    rows.find((row) => row.receiver === name && row.about === aboutIncident(number));
  for (const receiver of queueing.policy.receivers.values()) {
    const { name } = receiver;
    for (const incident of open) {
      const isKnown = incident.openedAt < (queueing.known.get(name)?.since_at ?? 0) || find(told.threads, name, incident.number);
      if (isKnown || incident.assignee !== undefined || !isTold(queueing.policy, name)) continue;
      await queue(db, find(told.waiting, name, incident.number), noticeOf(incident, false), receiver, queueing);
    }
    for (const incident of ended) {
      const [row, thread] = [find(told.waiting, name, incident.number), find(told.threads, name, incident.number)];
      const isUnderWay = row !== undefined && (row.leased_until > queueing.at || isUnsure(row));
      if (row !== undefined && !isUnderWay && !isOverNotice(row)) await dropNotice(db, row.seq);
      if (thread === undefined || isUnderWay) continue;
      const notice = noticeOf(incident, true);
      if (receiver.tellsOver || mirrors(receiver.place))
        await queue(db, row && isOverNotice(row) ? row : undefined, notice, receiver, queueing);
      else await saveThread(db, { receiver: name, about: aboutIncident(incident.number) }, notice, false, queueing.at);
    }
  }
}

/** While it waits it is what is so now. */
async function queue(
  db: DeskDatabase,
  row: NoticeRow | undefined,
  notice: IncidentNotice,
  receiver: Receiver,
  { at, policy, newId }: Queueing,
): Promise<void> {
  if (row !== undefined && (row.leased_until > at || isUnsure(row) || row.body === JSON.stringify(notice))) return;
  if (row !== undefined) await dropNotice(db, row.seq);
  const urgent = !notice.isOver && (receiver.quiet === undefined || receiver.quiet.urgent.severities.has('critical'));
  const when = whenFor(receiver, { urgent, timeZone: 'UTC' }, at);
  await insertNotice(db, {
    id: row !== undefined && row.tries === 0 ? row.id : newId(),
    receiver: receiver.name,
    about: aboutIncident(notice.number),
    notice,
    urgent,
    held: when > at,
    made_at: at,
    due_at: Math.min(row?.due_at ?? Number.POSITIVE_INFINITY, when > at ? when : at + policy.gatherMs),
  });
}

function isTold({ routes }: NoticePolicy, name: string): boolean {
  return routes.some((route) => route.receivers.includes(name) && isForAll(route));
}

/** Of any home, and of what is critical. */
function isForAll({ changes, passedTo, severities, tiers, plans, dealers, homes }: Route): boolean {
  const isNarrow = [passedTo, tiers, plans, dealers, homes].some((only) => only !== undefined);
  return !isNarrow && changes.has('opened') && (severities === undefined || severities.has('critical'));
}

function noticeOf({ number, cause, openedAt, since, size, homes, endedBecause }: IncidentView, isOver: boolean): IncidentNotice {
  const ended = endedBecause === undefined ? {} : { endedBecause };
  return { about: 'incident', number, cause, openedAt, since, homes: homes.all, size, back: homes.back, ...ended, isOver };
}

function isOverNotice({ body }: NoticeRow): boolean {
  return (JSON.parse(body) as IncidentNotice).isOver;
}
