/** For a page that the desk could not make: it says so, instead of looking calm or showing a program's answer. */
import { html } from 'hono/html';
import { doorLayout, type Frame, type Html, layout } from './parts.ts';

export function failedPage(frame: Frame, reason: string): Html {
  return layout(
    'Could not be shown',
    frame,
    html`<h1>The desk could not show this page</h1><p class="calm">Do not take it as a sign that all is well. This page keeps trying. Reason: <bdi>${reason}</bdi></p>`,
  );
}

/** Where nobody knows who asks: nothing of the desk is told beside that. */
export function failedAtTheDoor(reason: string): Html {
  return doorLayout(
    'Could not be shown',
    html`<h1>The desk could not show this page</h1><p class="calm">Do not take it as a sign that all is well, and try again in a moment. Reason: <bdi>${reason}</bdi></p>`,
  );
}
