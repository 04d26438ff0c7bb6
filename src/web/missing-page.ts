/** For an address that leads nowhere. */
import { html } from 'hono/html';
import { type Frame, type Html, layout } from './parts.ts';

export function missingPage(frame: Frame): Html {
  return layout(
    'Not found',
    frame,
    html`<h1>There is nothing here</h1><p class="calm">The home may have been removed, or the address has a typing error. <a href="/">All homes</a></p>`,
  );
}
