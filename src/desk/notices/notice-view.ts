/** Who was told of a ticket, as its page and programs show it. Pure. */
import type { NoticeFate, NoticeRow } from '../store/schema.ts';
import type { NoticeChange, TicketNotice } from './notice.ts';

/** `at`: when it went or was given up, or when it is to go. `answer`: why it did not go. */
export type NoticeView = {
  readonly receiver: string;
  readonly changes: readonly NoticeChange[];
  readonly fate: NoticeFate;
  readonly at: number;
  readonly tries: number;
  readonly answer?: string;
};

/** Of a row about a ticket. */
export function noticeView({ receiver, body, fate, done_at, due_at, tries, answer }: NoticeRow): NoticeView {
  const { changes } = JSON.parse(body) as TicketNotice;
  const why = fate === 'sent' || answer === null ? {} : { answer };
  return { receiver, changes, fate, at: done_at ?? due_at, tries, ...why };
}
