/** For what somebody's role does not allow: said plainly, with whom to ask. */
import { html } from 'hono/html';
import { type Frame, type Html, stillLayout } from './parts.ts';

export function forbiddenPage(frame: Frame): Html {
  return stillLayout(
    'Not for your role',
    frame,
    html`<h1>Your role does not allow that</h1><p class="calm">You are signed in${frame.viewer ? html` as <bdi>${frame.viewer.name}</bdi>` : ''}, and this part of the desk is for others. If you need it, ask a desk lead. <a href="/">All homes</a></p>`,
  );
}
