/** One's own account: who one is here, where one is signed in, and another password. */
import { html } from 'hono/html';
import { SHORTEST } from '../desk/access/password-rules.ts';
import type { Role } from '../desk/access/roles.ts';
import type { SignInRow } from '../desk/store/access-tables.ts';
import { ago, clock, type Frame, type Html, nothing, stillLayout } from './parts.ts';
import { browserWords, ROLE_WORDS } from './people-words.ts';
import { troubleNote } from './sign-in-page.ts';

export type AccountPage = Frame & {
  readonly role: Role;
  /** The id of the sign-in that looks. */
  readonly own: string;
  readonly signIns: readonly Pick<SignInRow, 'id' | 'created_at' | 'seen_at' | 'address' | 'browser'>[];
  readonly isChanged?: boolean;
  readonly trouble?: string;
};

export function accountPage(view: AccountPage): Html {
  const { viewer, role, own, signIns, now } = view;
  const others = signIns.filter(({ id }) => id !== own);
  const body = html`<h1><bdi>${viewer?.name ?? ''}</bdi></h1>
<p class="facts">${ROLE_WORDS[role].title}: ${ROLE_WORDS[role].about}</p>
${view.isChanged ? html`<p class="banner" role="status">Your password is changed, and you are signed out everywhere else.</p>` : nothing}
${troubleNote(view.trouble)}
<section aria-labelledby="where-h"><h2 id="where-h">Signed in <span class="n">${signIns.length}</span></h2>
<ul class="rows">${signIns.map(
    (
      signIn,
    ) => html`<li data-key="s-${signIn.id}"><div><b><bdi>${browserWords(signIn.browser)}</bdi></b>${signIn.id === own ? html` <span class="mark">this browser</span>` : nothing}
<small>from <bdi>${signIn.address}</bdi>, since ${clock(signIn.created_at)}, last seen ${ago(signIn.seen_at, now)} ago</small></div>
${signIn.id === own ? nothing : html`<form method="post" action="/account/sign-ins"><input type="hidden" name="end" value="${signIn.id}"><button type="submit">End</button></form>`}</li>`,
  )}</ul>
${others.length < 2 ? nothing : html`<form class="after" method="post" action="/account/sign-ins"><input type="hidden" name="end" value="others"><button type="submit">End all others</button></form>`}
</section>
<section aria-labelledby="password-h"><h2 id="password-h">Another password</h2>
<form class="card" method="post" action="/account/password">
<label>Present password <input name="current" type="password" required maxlength="256" autocomplete="current-password"></label>
<label>New password <input name="next" type="password" required minlength="${SHORTEST}" maxlength="256" autocomplete="new-password" aria-describedby="rule"></label>
<label>The same again <input name="again" type="password" required maxlength="256" autocomplete="new-password"></label>
<p class="calm small" id="rule">At least ${SHORTEST} characters, whichever you like. You are signed out everywhere else by it.</p>
<button type="submit">Change it</button>
</form></section>`;
  return stillLayout('Your account', view, body);
}
