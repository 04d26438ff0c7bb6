/** The screen of `hearthbeat watch`: as many lines as the terminal has, from what is known and what the keys chose. Pure. */
import type { AgentView, DeviceView } from '../../agent/diagnostics/view.ts';
import { titleOf } from '../../agent/inventory/describe.ts';
import { duration } from '../../base/duration.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { Output } from '../context.ts';
import type { WatchEvent } from '../watch-events.ts';
import { byAddress } from './device-table.ts';
import { silencedWhat, silenceWords } from './silence-words.ts';
import { type Cell, type Column, cut, tableLines } from './table.ts';
import { clockTime, paint, stateColour } from './words.ts';

export const ORDERS = ['address', 'state', 'latency', 'name'] as const;

/** What the keys chose. */
export type Choice = { readonly onlyTrouble: boolean; readonly order: (typeof ORDERS)[number]; readonly offset: number };

export const FIRST_CHOICE: Choice = { onlyTrouble: false, order: 'address', offset: 0 };

export type Watched = {
  readonly view: AgentView;
  /** What stands in the way of seeing the present, in a sentence. */
  readonly problem?: string | undefined;
  /** Newest last. */
  readonly events: readonly WatchEvent[];
  readonly choice: Choice;
};

type Size = { readonly columns: number; readonly rows: number };
type Ink = { readonly output: Pick<Output, 'isTTY'>; readonly env: NodeJS.ProcessEnv };

const COLUMNS: readonly Column[] = [
  { title: 'IP' },
  { title: 'STATE' },
  { title: 'SINCE', rank: 2 },
  { title: 'DEVICE', atLeast: 16 },
  { title: 'KIND', rank: 3 },
  { title: 'ANSWERS IN', rank: 1 },
  { title: 'LAST HEARD', rank: 4 },
];
const MOST_EVENTS = 8;
/** What needs a look first. */
const TROUBLE_FIRST: readonly HealthState[] = ['down', 'unreachable', 'suspect', 'unknown', 'asleep', 'up'];

export function watchScreen(watched: Watched, size: Size, ink: Ink): string[] {
  const { view, events } = watched;
  const lately = eventLines(events.slice(-eventRoom(size)), view.at, ink);
  const head = [
    headline(view, size),
    countLine(view, ink),
    ...(watched.problem ? [paint('yellow', watched.problem, ink.output, ink.env)] : []),
    ...silenceLines(view, size, ink),
  ];
  const room = Math.max(1, size.rows - head.length - lately.length - 3);
  const chosen = chosenDevices(view, watched.choice);
  const offset = Math.min(watched.choice.offset, Math.max(0, chosen.length - room));
  const table = tableLines(
    COLUMNS,
    chosen.map((device) => row(device, view.at, ink)),
    size.columns,
    (text) => paint('gray', text, ink.output, ink.env),
  );
  const [titles = '', ...rows] = table;
  const shown = rows.slice(offset, offset + room);
  const filler = Array.from({ length: room - shown.length }, () => '');
  if (chosen.length === 0) filler.splice(0, 1, watched.choice.onlyTrouble ? 'Nothing is in trouble.' : 'No device is known yet.');
  return [
    ...head,
    '',
    titles,
    ...shown,
    ...filler,
    ...lately,
    footer(watched.choice, { offset, shown: shown.length, of: chosen.length }, ink),
  ].slice(0, size.rows);
}

/** How far the list can be scrolled is for the screen to know: here it only stays in the list. */
export function afterKey(choice: Choice, key: string, devices: number): Choice {
  const scrolled = (by: number): Choice => ({ ...choice, offset: Math.max(0, Math.min(devices - 1, choice.offset + by)) });
  switch (key) {
    case 't':
      return { ...choice, onlyTrouble: !choice.onlyTrouble, offset: 0 };
    case 's':
      return { ...choice, order: ORDERS[(ORDERS.indexOf(choice.order) + 1) % ORDERS.length] ?? 'address', offset: 0 };
    case 'down':
    case 'j':
      return scrolled(1);
    case 'up':
    case 'k':
      return scrolled(-1);
    case 'pagedown':
    case 'space':
      return scrolled(10);
    case 'pageup':
      return scrolled(-10);
    case 'home':
    case 'g':
      return { ...choice, offset: 0 };
    default:
      return choice;
  }
}

