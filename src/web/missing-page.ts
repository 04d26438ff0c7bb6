/** For an address that leads nowhere. */
import { html } from 'hono/html';
import { doorLayout, type Frame, type Html, layout } from './parts.ts';

export function missingPage(frame: Frame): Html {
  return layout(
    'Not found',
    frame,
    html`<h1>There is nothing here</h1><p class="calm">The home may have been removed, or the address has a typing error. <a href="/">All homes</a></p>`,
  );
}

/** At a desk with accounts nobody knows yet who asks for such an address: it tells nothing of the desk. */
export function missingAtTheDoor(): Html {
  return doorLayout(
    'Not found',
    html`<h1>There is nothing here</h1><p class="calm">The address may have a typing error. <a href="/">To the desk</a></p>`,
  );
}
