/** For a form that was not taken, in a browser without the page's script: why, and the way back. */
import { html } from 'hono/html';
import { type Frame, type Html, layout } from './parts.ts';

export function refusedPage(frame: Frame, message: string, site: string): Html {
  return layout(
    'Not taken',
    frame,
    html`<h1>That was not taken</h1><p class="calm"><bdi>${message}</bdi> <a href="/sites/${site}">Back to the home</a></p>`,
  );
}
