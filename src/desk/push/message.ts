/** What a browser is told, in few words, and as a push message (RFC 8030): how long it is of use, how urgent it is, and which older one it replaces. Pure but for the keys of a message. */
import { createHmac } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import type { Notice } from '../notices/notice.ts';
import { aboutOf } from '../notices/notice.ts';
import type { Details } from '../notices/policy.ts';
import type { HttpAnswer } from '../notices/receivers/receiver.ts';
import { bounded, worded } from '../notices/wording.ts';
import { type BrowserKeys, encrypted, MOST_BYTES } from './encrypt.ts';
import type { Vapid } from './vapid.ts';

/** As the worker of the page reads it (web/client/push-worker.ts). `tag`: the same for all that is said of one thing. `path`: where a click leads, at the desk's own address. */
export type Said = {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly path: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** Stays until somebody looks at it. */
  readonly stays: boolean;
  /** Takes the place of the older without a sound. */
  readonly quiet: boolean;
};

export type PushRequest = { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array };

/** Never rejects. */
export type PushPost = (request: PushRequest) => Promise<HttpAnswer>;

/** However they are written in JSON, both fit. */
const [LONGEST_TITLE, LONGEST_BODY] = [120, 500];
/** Of what is padded to the same length nobody between can tell what it says. */
const PADDED_TO = 512;
/** What nobody was there to read within a shift the next one finds on the page. */
const LASTS_S = 8 * 3600;
/** That something is over only has to take the place of what said that it began. */
const OVER_LASTS_S = 3600;
const TEST_LASTS_S = 300;
const TOPIC_LENGTH = 32;
const TEST_TAG = 'test';

/** `id`: of the notice; names a digest, which replaces nothing. */
export function saidOf(notice: Notice, { id, details, at }: { readonly id: string; readonly details: Details; readonly at: number }): Said {
  const { headline, lines, link } = worded(notice, { details, linkTo: '' });
  const [title, where] = inTwo(headline);
  const isOver = isOverIn(notice);
  return {
    title: bounded(title, LONGEST_TITLE),
    body: bounded([where, ...(notice.about === 'ticket' ? [] : lines)].filter(Boolean).join('\n'), LONGEST_BODY),
    tag: notice.about === 'digest' ? id : notice.about === 'test' ? TEST_TAG : aboutOf(notice),
    path: link ?? '/',
    at,
    stays: !isOver && isUrgent(notice),
    quiet: isOver,
  };
}

/** A telephone shows the beginning of a title: where it is stands below it. */
function inTwo(headline: string): readonly [string, string] {
  const at = headline.lastIndexOf(' (');
  return at > 0 && headline.endsWith(')') ? [headline.slice(0, at), headline.slice(at + 2, -1)] : [headline, ''];
}

function isOverIn(notice: Notice): boolean {
  if (notice.about === 'ticket') return notice.standing.isOver;
  return notice.about !== 'digest' && notice.about !== 'test' && notice.isOver;
}

function isUrgent(notice: Notice): boolean {
  if (notice.about === 'digest') return notice.notices.some(isUrgent);
  if (notice.about !== 'ticket') return notice.about !== 'test';
  return notice.standing.severity === 'critical' || notice.changes.some((what) => what === 'answer-late' || what === 'passed-on');
}

export type Browser = { readonly endpoint: string; readonly keys: BrowserKeys };

/** As it goes to the push service of this browser. */
export function pushRequest(
  { endpoint, keys }: Browser,
  said: Said,
  { vapid, random, at }: { readonly vapid: Vapid; readonly random: Random; readonly at: number },
): PushRequest {
  return {
    url: endpoint,
    headers: {
      authorization: vapid.authorization(new URL(endpoint).origin, at),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(said.tag === TEST_TAG ? TEST_LASTS_S : said.quiet ? OVER_LASTS_S : LASTS_S),
      urgency: said.quiet ? 'low' : said.stays ? 'high' : 'normal',
      topic: topicOf(said.tag, keys),
      'user-agent': 'hearthbeat',
    },
    body: encrypted(padded(JSON.stringify(said)), keys, random),
  };
}

/** The push service learns which messages are about one thing, and not about which: it does not know the browser's secret. */
function topicOf(tag: string, { auth }: BrowserKeys): string {
  return createHmac('sha256', Buffer.from(auth, 'base64url')).update(tag).digest('base64url').slice(0, TOPIC_LENGTH);
}

/** Blanks behind JSON say nothing. */
function padded(json: string): Uint8Array {
  const text = Buffer.from(json);
  const whole = Buffer.alloc(Math.min(MOST_BYTES, Math.ceil(text.length / PADDED_TO) * PADDED_TO), ' ');
  return text.copy(whole) === text.length ? whole : text;
}
