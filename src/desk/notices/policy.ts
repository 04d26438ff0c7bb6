/** Who is told what and how: read from a file (config/notices.ts), never changed. */
import type { AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { Role } from '../access/roles.ts';
import type { WallSpan } from '../service/policy.ts';
import type { Tier } from '../tickets/ticket.ts';
import type { NoticeChange } from './notice.ts';

export const RECEIVER_KINDS = ['email', 'webhook', 'slack', 'pagerduty', 'alertmanager', 'ntfy', 'web-push'] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

/** How much of a ticket is told: that there is one, what it is about and where, or all its evidence too. */
export const DETAILS = ['none', 'title', 'full'] as const;
export type Details = (typeof DETAILS)[number];

export type MailServer = {
  readonly host: string;
  readonly port: number;
  /** `starttls`: or nothing is sent. */
  readonly tls: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
};

/** Where it goes. `secret` was read from where the file says that it is: a signing key, a token, or for Slack the address itself. */
export type Place =
  | { readonly kind: 'email'; readonly to: readonly string[]; readonly server: MailServer }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string }
  | { readonly kind: 'slack'; readonly secret: string }
  | { readonly kind: 'pagerduty'; readonly url: string; readonly secret: string }
  | { readonly kind: 'alertmanager'; readonly url: string; readonly secret?: string }
  | { readonly kind: 'ntfy'; readonly url: string; readonly topic: string; readonly secret?: string }
  | WebPush;

/** Browsers that people turned it on in (desk/push). Of these people, by their sign-in names; in these roles; while they are on shift. */
export type WebPush = {
  readonly kind: 'web-push';
  readonly people?: ReadonlySet<string>;
  readonly roles?: ReadonlySet<Role>;
  readonly onShift: boolean;
};

export type PlaceOf<K extends ReceiverKind> = Extract<Place, { kind: K }>;

/** What is not urgent waits for their end. Without `timeZone` by the clock of the home that it is about. */
export type QuietHours = {
  readonly spans: readonly WallSpan[];
  readonly timeZone?: string;
  /** What goes through all the same. */
  readonly urgent: { readonly severities: ReadonlySet<AlertSeverity>; readonly changes: ReadonlySet<NoticeChange> };
};

export type Receiver = {
  readonly name: string;
  readonly place: Place;
  readonly details: Details;
  /** Told too when what it was told of is over. */
  readonly tellsOver: boolean;
  readonly quiet?: QuietHours;
  /** More messages within ten minutes become one. */
  readonly most: number;
};

/** All that is given must fit. */
export type Route = {
  readonly receivers: readonly string[];
  readonly changes: ReadonlySet<NoticeChange>;
  /** While nobody has taken it and it was passed on to one of these. */
  readonly passedTo?: ReadonlySet<string>;
  readonly severities?: ReadonlySet<AlertSeverity>;
  readonly tiers?: ReadonlySet<Tier>;
  readonly plans?: ReadonlySet<string>;
  readonly dealers?: ReadonlySet<string>;
  readonly homes?: ReadonlySet<string>;
};

export type NoticePolicy = {
  /** Where people reach the desk's page, without a slash at its end; without it no notice has a link. */
  readonly linkTo?: string;
  /** So long the changes of one ticket are gathered into one notice. */
  readonly gatherMs: number;
  /** By name, in the order of the file. */
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly routes: readonly Route[];
  /** An e-mail address by which whoever runs a push service reaches the desk. */
  readonly contact?: string;
  /** Push services beside those of the makers of browsers: a name, perhaps with `*.` before it and a port behind it. */
  readonly pushServices: readonly string[];
};

/** Links lead to where people reach the page, unless the file says otherwise. */
export function linkedTo(policy: NoticePolicy, origin: string | undefined): NoticePolicy {
  return policy.linkTo !== undefined || origin === undefined ? policy : { ...policy, linkTo: origin };
}

/** Show what is there by themselves: they group, silence and wake people by rules of their own. */
export function mirrors({ kind }: Pick<Place, 'kind'>): boolean {
  return kind === 'pagerduty' || kind === 'alertmanager';
}
