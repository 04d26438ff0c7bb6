/** Who has an account and what was done with them: for desk leads. */
import { html } from 'hono/html';
import type { PersonView } from '../desk/access/people.ts';
import { ROLES, type Role } from '../desk/access/roles.ts';
import type { TokenView } from '../desk/access/tokens.ts';
import type { Link } from '../desk/tickets/audit.ts';
import { ago, clock, type Frame, type Html, nothing, stillLayout } from './parts.ts';
import { accessDeedWords, ROLE_WORDS, reachWords, SCOPE_WORDS } from './people-words.ts';
import { troubleNote } from './sign-in-page.ts';
import { plural } from './words.ts';

export type PeoplePage = Frame & {
  readonly people: readonly PersonView[];
  readonly dealers: readonly string[];
  readonly tokens: readonly TokenView[];
  /** The id of who looks. */
  readonly self: string;
  /** What was typed and not taken. */
  readonly typed?: {
    readonly signInName: string;
    readonly fullName: string;
    readonly role: Role;
    readonly sites: string;
    readonly dealer: string;
  };
  readonly trouble?: string;
  readonly field?: string;
};

const STATE_WORDS: Readonly<Record<PersonView['state'], string>> = {
  active: '',
  waiting: 'has not come in yet',
  ended: 'its time is over',
  disabled: 'disabled',
};

