/** What every kind of receiver is made of: a notice becomes a request, and its answer is read. Pure; who sends is handed in. */
import { cleanText } from '../../../base/text.ts';
import { wishedMs } from '../pace.ts';

export type HttpRequest = {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** `failed`: no whole answer came, and why. `isUnsent`: it cannot have arrived. */
export type HttpAnswer =
  | { readonly status: number; readonly retryAfter?: string | undefined; readonly text: string }
  | { readonly failed: string; readonly isUnsent: boolean };

/** Never rejects. */
export type Post = (request: HttpRequest) => Promise<HttpAnswer>;

/** RFC 5322; ids without their angle brackets. */
export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The first of its thread. */
  readonly thread?: string;
  readonly at: number;
};

/** `code`: of SMTP, 0 where none came. */
export type MailAnswer = { readonly code: number; readonly text: string; readonly isUnsent: boolean };

/**
 * What came of a try. `later`: it may go next time, after `wishedMs` at the soonest. `refused`: this notice never will. `barred`: none will until somebody mends the settings
 * or the receiver. `isUnsent`: it has certainly not arrived.
 */
export type Verdict = {
  readonly outcome: 'taken' | 'later' | 'refused' | 'barred';
  /** For people. */
  readonly answer: string;
  readonly isUnsent?: boolean;
  readonly wishedMs?: number | undefined;
};

const LONGEST_ANSWER = 200;

/** Too early, too slow, too much: the receiver means "later" (RFC 9110, RFC 6585, RFC 8470). */
const LATER: ReadonlySet<number> = new Set([408, 423, 425, 429]);
/** Who we are, or where we ask, is wrong: not this notice. */
const BARRED: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 410, 421, 451]);

/** By its status, for every receiver that speaks HTTP. A redirect is not followed: it could lead anywhere. */
export function readHttp(answer: HttpAnswer, at: number): Verdict {
  if ('failed' in answer) return { outcome: 'later', answer: answer.failed, isUnsent: answer.isUnsent };
  const { status, retryAfter, text } = answer;
  const said = cleanText(text, LONGEST_ANSWER);
  const words = said === undefined ? `HTTP ${status}` : `HTTP ${status}: ${said}`;
  if (status >= 200 && status < 300) return { outcome: 'taken', answer: words };
  if (status >= 500 || LATER.has(status)) return { outcome: 'later', answer: words, isUnsent: true, wishedMs: wishedMs(retryAfter, at) };
  if (status >= 300 && status < 400) return { outcome: 'barred', answer: `${words} (a redirect, which is not followed)`, isUnsent: true };
  return { outcome: BARRED.has(status) ? 'barred' : 'refused', answer: words, isUnsent: true };
}

/** By the reply (RFC 5321, 4.2.1): 4xx may go later, 5xx never will. Where it was not the message that was refused, no other will be taken either. */
export function readMail({ code, text, isUnsent }: MailAnswer): Verdict {
  const answer = cleanText(text, LONGEST_ANSWER) ?? `SMTP ${code}`;
  if (code >= 200 && code < 300) return { outcome: 'taken', answer };
  if (code < 500) return { outcome: 'later', answer, isUnsent };
  // 530 to 538 and 554 before a message are about the connection (RFC 4954); 550 and 553 about an address that the settings name.
  const isMessage = code === 552 || code === 554;
  return { outcome: isMessage ? 'refused' : 'barred', answer, isUnsent: true };
}

export function json(url: string, body: object, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  return { method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
