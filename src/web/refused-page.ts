/** For a form that was not taken, in a browser without the page's script: why, and the way back. */
import { html } from 'hono/html';
import { type Frame, type Html, stillLayout } from './parts.ts';

/** `back`: the path to return to. */
export function refusedPage(frame: Frame, message: string, back: string): Html {
  return stillLayout(
    'Not taken',
    frame,
    html`<h1>That was not taken</h1><p class="calm"><bdi>${message}</bdi> <a href="${back}">Back</a></p>`,
  );
}