/** One event as a line of a log: `14:03:02  NAS (192.168.1.5)  up > down  No answer to 7 questions ...`. */
export function eventLine({ at, kind, subject, from, to, text }: WatchEvent, now: number, { output, env }: Ink): string {
  const states = [from, to].flatMap((state) => (state ? [paint(stateColour(state), state, output, env)] : [])).join(' > ');
  const mark = {
    alert: paint(['bold', 'red'], 'ALERT', output, env),
    cleared: paint('green', 'OVER', output, env),
    acknowledged: 'SEEN',
    silenced: 'silence',
    'heard-again': 'silence',
    new: 'new',
    gone: 'gone',
  };
  const words = kind in mark ? mark[kind as keyof typeof mark] : '';
  return [clockTime(at, now), words, subject, states, text].filter(Boolean).join('  ');
}

function headline(view: AgentView, { columns }: Size): string {
  const link = view.site.hubLink === null ? '' : `, link ${view.site.hubLink ? 'up' : 'down'}`;
  return cut(
    `hearthbeat ${view.version} at ${clockTime(view.at, view.at)}: router ${view.site.gateway}, internet ${view.internet.state}${link}`,
    columns,
  );
}

function countLine({ devices, alerts }: AgentView, { output, env }: Ink): string {
  const counts = TROUBLE_FIRST.toReversed().flatMap((state) => {
    const count = devices.filter((device) => device.state === state).length;
    return count === 0 ? [] : [paint(stateColour(state), `${count} ${state}`, output, env)];
  });
  const alarms =
    alerts.length === 0 ? 'no alert' : paint(['bold', 'red'], `${alerts.length} alert${alerts.length === 1 ? '' : 's'}`, output, env);
  return [...counts, alarms].join('  ');
}

const MOST_SILENCES_SHOWN = 2;

function silenceLines({ silences, devices, at }: AgentView, { columns }: Size, { output, env }: Ink): string[] {
  const shown = silences.slice(0, MOST_SILENCES_SHOWN).map((each) => `${silencedWhat(each, devices)}: ${silenceWords(each, at)}`);
  const more = silences.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more: hearthbeat silence list`] : [])].map((line) =>
    paint('yellow', cut(line, columns), output, env),
  );
}

/** What a person carries comes and goes: that is no trouble. */
function isInTrouble({ state, personal }: DeviceView): boolean {
  return !personal && state !== 'up' && state !== 'asleep';
}

function chosenDevices({ devices }: AgentView, { onlyTrouble, order }: Choice): DeviceView[] {
  const chosen = onlyTrouble ? devices.filter(isInTrouble) : [...devices];
  const keys: Record<Choice['order'], (a: DeviceView, b: DeviceView) => number> = {
    address: byAddress,
    state: (a, b) => TROUBLE_FIRST.indexOf(a.state) - TROUBLE_FIRST.indexOf(b.state) || b.since - a.since,
    latency: (a, b) => (answersInMs(b) ?? -1) - (answersInMs(a) ?? -1),
    name: (a, b) => titleOf(a).localeCompare(titleOf(b)),
  };
  return chosen.sort(keys[order]);
}

function row(device: DeviceView, now: number, { output, env }: Ink): Cell[] {
  const heard = Math.max(0, ...Object.values(device.evidence.lastAnswerAt));
  const answersIn = answersInMs(device);
  return [
    { text: device.ips[0] ?? '' },
    { text: device.state, paint: (text) => paint(stateColour(device.state), text, output, env) },
    { text: duration(now - device.since) },
    { text: titleOf(device) },
    { text: device.kind ?? '' },
    { text: answersIn === undefined ? '' : `${answersIn.toFixed(1)} ms` },
    { text: heard === 0 ? '' : `${duration(now - heard)} ago` },
  ];
}

/** The newest round trip that was measured. */
function answersInMs({ evidence }: DeviceView): number | undefined {
  return evidence.attempts.findLast(({ rttMs }) => rttMs !== undefined)?.rttMs;
}

function eventRoom({ rows }: Size): number {
  return Math.max(0, Math.min(MOST_EVENTS, Math.floor(rows / 4)));
}

function eventLines(events: readonly WatchEvent[], now: number, ink: Ink): string[] {
  if (events.length === 0) return [];
  return ['', ...events.map((event) => eventLine(event, now, ink))];
}

function footer(
  { onlyTrouble, order }: Choice,
  { offset, shown, of }: { offset: number; shown: number; of: number },
  { output, env }: Ink,
): string {
  const place = shown < of ? `${offset + 1}-${offset + shown} of ${of}  ` : '';
  const keys = `q quit  t ${onlyTrouble ? 'all devices' : 'only trouble'}  s order: ${order}  up/down scroll`;
  return paint('gray', `${place}${keys}`, output, env);
}
