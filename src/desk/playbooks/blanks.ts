/**
 * The blanks of playbooks, such as {device} or {last answer}: what each is filled in with from an alert, the device that it is about and its home.
 * What is not known is said to be unknown, in words that fit a sentence. Values come from devices and people: they are text, never Markdown.
 */
import { HUB_ID } from '../../base/ids.ts';
import { cleanText } from '../../base/text.ts';
import { dateWords } from '../../protocol/end-words.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { AlertView, DeviceView, SiteView } from '../views.ts';

/** What is known where a playbook is needed; `device` is missing where the alert is about no device, or the desk knows it no more. */
export type Known = {
  readonly alert: AlertView;
  readonly device?: DeviceView | undefined;
  readonly site?: SiteView | undefined;
};

/** `at`: an instant (Unix ms) that is better shown in the reader's own time; `text` then has it in UTC. `known`: false where it is not. */
export type Value = { readonly text: string; readonly known: boolean; readonly at?: number };

type Answer = string | number | undefined;

/** Each blank: what it says, or nothing, and the words for that. A number is an instant. */
const ANSWERS: Readonly<Record<string, { readonly of: (known: Known) => Answer; readonly unknown: string }>> = {
  device: { of: nameOf, unknown: 'a device without a name' },
  kind: { of: ({ device }) => (device?.isGateway ? 'router' : device?.kind?.replaceAll('-', ' ')), unknown: 'a kind that is not known' },
  home: { of: ({ alert }) => alert.siteName, unknown: 'a home without a name' },
  room: { of: ({ device }) => device?.room, unknown: 'a room that nobody has noted' },
  'maker and model': { of: ({ device }) => madeBy(device), unknown: 'a maker and model that are not known' },
  ip: { of: ({ device }) => device?.ips[0], unknown: 'an address that is not known' },
  firmware: { of: ({ device }) => device?.firmware, unknown: 'firmware that is not known' },
  serial: { of: ({ device }) => device?.serial, unknown: 'a serial number that is not known' },
  since: { of: ({ alert }) => (alert.raisedBetween ? undefined : alert.raisedAt), unknown: 'a time that is not known' },
  'last answer': { of: lastAnswerOf, unknown: 'a time that is not known' },
  'what explains it': { of: explanationOf, unknown: 'nothing that the hub could name' },
  'others answering': { of: ({ alert }) => alert.evidence?.hub.othersAnswering.toString(), unknown: 'an unknown number' },
  router: { of: ({ site }) => stateWord(site?.gateway), unknown: 'not known' },
  internet: { of: ({ site }) => stateWord(site?.internet), unknown: 'not known' },
  'hub heard': { of: ({ site }) => site?.presence.lastSeenAt, unknown: 'a time that is not known' },
  ends: { of: ({ alert }) => (alert.ends === undefined ? undefined : dateWords(alert.ends)), unknown: 'a day that is not known' },
  'why it ends': { of: ({ device }) => midSentence(device?.lifecycle?.why), unknown: 'nothing more than this alert says' },
  'what stops': { of: ({ device }) => midSentence(device?.lifecycle?.stops), unknown: 'nothing that is known' },
  'what stays': { of: ({ device }) => midSentence(device?.lifecycle?.stays), unknown: 'nothing that is known' },
  'what to do': { of: ({ device }) => midSentence(device?.lifecycle?.toDo), unknown: 'nothing that is known' },
};

/** A sentence with a value in it must stay one that can be read out. */
const LONGEST_VALUE = 240;

export function isBlank(name: string): boolean {
  return Object.hasOwn(ANSWERS, name);
}

/** All that may stand in braces, for messages and documentation. */
export const BLANKS: readonly string[] = Object.keys(ANSWERS);

/** Of a blank that does not exist too: a playbook that names one is not taken, but nothing may fall over here. */
export function filledIn(name: string, known: Known): Value {
  const answer = isBlank(name) ? ANSWERS[name] : undefined;
  const said = answer?.of(known);
  if (typeof said === 'number')
    return { text: `${new Date(said).toISOString().slice(0, 16).replace('T', ' ')} UTC`, known: true, at: said };
  const text = cleanText(said, LONGEST_VALUE);
  return text === undefined ? { text: answer?.unknown ?? 'something that is not known', known: false } : { text, known: true };
}

function nameOf({ alert, device }: Known): string | undefined {
  if (alert.device === HUB_ID) return 'the hub';
  return device?.name ?? device?.model ?? device?.vendor ?? device?.ips[0] ?? device?.macs[0];
}

/** Many models begin with their maker. */
function madeBy(device: DeviceView | undefined): string | undefined {
  if (device === undefined) return undefined;
  const { vendor = '', model = '' } = device;
  const isSaidTwice = vendor !== '' && model.toLowerCase().startsWith(vendor.toLowerCase());
  return (isSaidTwice ? model : `${vendor} ${model}`).trim() || undefined;
}

/** The newest answer, whatever it was asked by. */
function lastAnswerOf({ alert, device }: Known): number | undefined {
  const times = Object.values((alert.evidence ?? device?.evidence)?.lastAnswerAt ?? {});
  return times.length === 0 ? undefined : Math.max(...times);
}

/** What is wrong beyond the device itself comes first: it is what people would look for in vain at the device. Without internet devices answer all the same. */
function explanationOf({ alert, device, site }: Known): string | undefined {
  if (site?.gateway === 'down' && alert.code !== 'gateway-unreachable') return 'the router of this home does not answer either';
  return device?.lastKnown === undefined ? midSentence(device?.reason) : undefined;
}

/** Told to the desk as sentences of their own; the playbook's ends by itself. */
function midSentence(said: string | undefined): string | undefined {
  return said?.replace(/\.$/, '');
}

const STATE_WORDS: Partial<Record<HealthState, string>> = {
  up: 'works',
  down: 'does not answer',
  suspect: 'in doubt',
  unreachable: 'cannot be judged',
};

function stateWord(state: HealthState | undefined): string | undefined {
  return state === undefined ? undefined : STATE_WORDS[state];
}
