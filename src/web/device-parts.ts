/** What is said of a device, in the list of its home and on its own page. */
import { html } from 'hono/html';
import { type DeviceView, isUnheard, type SiteView } from '../desk/views.ts';
import { clock, type Html, lastingSilences, nothing } from './parts.ts';
import { duration, methodWord, STATES } from './words.ts';

export function nameOf(device: DeviceView): string {
  return device.name ?? device.model ?? device.vendor ?? device.ips[0] ?? device.macs[0] ?? 'Unnamed device';
}

/** Vendor and model, without saying anything twice: many models begin with their vendor. */
export function madeBy({ vendor, model, name }: DeviceView): string {
  const says = (text: string | undefined, word: string | undefined): boolean =>
    word !== undefined && (text ?? '').toLowerCase().startsWith(word.toLowerCase());
  return [says(model, vendor) ? undefined : vendor, model].filter((text) => text !== undefined && text !== name).join(' ');
}

export function kindOf({ isGateway, kind }: DeviceView): string {
  return isGateway ? 'router' : (kind ?? '');
}

export function isSilenced({ id }: DeviceView, site: SiteView, now: number): boolean {
  return lastingSilences(site, now).some(({ device }) => device === id);
}

/** Why it is in its state, and in which it was before its hub fell silent. */
export function stateReason(device: DeviceView): Html {
  return html`${device.reason ? html`<p class="reason"><bdi>${sentence(device.reason)}</bdi>${device.since === undefined ? nothing : html` <span>Since ${clock(device.since)}.</span>`}</p>` : nothing}
${device.lastKnown ? html`<p>Before that: ${STATES[device.lastKnown.state].word} since ${clock(device.lastKnown.since)}.</p>` : nothing}`;
}

/** `carrier`: what it hangs on, where that is known. */
export function deviceFacts(device: DeviceView, site: SiteView, carrier?: DeviceView): Html {
  return html`<dl>${carrier === undefined ? nothing : html`<div><dt>Hangs on</dt><dd><a href="/sites/${site.id}/devices/${carrier.id}"><bdi>${nameOf(carrier)}</bdi></a></dd></div>`}${fact('Addresses', device.ips.join(', '))}${fact('Hardware', device.macs.join(', '))}${fact('Room', device.room)}${fact('Critical', device.critical === undefined ? undefined : device.critical ? 'yes, as people said' : 'no, as people said')}${fact('Firmware', device.firmware)}${fact('Serial', device.serial)}${fact('Seen by', device.seenBy.map(methodWord).join(', '))}
<div><dt>First seen</dt><dd>${clock(device.firstSeenAt)}</dd></div>${device.detectWithinMs === undefined || isUnheard(site.presence) ? nothing : fact('A failure shows within', promiseWords(device.detectWithinMs, device))}</dl>`;
}

/** Both figures: the state is shown in seconds, people are asked for when it lasts. */
function promiseWords(detectWithinMs: number, { detectBecause, reportAfterMs, state }: DeviceView): string {
  const seen = detectBecause === undefined ? duration(detectWithinMs) : `${duration(detectWithinMs)}, ${detectBecause}`;
  if (reportAfterMs !== undefined) return `${seen}, to be acted on ${duration(reportAfterMs)} later`;
  return state === 'asleep' ? `${seen}; it may be off or asleep` : seen;
}

function fact(name: string, value: string | undefined): Html {
  return value ? html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>` : nothing;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
