/** By what somebody comes in beside a password: passkeys, and the provider of the house. */
import { html } from 'hono/html';
import type { PasskeyRow } from '../desk/store/access-tables.ts';
import { ago, clock, type Frame, type Html, nothing } from './parts.ts';

export type KeysBlock = {
  readonly passkeys: readonly Pick<PasskeyRow, 'id' | 'title' | 'is_synced' | 'created_at' | 'used_at'>[];
  /** Where the browser takes passkeys of this desk: at the address that it shows, at another one, or nowhere. */
  readonly passkeysAt: 'here' | 'nowhere' | (string & {});
  readonly isFresh: boolean;
  /** The provider of the house, and since when the account is connected with it; `email`: as it was then; `at`: where that can be done, if not here. */
  readonly provider?: { readonly title: string; readonly at?: string; readonly email?: string | undefined; readonly linkedAt?: number };
};

export function passkeysBlock(view: KeysBlock & Frame): Html {
  const { passkeys } = view;
  return html`<section aria-labelledby="passkeys-h"><h2 id="passkeys-h">Passkeys <span class="n">${passkeys.length}</span></h2>
<p class="calm small">A passkey lets you in without a name and a password: your device checks that it is you, and no other site can ask for it.</p>
<ul class="rows">${passkeys.map((passkey) => passkeyRow(passkey, view))}</ul>
${howToAdd(view)}</section>`;
}

function passkeyRow({ id, title, is_synced, created_at, used_at }: KeysBlock['passkeys'][number], { now }: Frame): Html {
  return html`<li data-key="k-${id}"><div><b><bdi>${title}</bdi></b>
<small>added ${clock(created_at)}, ${used_at === null ? 'never used' : html`last used ${ago(used_at, now)} ago`}${is_synced === 1 ? ', may be on several of your devices' : nothing}</small></div>
<div class="do"><details class="act" data-key="name-${id}"><summary>Rename<span class="hidden"> ${title}</span></summary><form method="post" action="/account/passkeys/${id}/name"><label>Its name <input name="title" value="${title}" required maxlength="48" autocomplete="off"></label><button type="submit">Rename it</button></form></details>
<form method="post" action="/account/passkeys/${id}/remove"><button type="submit">Remove<span class="hidden"> ${title}</span></button></form></div></li>`;
}

/** The script shows the form where the browser has what it needs. */
function howToAdd({ passkeysAt, isFresh }: KeysBlock): Html {
  if (passkeysAt === 'nowhere')
    return html`<p class="calm small">None can be added here: passkeys need a desk that is reached by a name, over https, and not by an IP address.</p>`;
  if (passkeysAt !== 'here')
    return html`<p class="calm small">On this machine they work at <a href="${passkeysAt}/account">${passkeysAt}</a>; from elsewhere the desk needs a name and https (desk.page.origin).</p>`;
  if (!isFresh) return nothing;
  return html`<p class="calm small" data-no-passkeys>To add one, a browser that knows passkeys and runs the scripts of this page is needed.</p>
<form class="card" data-add-passkey hidden>
<label>Name of the new one <input name="title" maxlength="48" autocomplete="off" placeholder="my telephone"></label>
<p class="calm small" data-said role="status"></p>
<button type="submit">Add a passkey</button>
</form>`;
}

export function providerBlock({ provider, isFresh }: KeysBlock): Html {
  if (provider === undefined) return nothing;
  const { title, at, email, linkedAt } = provider;
  const form = html`<form class="after" method="post" action="/account/provider"><button type="submit">Connect with ${title}</button></form>`;
  const elsewhere = html`<p class="calm small">That is done at <a href="${at}/account">${at}</a>.</p>`;
  const connect = html`<p class="calm small">Not connected. Once it is, ${title} lets you in here.</p>
${at !== undefined ? elsewhere : isFresh ? form : nothing}`;
  const connected = html`<ul class="rows"><li><div><b>Connected</b> <small><bdi>${email ?? ''}</bdi></small><small>since ${clock(linkedAt ?? 0)}</small></div>
<div class="do"><form method="post" action="/account/provider/remove"><button type="submit">Disconnect</button></form></div></li></ul>`;
  return html`<section aria-labelledby="provider-h"><h2 id="provider-h"><bdi>${title}</bdi></h2>
${linkedAt === undefined ? connect : connected}</section>`;
}
