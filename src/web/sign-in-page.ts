/** The door: signing in, and choosing a password by a link that works once. Passwords need no script, so that a password manager and an old browser have no trouble with them. */
import { html } from 'hono/html';
import { SHORTEST } from '../desk/access/password-rules.ts';
import { doorLayout, type Frame, type Html, nothing } from './parts.ts';

export type SignInPage = Frame & {
  /** Where to go then. */
  readonly next: string;
  readonly name?: string;
  readonly trouble?: string;
  readonly isAfter?: boolean;
  readonly hasPasskeys?: boolean;
  /** What people call the provider of the house; `at`: where the door is that it leads back to, if it is not this one. */
  readonly provider?: { readonly title: string; readonly at?: string };
};

export function signInPage({ next, name = '', trouble, isAfter = false, hasPasskeys = false, provider }: SignInPage): Html {
  const body = html`<h1>Sign in</h1>
${isAfter ? html`<p class="calm" role="status">You are signed out.</p>` : nothing}
${troubleNote(trouble)}
<form class="card" method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
<label>Sign-in name <input name="name" value="${name}" required maxlength="64" autocomplete="username${hasPasskeys ? ' webauthn' : nothing}" autocapitalize="none" spellcheck="false"${name === '' ? html` autofocus` : nothing}></label>
<label>Password <input name="password" type="password" required maxlength="256" autocomplete="current-password"${name === '' ? nothing : html` autofocus`}></label>
<button type="submit">Sign in</button>
</form>
${hasPasskeys ? html`<form class="other" data-passkey hidden><button type="submit">Sign in with a passkey</button><p class="calm small" data-said role="status"></p></form>` : nothing}
${provider === undefined ? nothing : providerForm(provider, next)}
<p class="calm small">Forgot it, or never had one? A desk lead makes a link with which you choose a new password.</p>`;
  return doorLayout('Sign in', body, hasPasskeys ? { script: 'passkey.js' } : {});
}

function providerForm({ title, at }: NonNullable<SignInPage['provider']>, next: string): Html {
  if (at !== undefined)
    return html`<p class="calm small">Sign in with <bdi>${title}</bdi> at <a href="${at}/sign-in?next=${encodeURIComponent(next)}">${at}</a>.</p>`;
  return html`<form class="other" method="post" action="/sign-in/provider"><input type="hidden" name="next" value="${next}"><button type="submit">Sign in with <bdi>${title}</bdi></button></form>`;
}

export type ChoosePage = Frame & {
  /** Absent: for the first account of this desk. */
  readonly person?: { readonly fullName: string; readonly signInName: string };
  readonly typed?: { readonly signInName: string; readonly fullName: string };
  readonly trouble?: string | undefined;
  readonly field?: string | undefined;
};

export function choosePage({ person, typed, trouble, field }: ChoosePage): Html {
  const body = html`<h1>${person ? 'Choose a password' : 'The first account of this desk'}</h1>
${person ? html`<p class="calm">For <bdi>${person.fullName}</bdi>, who signs in as <b><bdi>${person.signInName}</bdi></b>.</p>` : html`<p class="calm">It is a desk lead: it sees all homes and makes accounts for the others.</p>`}
${troubleNote(trouble)}
<form class="card" method="post">
${person ? html`<input type="hidden" name="username" autocomplete="username" value="${person.signInName}">` : whoFields(typed, field)}
<label>Password <input name="password" type="password" required minlength="${SHORTEST}" maxlength="256" autocomplete="new-password" aria-describedby="rule"${wrong(field === 'password')}></label>
<label>The same again <input name="again" type="password" required maxlength="256" autocomplete="new-password"></label>
<p class="calm small" id="rule">At least ${SHORTEST} characters, whichever you like: four or five words that do not belong together are easy to remember and hard to guess. A password manager is better still.</p>
<button type="submit">${person ? 'Use this password' : 'Make the account'}</button>
</form>`;
  return doorLayout(person ? 'Choose a password' : 'First account', body);
}

function whoFields(typed: ChoosePage['typed'], field: string | undefined): Html {
  return html`<label>Your name, as others read who did what <input name="fullName" value="${typed?.fullName ?? ''}" required maxlength="64" autocomplete="name"${wrong(field === 'fullName')}></label>
<label>Sign-in name <input name="signInName" value="${typed?.signInName ?? ''}" required minlength="2" maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false" placeholder="maria or maria@desk.example"${wrong(field === 'signInName')}></label>`;
}

export function wornLinkPage(_: Frame): Html {
  return doorLayout(
    'Link is over',
    html`<h1>This link is over</h1>
<p class="calm">It worked once, or its time has passed, or a newer one was made. Ask a desk lead for another; on the desk's own machine <code>hearthbeat desk</code> says how to begin. <a href="/sign-in">Sign in</a></p>`,
  );
}

export function troubleNote(trouble: string | undefined): Html {
  return trouble === undefined ? nothing : html`<div class="banner bad" role="alert"><bdi>${trouble}</bdi></div>`;
}

function wrong(isWrong: boolean): Html {
  return isWrong ? html` aria-invalid="true" autofocus` : nothing;
}
