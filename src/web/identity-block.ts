/** What a device is and how that is known: each statement with who made it, what is doubtful, what the device talks, and what would tell more. */
import { html } from 'hono/html';
import type { DeviceMessage } from '../protocol/messages.ts';
import { factWord, serviceWord, sourceWord, sureWord } from '../protocol/reason-words.ts';
import { type Html, nothing } from './parts.ts';

type Reason = NonNullable<DeviceMessage['because']>[number];

type Identified = {
  readonly because?: readonly Reason[] | undefined;
  readonly talks?: readonly string[] | undefined;
  readonly hint?: string | undefined;
};

/** `device`: with the values of its facts. */
export function identityBlock(device: Identified): Html {
  const reasons = (device.because ?? []).filter((reason) => statedValue(device, reason) !== undefined);
  const talks = [...new Set((device.talks ?? []).map(serviceWord))];
  if (reasons.length === 0 && talks.length === 0 && device.hint === undefined) return nothing;
  return html`<div class="evidence identity">
${
  reasons.length > 0 &&
  html`<table><caption>What it is, and who says so</caption>
<thead class="hidden"><tr><th scope="col">Statement</th><th scope="col">Value</th><th scope="col">Source</th></tr></thead>
<tbody>${reasons.map((reason) => reasonRow(device, reason))}</tbody></table>`
}
${talks.length > 0 && html`<p><b>It talks</b> <bdi>${talks.join(', ')}</bdi></p>`}
${device.hint && html`<p><b>To know more</b> <bdi>${device.hint}</bdi></p>`}
</div>`;
}

function reasonRow(device: Identified, reason: Reason): Html {
  const or = reason.or === undefined ? nothing : html`<small>or <bdi>${reason.or}</bdi>, as another source says</small>`;
  return html`<tr><th scope="row">${factWord(reason.fact)}</th><td><bdi>${statedValue(device, reason)}</bdi>${or}</td><td><bdi>${sourceWord(reason.source)}</bdi><small>, ${sureWord(reason.confidence)}</small></td></tr>`;
}

function statedValue(device: Identified, { fact }: Reason): string | undefined {
  const value = Object.hasOwn(device, fact) ? device[fact as keyof Identified] : undefined;
  return typeof value === 'string' ? value : undefined;
}
