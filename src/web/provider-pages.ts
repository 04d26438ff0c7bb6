/** On the way to the provider of the house, and what stands there where the way ended: why, and what to do next. */
import { html } from 'hono/html';
import type { ProviderFault } from '../desk/access/provider.ts';
import { doorLayout, type Html } from './parts.ts';

export type ProviderStop = ProviderFault | 'stale' | 'unknown' | 'unlinked' | 'often';

const WORDS: Readonly<Record<ProviderStop, (title: string) => { readonly head: string; readonly text: string }>> = {
  down: (title) => ({
    head: `${title} does not answer`,
    text: 'Try again in a minute. A password or a passkey of this desk works without it.',
  }),
  clock: (title) => ({
    head: 'Two clocks differ',
    text: `What ${title} said is over already, or not yet true, by the clock of the desk. Have somebody look at the clock of the desk's machine.`,
  }),
  denied: (title) => ({
    head: `${title} let you go no further`,
    text: 'You turned back there, or your account there is not meant for this desk.',
  }),
  old: () => ({ head: 'That was used already', text: 'Each answer lets somebody in once, and soon. Begin again.' }),
  odd: (title) => ({
    head: `${title} said something that the desk does not take`,
    text: "Whoever runs the desk finds more in its log: its settings (desk.provider) may not fit, or the provider's may not.",
  }),
  stale: () => ({ head: 'That was begun elsewhere', text: 'It took too long, or another browser began it. Begin again in this one.' }),
  unknown: (title) => ({
    head: 'Nobody invited you here yet',
    text: `${title} knows you, this desk does not, or its account lets nobody in any more. Ask a desk lead to invite you by the e-mail address that ${title} knows of you.`,
  }),
  unlinked: (title) => ({
    head: 'Your account is not connected yet',
    text: `Sign in as you did before, and connect it with ${title} on your account page. From then on ${title} lets you in.`,
  }),
  often: () => ({ head: 'That failed too often from here', text: 'Wait a few minutes, then try again.' }),
};

export function providerStopPage(title: string, why: ProviderStop | { readonly trouble: string }): Html {
  const { head, text } = typeof why === 'string' ? WORDS[why](title) : { head: 'Not connected', text: why.trouble };
  const back = typeof why === 'string' ? html`<a href="/sign-in">To the door</a>` : html`<a href="/account">Your account</a>`;
  return doorLayout(
    head,
    html`<h1><bdi>${head}</bdi></h1>
<p class="calm"><bdi>${text}</bdi></p>
<p>${back}</p>`,
  );
}

/** Goes on by itself. */
export function toProviderPage(title: string, url: URL): Html {
  const body = html`<h1>On to <bdi>${title}</bdi></h1>
<p class="calm">It says who you are, and leads back here. <a href="${url.href}">Go on</a> if nothing happens.</p>`;
  return doorLayout(`On to ${title}`, body, { goTo: url.href });
}
