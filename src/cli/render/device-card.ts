/** All that is known of one device, for a person: what it is and who says so, what is doubtful, what it talks, where it is, what people said and what was decided. */
import type { Decay } from '../../agent/decay/decay.ts';
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { doubtsOf } from '../../agent/inventory/account.ts';
import { titleOf } from '../../agent/inventory/describe.ts';
import type { Fact, FactName } from '../../agent/inventory/device.ts';
import type { LogRow } from '../../agent/inventory/identity-log.ts';
import { decayWords } from '../../agent/lifecycle/decay-verdict.ts';
import type { Age } from '../../agent/lifecycle/service-life.ts';
import type { Verdict } from '../../agent/lifecycle/verdict.ts';
import { duration } from '../../base/duration.ts';
import { factWord, serviceWord, sourceWord, sureWord } from '../../protocol/reason-words.ts';
import { decayLines } from './decay-lines.ts';
import { methodWord } from './device-table.ts';
import { ageLines, endLines, verdictLine } from './lifecycle-words.ts';
import { reportLines } from './report-words.ts';
import { silenceWords } from './silence-words.ts';
import { promiseWords, servingLines } from './watched-words.ts';
import { clockTime, paint, stateColour } from './words.ts';

type Output = Parameters<typeof paint>[2];

const LABEL_WIDTH = 14;
/** The newest decisions; `hearthbeat device log` has the rest. */
const DECISIONS_SHOWN = 5;
/** In the order in which people ask. */
const FACTS: readonly FactName[] = ['kind', 'vendor', 'model', 'modelNumber', 'firmware', 'serial', 'name', 'room'];

export function deviceCard(
  device: DeviceView,
  log: readonly LogRow[],
  now: number,
  output: Output,
  env: NodeJS.ProcessEnv,
  end: { readonly verdict?: Verdict | undefined; readonly decay?: Decay | undefined; readonly age?: Age | undefined } = {},
): string[] {
  const { verdict, decay, age } = end;
  const faint = (text: string): string => paint('gray', text, output, env);
  const section = (heading: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint('bold', heading, output, env), ...lines];
  const state = paint(stateColour(device.state), device.state, output, env);
  return [
    paint('bold', titleOf(device), output, env),
    `${state} for ${duration(now - device.since)}. ${device.reason}`,
    ...(device.silence ? [paint('yellow', `It is ${silenceWords(device.silence, now)}.`, output, env)] : []),
    ...(verdict ? [verdictLine(verdict, output, env)] : []),
    ...section('What it is', [...factLines(device, faint), ...ageLines(age)]),
    ...section(
      'Uncertain',
      [...doubtsOf(device.because, device), ...(device.hint ? [device.hint] : [])].map((line) => `  ${line}`),
    ),
    ...section('What of it ends', endLines(device.verdict, verdict)),
    ...section(
      'What gets worse',
      (decay ? [decayWords(decay), ...decayLines(decay)] : []).map((line) => `  ${line}`),
    ),
    ...section('What it talks', talkLines(device)),
    ...section(
      'What it says of its state',
      reportLines(device.reports).map((line) => `  ${line}`),
    ),
    ...section(
      'How it is watched',
      [...servingLines(device), promiseWords(device)].map((line) => `  ${line}`),
    ),
    ...section('Where it is', [
      ...addressLines(device, now),
      ...behindLines(device, now),
      ...companyLines(device),
      ...conflictLines(device),
    ]),
    ...section('Known by', identifierLines(device, faint)),
    ...section('Set by people', correctionLines(device, now)),
    ...section(
      'Decisions',
      log.slice(-DECISIONS_SHOWN).map((row) => `  ${row.n}  ${clockTime(row.at, now)}  ${row.what}: ${row.why}`),
    ),
    '',
    faint(
      `first seen ${clockTime(device.firstSeenAt, now)}; id ${device.id}${device.personal ? '; a person’s: counted, nothing else leaves the house' : ''}`,
    ),
  ];
}

/** The best statement with its source, and below it what others say instead. */
function factLines(device: DeviceView, faint: (text: string) => string): string[] {
  return FACTS.flatMap((name) => {
    const [best, ...others] = device.facts[name] ?? [];
    if (best === undefined) return [];
    const contradicting = others.filter(({ value }) => value.toLowerCase() !== best.value.toLowerCase()).slice(0, 2);
    return [
      labelled(factWord(name), `${best.value}  ${faint(saidBy(best))}`),
      ...contradicting.map((fact) => labelled('', faint(`or ${fact.value}: ${saidBy(fact)}`))),
    ];
  });
}

function saidBy({ source, confidence }: Fact): string {
  return `${sourceWord(source)}, ${sureWord(confidence)}`;
}

function talkLines({ services, ports, seenBy }: DeviceView): string[] {
  const announced = [...new Set(services.map(serviceWord))];
  return [
    ...(announced.length === 0 ? [] : [labelled('Announces', announced.join(', '))]),
    ...(ports.length === 0 ? [] : [labelled('Open ports', ports.map(({ port, by }) => `${port} (${methodWord(by)})`).join(', '))]),
    labelled('Heard by', seenBy.map(methodWord).join(', ')),
  ];
}

function addressLines({ addresses }: DeviceView, now: number): string[] {
  return addresses.map(({ ip, interface: on, mac, lastAt }, i) =>
    labelled(i === 0 ? 'Address' : '', `${ip} on ${on} (${mac}), ${lastAt > 0 ? `proved ${duration(now - lastAt)} ago` : 'never proved'}`),
  );
}

const TOLD_BY = { person: 'as people said', bridge: 'it hears it on one of its ports', lldp: 'by LLDP' } as const;

function behindLines({ behind }: DeviceView, now: number): string[] {
  return behind ? [labelled('Behind', `${behind.name}, ${TOLD_BY[behind.by]}, ${duration(now - behind.at)} ago`)] : [];
}

/** A suggestion: nothing was concluded from it. */
function companyLines({ fallsWith = [], name, ips, id }: DeviceView): string[] {
  if (fallsWith.length === 0) return [];
  const hint = `If it hangs on one of them: hearthbeat device set ${ips[0] ?? name ?? id} behind=...`;
  return [
    ...fallsWith.map((other, i) => labelled(i === 0 ? 'Falls with' : '', `${other.name}, ${other.times} times of ${other.of}`)),
    labelled('', hint),
  ];
}

function conflictLines({ conflicts }: DeviceView): string[] {
  return conflicts.map((contest) =>
    labelled('Contested', `${contest.ip}, also claimed by ${contest.claimants.map(({ mac }) => mac).join(' and ')}`),
  );
}

function identifierLines({ identifiers }: DeviceView, faint: (text: string) => string): string[] {
  return identifiers.map(({ kind, value, strength, source }) =>
    labelled(kind, `${value}  ${faint(`${strength}, by ${methodWord(source)}`)}`),
  );
}

function correctionLines({ corrected, behind }: DeviceView, now: number): string[] {
  return Object.entries(corrected ?? {}).map(([field, said]) => {
    const value = field === 'behind' && behind?.by === 'person' ? behind.name : (said?.value ?? '');
    const [label, text] = field === 'warranty-until' ? ['in warranty', `until ${value}`] : [field, value];
    return labelled(label, `${text}, ${duration(now - (said?.at ?? now))} ago`);
  });
}

function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`;
}