export function peoplePage(view: PeoplePage): Html {
  const { people, tokens } = view;
  const body = html`<h1>People <span class="n">${people.length}</span></h1>
<p class="facts lone"><a href="/people/log">What was done with accounts</a></p>
${troubleNote(view.trouble)}
<details class="act invite" data-key="invite"${view.typed ? html` open` : nothing}><summary>Let somebody in</summary>${inviteForm(view)}</details>
<ul class="rows people">${people.map((person) => personRow(person, view))}</ul>
<section aria-labelledby="tokens-h"><h2 id="tokens-h">Tokens of programs <span class="n">${tokens.length}</span></h2>
${tokens.length === 0 ? html`<p class="calm small">None. <code>hearthbeat desk token create</code> on the desk's machine makes one.</p>` : html`<ul class="rows">${tokens.map((token) => tokenRow(token, view))}</ul>`}
</section>`;
  return stillLayout('People', view, body);
}

function inviteForm(view: PeoplePage): Html {
  const { typed, dealers, field } = view;
  const wrong = (name: string): Html => (field === name ? html` aria-invalid="true"` : nothing);
  return html`<form method="post" action="/people">
<label>Name, as others read who did what <input name="fullName" value="${typed?.fullName ?? ''}" required maxlength="64" autocomplete="off"${wrong('fullName')}></label>
<label>Sign-in name <input name="signInName" value="${typed?.signInName ?? ''}" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false"${wrong('signInName')}></label>
${roleFields({ role: typed?.role ?? 'agent', dealer: typed?.dealer ?? '', sites: typed?.sites ?? '', isAll: typed === undefined }, dealers, wrong)}
<button type="submit">Make a link for them</button>
</form>`;
}

type Given = { readonly role: Role; readonly dealer: string; readonly sites: string; readonly isAll: boolean };

function roleFields({ role, dealer, sites, isAll }: Given, dealers: readonly string[], wrong: (name: string) => Html): Html {
  return html`<label>Role <select name="role">${ROLES.map((one) => html`<option value="${one}"${one === role ? html` selected` : nothing}>${ROLE_WORDS[one].title}: ${ROLE_WORDS[one].about}</option>`)}</select></label>
<label>Homes <select name="homes"${wrong('homes')}><option value="all"${isAll ? html` selected` : nothing}>all (leads and agents)</option><option value="some"${isAll ? nothing : html` selected`}>only those below</option></select></label>
<label>Homes of the dealer <select name="dealer"${wrong('dealer')}><option value="">none</option>${dealers.map((name) => html`<option value="${name}"${name === dealer ? html` selected` : nothing}>${name}</option>`)}</select></label>
<label class="wide">Single homes, by their site ids <textarea name="sites" rows="2" maxlength="16000" spellcheck="false"${wrong('sites')}>${sites}</textarea></label>
<label>For days (a technician: 1 to 31) <input name="days" type="number" min="1" max="3660"${wrong('days')}></label>`;
}

function personRow(person: PersonView, view: PeoplePage): Html {
  const { now } = view;
  const isSelf = person.id === view.self;
  const state = STATE_WORDS[person.state];
  const reach = person.reach;
  const given: Given = {
    role: person.role,
    dealer: reach === 'all' ? '' : (reach.dealers[0] ?? ''),
    sites: reach === 'all' ? '' : reach.sites.join(' '),
    isAll: reach === 'all',
  };
  return html`<li class="p-${person.state}" data-key="p-${person.id}"><div><b><bdi>${person.fullName}</bdi></b> <small><bdi>${person.signInName}</bdi></small>${isSelf ? html` <span class="mark">you</span>` : nothing}${state === '' ? nothing : html` <span class="mark">${state}</span>`}
<small>${ROLE_WORDS[person.role].title} · <bdi>${reachWords(reach)}</bdi>${person.endsAt === undefined ? nothing : html` · until ${clock(person.endsAt)}`}${person.invitedUntil === undefined ? nothing : html` · its link works until ${clock(person.invitedUntil)}`}</small>
${person.passkeys === 0 && !person.isLinked ? nothing : html`<small>${[person.passkeys > 0 && plural(person.passkeys, 'passkey'), person.isLinked && 'single sign-on'].filter(Boolean).join(', ')}</small>`}
<small>${person.seenAt === undefined ? 'not signed in now' : html`${plural(person.signIns, 'sign-in')}, last seen ${ago(person.seenAt, now)} ago`}</small></div>
<div class="do">${button(person, 'link', person.state === 'waiting' ? 'New link' : 'Link for a new password', person.state === 'disabled')}
${button(person, 'sign-ins', 'End sign-ins', person.signIns === 0)}
${isSelf ? nothing : button(person, 'keys', 'Remove passkeys and tokens', person.passkeys === 0 && !person.isLinked && !ownsTokens(person, view))}
${isSelf ? nothing : person.state === 'disabled' ? button(person, 'enable', 'Enable') : button(person, 'disable', 'Disable')}
<details class="act" data-key="change-${person.id}"><summary>Change role or homes<span class="hidden"> of ${person.fullName}</span></summary>
<form method="post" action="/people/${person.id}/change">${roleFields(given, view.dealers, () => nothing)}<button type="submit">Change</button></form></details></div></li>`;
}

function ownsTokens({ id }: PersonView, { tokens }: PeoplePage): boolean {
  return tokens.some(({ person }) => person === id);
}

function button({ id, fullName }: PersonView, verb: string, words: string, isOff = false): Html {
  if (isOff) return nothing;
  return html`<form method="post" action="/people/${id}/${verb}"><button type="submit">${words}<span class="hidden"> ${fullName}</span></button></form>`;
}

function tokenRow(token: TokenView, { now }: PeoplePage): Html {
  const isOver = token.endsAt <= now;
  return html`<li data-key="t-${token.id}"><div><b><bdi>${token.title}</bdi></b>${isOver ? html` <span class="mark">its time is over</span>` : nothing}
<small>${token.person === undefined ? html`${ROLE_WORDS[token.role].title} · <bdi>${reachWords(token.reach)}</bdi>` : html`as <bdi>${token.madeBy}</bdi>: ${(token.scopes ?? []).map((scope) => SCOPE_WORDS[scope]).join(', ')}`} · until ${clock(token.endsAt)} · made by <bdi>${token.madeBy}</bdi></small>
<small>${token.usedAt === undefined ? 'never used' : html`last used ${ago(token.usedAt, now)} ago`}</small></div>
<div class="do"><form method="post" action="/people/tokens/${token.id}/revoke"><button type="submit">Revoke<span class="hidden"> ${token.title}</span></button></form></div></li>`;
}

export type LinkPage = Frame & {
  readonly link: string;
  readonly endsAt: number;
  readonly person: { readonly fullName: string; readonly signInName: string };
};

/** Shown once: the desk keeps only what the link hashes to. */
export function linkPage(view: LinkPage): Html {
  const { link, endsAt, person } = view;
  const body = html`<h1>A link for <bdi>${person.fullName}</bdi></h1>
<p class="calm">Whoever opens it chooses the password of <b><bdi>${person.signInName}</bdi></b> and is signed in, so give it to that person only, by a way that others do not read. It works once, until ${clock(endsAt)}, and is shown only now.</p>
<p class="link"><code>${link}</code></p>
<p><a href="/people">All people</a></p>`;
  return stillLayout('A link', view, body);
}

export function peopleLogPage(view: Frame & { readonly deeds: readonly Link[] }): Html {
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/people">People</a></nav>
<h1>What was done with accounts</h1>
${
  view.deeds.length === 0
    ? html`<p class="calm">Nothing yet.</p>`
    : html`<ol class="history">${view.deeds.map((deed) => {
        const { did, said } = accessDeedWords(deed);
        return html`<li data-key="deed-${deed.n}"><span class="when">${clock(deed.at)}</span><span class="what"><b><bdi>${deed.actor}</bdi></b> ${did}${said === '' ? nothing : html`<small><bdi>${said}</bdi></small>`}</span></li>`;
      })}</ol>`
}`;
  return stillLayout('Accounts', view, body);
}
