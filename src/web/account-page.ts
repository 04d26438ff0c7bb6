/** One's own account: who one is here, where one is signed in, by what one comes in, and one's own tokens. */
import { html } from 'hono/html';
import { SHORTEST } from '../desk/access/password-rules.ts';
import type { Role, TokenScope } from '../desk/access/roles.ts';
import type { TokenView } from '../desk/access/tokens.ts';
import type { SignInRow } from '../desk/store/access-tables.ts';
import { type BrowsersBlock, browsersBlock } from './browsers-block.ts';
import { type KeysBlock, passkeysBlock, providerBlock } from './keys-block.ts';
import { ago, clock, type Frame, type Html, nothing, stillLayout } from './parts.ts';
import { browserWords, ROLE_WORDS, SCOPE_WORDS, WAY_WORDS } from './people-words.ts';
import { troubleNote } from './sign-in-page.ts';

export type AccountPage = Frame &
  KeysBlock &
  BrowsersBlock & {
    readonly role: Role;
    /** The id of the sign-in that looks. */
    readonly own: string;
    readonly signIns: readonly Pick<SignInRow, 'id' | 'created_at' | 'seen_at' | 'address' | 'browser' | 'way'>[];
    readonly tokens: readonly TokenView[];
    /** To which a token of this person may be limited. */
    readonly scopes: readonly TokenScope[];
    /** Whether who looks proved not long ago who he is: then he may make new ways in. */
    readonly isFresh: boolean;
    readonly hasPassword: boolean;
    readonly isChanged?: boolean;
    readonly trouble?: string;
  };

export function accountPage(view: AccountPage): Html {
  const { viewer, role } = view;
  const body = html`<h1><bdi>${viewer?.name ?? ''}</bdi></h1>
<p class="facts">${ROLE_WORDS[role].title}: ${ROLE_WORDS[role].about}</p>
${view.isChanged ? html`<p class="banner" role="status">Your password is changed, and you are signed out everywhere else.</p>` : nothing}
${troubleNote(view.trouble)}
${view.isFresh ? nothing : proveAgain()}
${signInsBlock(view)}
${browsersBlock(view)}
${passkeysBlock(view)}
${providerBlock(view)}
${passwordBlock(view)}
${tokensBlock(view)}`;
  return stillLayout('Your account', view, body, 'passkey.js', ...(view.told ? ['push.js'] : []));
}

function proveAgain(): Html {
  return html`<form class="banner again" method="post" action="/account/again"><p>You signed in more than half an hour ago. To add a passkey, connect another account, make a token or turn on notices in a browser, sign in once more.</p><button type="submit">Sign in again</button></form>`;
}

function signInsBlock({ own, signIns, now }: AccountPage): Html {
  const others = signIns.filter(({ id }) => id !== own);
  return html`<section aria-labelledby="where-h"><h2 id="where-h">Signed in <span class="n">${signIns.length}</span></h2>
<ul class="rows">${signIns.map(
    (
      signIn,
    ) => html`<li data-key="s-${signIn.id}"><div><b><bdi>${browserWords(signIn.browser)}</bdi></b>${signIn.id === own ? html` <span class="mark">this browser</span>` : nothing}
<small>${WAY_WORDS[signIn.way]}, from <bdi>${signIn.address}</bdi>, since ${clock(signIn.created_at)}, last seen ${ago(signIn.seen_at, now)} ago</small></div>
${signIn.id === own ? nothing : html`<form method="post" action="/account/sign-ins"><input type="hidden" name="end" value="${signIn.id}"><button type="submit">End</button></form>`}</li>`,
  )}</ul>
${others.length === 0 ? nothing : html`<form class="after" method="post" action="/account/sign-ins"><input type="hidden" name="end" value="others"><button type="submit">Sign out everywhere else</button></form>`}
</section>`;
}

function passwordBlock({ hasPassword }: AccountPage): Html {
  if (!hasPassword)
    return html`<section aria-labelledby="password-h"><h2 id="password-h">Password</h2><p class="calm small">You have none and need none. If you want one, a desk lead makes a link with which you choose it.</p></section>`;
  return html`<section aria-labelledby="password-h"><h2 id="password-h">Another password</h2>
<form class="card" method="post" action="/account/password">
<label>Present password <input name="current" type="password" required maxlength="256" autocomplete="current-password"></label>
<label>New password <input name="next" type="password" required minlength="${SHORTEST}" maxlength="256" autocomplete="new-password" aria-describedby="rule"></label>
<label>The same again <input name="again" type="password" required maxlength="256" autocomplete="new-password"></label>
<p class="calm small" id="rule">At least ${SHORTEST} characters, whichever you like. You are signed out everywhere else by it.</p>
<button type="submit">Change it</button>
</form></section>`;
}

function tokensBlock(view: AccountPage): Html {
  const { tokens, now } = view;
  return html`<section aria-labelledby="tokens-h"><h2 id="tokens-h">Tokens for your programs <span class="n">${tokens.length}</span></h2>
<p class="calm small">A program that sends one may do what you may, in the homes that you see, and no more than you say here.</p>
<ul class="rows">${tokens.map(
    (
      token,
    ) => html`<li data-key="t-${token.id}"><div><b><bdi>${token.title}</bdi></b>${token.endsAt <= now ? html` <span class="mark">its time is over</span>` : nothing}
<small>${scopesWords(token.scopes)} · until ${clock(token.endsAt)}</small>
<small>${token.usedAt === undefined ? 'never used' : html`last used ${ago(token.usedAt, now)} ago`}</small></div>
<div class="do"><form method="post" action="/account/tokens/${token.id}/revoke"><button type="submit">Revoke<span class="hidden"> ${token.title}</span></button></form></div></li>`,
  )}</ul>
${view.isFresh ? tokenForm(view) : nothing}</section>`;
}

function scopesWords(scopes: readonly TokenScope[] = []): string {
  return scopes.map((scope) => SCOPE_WORDS[scope]).join(', ');
}

function tokenForm({ scopes }: AccountPage): Html {
  const choices = scopes.filter((scope) => scope !== 'homes');
  return html`<details class="act invite" data-key="token"><summary>Make a token</summary>
<form method="post" action="/account/tokens">
<label>What it is for <input name="title" required maxlength="48" autocomplete="off" placeholder="night report"></label>
<label>For days <input name="days" type="number" required min="1" max="366" value="90"></label>
<fieldset class="wide"><legend>It may</legend>
<label class="tick"><input type="checkbox" checked disabled> ${SCOPE_WORDS.homes}</label>
${choices.map((scope) => html`<label class="tick"><input type="checkbox" name="scopes" value="${scope}"> ${SCOPE_WORDS[scope]}</label>`)}
</fieldset>
<button type="submit">Make it</button>
</form></details>`;
}

export type TokenPage = Frame & { readonly token: string; readonly title: string; readonly endsAt: number };

/** Shown once: the desk keeps only what the token hashes to. */
export function tokenPage(view: TokenPage): Html {
  const { token, title, endsAt } = view;
  const body = html`<h1>The token <bdi>${title}</bdi></h1>
<p class="calm">It is shown only now, and opens the desk's API in your name until ${clock(endsAt)}. Put it where your program finds it and nobody else does; what leaked you revoke on your account page.</p>
<p class="link"><code>${token}</code></p>
<p class="calm small">Programs send it as a header: <code>Authorization: Bearer TOKEN</code></p>
<p><a href="/account">Your account</a></p>`;
  return stillLayout('A token', view, body);
}
