/** Every kind of receiver in one place: sends one notice and says what came of it. Who posts and mails is handed in. */
import type { Outgoing } from '../notice.ts';
import type { NoticePolicy, PlaceOf, Receiver } from '../policy.ts';
import { alertmanagerRequest } from './alertmanager.ts';
import { mailOf } from './email.ts';
import { ntfyRequest } from './ntfy.ts';
import { pagerdutyRequest } from './pagerduty.ts';
import { type HttpRequest, type Mail, type MailAnswer, type Post, readHttp, readMail, type Verdict } from './receiver.ts';
import { slackRequest } from './slack.ts';
import { webhookRequest } from './webhook.ts';

/** Neither rejects. */
export type Senders = {
  readonly post: Post;
  readonly mail: (mail: Mail, server: PlaceOf<'email'>['server']) => Promise<MailAnswer>;
  /** To browsers of people; there are none where the desk has no accounts. */
  readonly push?: ((outgoing: Outgoing, receiver: Receiver & { readonly place: PlaceOf<'web-push'> }) => Promise<Verdict>) | undefined;
};

export async function deliver(
  outgoing: Outgoing,
  receiver: Receiver,
  policy: Pick<NoticePolicy, 'linkTo'>,
  senders: Senders,
): Promise<Verdict> {
  const { name, place, details } = receiver;
  const manner = { details, linkTo: policy.linkTo };
  if (place.kind === 'email') return readMail(await senders.mail(mailOf(outgoing, name, place, manner), place.server));
  if (place.kind === 'web-push') return senders.push?.(outgoing, { ...receiver, place }) ?? NO_BROWSERS;
  return readHttp(await senders.post(requestOf(outgoing, place, manner)), outgoing.at);
}

const NO_BROWSERS: Verdict = { outcome: 'barred', answer: 'browsers belong to accounts, and this desk has none', isUnsent: true };

function requestOf(
  outgoing: Outgoing,
  place: Exclude<Receiver['place'], { kind: 'email' | 'web-push' }>,
  manner: Parameters<typeof webhookRequest>[2],
): HttpRequest {
  switch (place.kind) {
    case 'webhook':
      return webhookRequest(outgoing, place, manner);
    case 'slack':
      return slackRequest(outgoing, place, manner);
    case 'pagerduty':
      return pagerdutyRequest(outgoing, place, manner);
    case 'alertmanager':
      return alertmanagerRequest([outgoing], place, manner);
    case 'ntfy':
      return ntfyRequest(outgoing, place, manner);
  }
}
