/** The map of a home as a nested list that CSS draws lines to: internet, router, hub, what carries others, and the rest counted. States are sign and word, and only what was told is drawn. */
import { html } from 'hono/html';
import { type HomeMap, type MapNode, mapOf, wayTo } from '../desk/dossier/home-map.ts';
import type { DeviceView, SiteView } from '../desk/views.ts';
import type { HealthState } from '../protocol/messages.ts';
import { kindOf, nameOf } from './device-parts.ts';
import { type Frame, type Html, hubSign, nothing, stateBadge } from './parts.ts';
import { listed, plural, STATE_ORDER, STATES } from './words.ts';

const LINE_WORDS: Readonly<Record<HealthState, string>> = {
  up: 'works',
  down: 'does not work',
  suspect: 'in doubt',
  unreachable: 'cannot be judged',
  unknown: 'not known',
  asleep: 'not known',
};
const BY_WORDS = { person: 'people', bridge: 'its ports', lldp: 'LLDP' } as const;
/** These are looked for, so each is named; of the others it is enough how many there are. */
const NAMED: ReadonlySet<HealthState> = new Set(['down', 'unreachable', 'suspect']);
const MOST_NAMED = 12;

/** `devices`: what a ticket is about; `line`, `hub`: it is about that. */
export type Marked = { readonly devices: ReadonlySet<string>; readonly line: boolean; readonly hub: boolean };

type Drawn = { readonly site: SiteView; readonly devices: readonly DeviceView[]; readonly frame: Frame };
type Drawing = Drawn & { readonly map: HomeMap; readonly marked?: Marked | undefined };

/** On the page of the home: everything that carries something, and whatever is in trouble. */
export function mapSection(drawn: Drawn): Html {
  if (drawn.devices.length === 0) return nothing;
  const map = mapOf(drawn.devices);
  const source =
    map.known.length === 0
      ? 'What hangs on what, nobody has told: switches do that answer SNMP, and people can say it at the hub.'
      : 'Drawn is what switches, LLDP or people told. Of the rest nobody has told what it hangs on.';
  return html`<section class="map" aria-labelledby="map-h"><h2 id="map-h">Map</h2>${tree({ ...drawn, map })}
<p class="calm small">${source}</p></section>`;
}

/** On a ticket: the way to what it is about, and how it is beside that way. */
export function whereSection({ marked, ...drawn }: Drawn & { readonly marked: Marked }): Html {
  const map = mapOf(drawn.devices);
  const about = drawn.devices.filter(({ id }) => marked.devices.has(id));
  if (drawn.devices.length === 0) return nothing;
  return html`<section class="map" aria-labelledby="map-h"><h2 id="map-h">Where it stands</h2>
${about.slice(0, MOST_NAMED).map((device) => betweenWords(device, map, drawn.site))}
${tree({ ...drawn, map, marked })}</section>`;
}

function betweenWords(device: DeviceView, map: HomeMap, { gateway, internet }: SiteView): Html {
  if (device.isGateway)
    return html`<p class="small">Between <bdi>${nameOf(device)}</bdi> and the internet: the line (${LINE_WORDS[internet]}).</p>`;
  const way = wayTo(map.known, device.id) ?? [];
  const last = way.at(-1) ?? device;
  const isToRouter = last.behind !== undefined && last.behind.device === map.router?.id;
  const between = [
    ...way.map((each) => html`<bdi>${nameOf(each)}</bdi> (${STATES[each.state].word})`),
    html`the router (${STATES[map.router?.state ?? gateway].word})`,
    html`the line (${LINE_WORDS[internet]})`,
  ];
  // A switch that tells nothing may be anywhere on the way.
  const doubt = isToRouter ? nothing : way.length > 0 ? ', as far as anybody told' : ': what it hangs on, nobody has told; then';
  return html`<p class="small">Between <bdi>${nameOf(device)}</bdi> and the internet${doubt}${isToRouter || way.length > 0 ? ':' : nothing} ${between.map((each, i) => html`${i === 0 ? nothing : ', '}${each}`)}.</p>`;
}

function tree(drawing: Drawing): Html {
  const { site, map, marked, frame } = drawing;
  const { internet, gateway } = site;
  const router = map.router ? deviceNode(drawing, map.router) : html`${stateBadge(gateway)} <b>Router</b>`;
  const hub = html`<li>${node(html`<b>Hub</b> ${hubSign(site, frame)}${here(marked?.hub)}`)}</li>`;
  const rest =
    map.elsewhere.length === 0
      ? nothing
      : html`<li>${node(html`<span class="soft">${map.known.length === 0 ? 'Behind the router' : 'Behind the router, somewhere'}: ${plural(map.elsewhere.length, 'device')}</span>`)}<ul>${leaves(drawing, map.elsewhere)}</ul></li>`;
  return html`<ul class="tree"><li>${node(html`<span class="state s-${internet}"><i aria-hidden="true">${STATES[internet].sign}</i>${LINE_WORDS[internet]}</span> <b>Internet</b>${here(marked?.line)}`)}
<ul><li>${node(router)}<ul>${hub}${branches(drawing, map.known)}${rest}</ul></li></ul></li></ul>`;
}

const node = (content: Html): Html => html`<span class="node">${content}</span>`;
const here = (isHere: boolean | undefined): Html => (isHere ? html` <span class="here">this ticket</span>` : nothing);

function deviceNode({ site, marked }: Drawing, device: DeviceView, more?: string): Html {
  const kind = kindOf(device);
  const about = [kind.toLowerCase() === nameOf(device).toLowerCase() ? '' : kind, more].filter(Boolean).join(', ');
  return html`${stateBadge(device.state)} <a href="/sites/${site.id}/devices/${device.id}"><bdi>${nameOf(device)}</bdi></a>${about === '' ? nothing : html` <small><bdi>${about}</bdi></small>`}${here(marked?.devices.has(device.id))}`;
}

/** What carries others each by itself, on a ticket only those on the way to what it is about; then what carries nothing. */
function branches(drawing: Drawing, nodes: readonly MapNode[]): Html {
  const isDrawn = (each: MapNode): boolean => each.carried.length > 0 && (drawing.marked === undefined || isMarkedIn(each, drawing.marked));
  const drawn = nodes.filter(isDrawn).toSorted((left, right) => byName(left.device, right.device));
  return html`${drawn.map((each) => html`<li>${node(deviceNode(drawing, each.device, carriesWords(each)))}<ul>${branches(drawing, each.carried)}</ul></li>`)}${leaves(
    drawing,
    nodes.filter((each) => !isDrawn(each)).flatMap(all),
  )}`;
}

function all({ device, carried }: MapNode): DeviceView[] {
  return [device, ...carried.flatMap(all)];
}

function isMarkedIn({ device, carried }: MapNode, marked: Marked): boolean {
  return marked.devices.has(device.id) || carried.some((each) => isMarkedIn(each, marked));
}

function carriesWords({ carried }: MapNode): string {
  const by = new Set(carried.flatMap(({ device }) => (device.behind ? [BY_WORDS[device.behind.by]] : [])));
  return `carries ${carried.length}, as ${listed([...by], 'and')} ${by.size === 1 && by.has('LLDP') ? 'says' : 'say'}`;
}

/** Those that are looked for by name, the others by state and kind. */
function leaves(drawing: Drawing, devices: readonly DeviceView[]): Html {
  const { marked } = drawing;
  const isNamed = ({ id, state }: DeviceView): boolean => marked?.devices.has(id) || (marked === undefined && NAMED.has(state));
  const named = devices.filter(isNamed).toSorted(byTrouble).slice(0, MOST_NAMED);
  const shown = new Set(named);
  const counted = Map.groupBy(
    devices.filter((device) => !shown.has(device)),
    ({ state }) => state,
  );
  return html`${named.map((device) => html`<li>${node(deviceNode(drawing, device))}</li>`)}${STATE_ORDER.flatMap((state) => {
    const those = counted.get(state) ?? [];
    return those.length === 0 ? [] : html`<li>${node(html`${stateBadge(state)} ${countedWords(those)}`)}</li>`;
  })}`;
}

const MOST_KINDS = 8;

/** `7 × camera`; of several kinds `35 devices`, with the most frequent kinds first. */
function countedWords(devices: readonly DeviceView[]): Html {
  const counts = [...Map.groupBy(devices, (device) => kindOf(device) || 'unknown kind')].map(([kind, those]) => ({
    kind,
    count: those.length,
  }));
  const sorted = counts.toSorted((left, right) => right.count - left.count || left.kind.localeCompare(right.kind, 'en'));
  const words = sorted.slice(0, MOST_KINDS).map(({ kind, count }) => `${count} × ${kind}`);
  if (sorted.length === 1) return html`<bdi>${words[0]}</bdi>`;
  const rest = sorted.slice(MOST_KINDS).reduce((sum, { count }) => sum + count, 0);
  return html`${devices.length} devices <small><bdi>${[...words, ...(rest > 0 ? [`${rest} others`] : [])].join(', ')}</bdi></small>`;
}

function byName(left: DeviceView, right: DeviceView): number {
  return nameOf(left).localeCompare(nameOf(right), 'en', { numeric: true });
}

function byTrouble(left: DeviceView, right: DeviceView): number {
  return STATE_ORDER.indexOf(left.state) - STATE_ORDER.indexOf(right.state) || byName(left, right);
}
