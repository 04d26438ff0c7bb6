/** What a device tells of its own state and age, in words for a person: one line a source. */

import type { ReportedDisk } from '../../agent/inventory/reported-parts.ts';
import type { Report, Reported, ReportedCertificate, Reports } from '../../agent/inventory/reports.ts';
import { dayOf } from '../../base/partial-date.ts';
import { sourceWord } from '../../protocol/reason-words.ts';

/** `The UPS Back-UPS RS 1200G: its battery must be replaced (says so since 2026-11-20), battery made 2018-03-23 (nut, 2026-11-22)`. */
export function reportLines(reports: Reports = {}): string[] {
  return Object.entries(reports).map(([source, report]) => {
    const { of } = report.says;
    const subject = of === undefined ? '' : `UPS "${of}": `;
    return `${subject}${partsOf(report).join(', ')}  (${sourceWord(source)}, ${dayOf(report.at)})`;
  });
}

function partsOf({ says, wornSince }: Report): string[] {
  const { batteryReplace, batterySince, batteryMadeOn, batteryMinutes, selfTest, selfTestOn, madeOn, pages, lampHours } = says;
  const since = wornSince === undefined ? '' : ` (so it says since ${dayOf(wornSince)})`;
  const told: readonly (string | false | undefined)[] = [
    batteryReplace === true && `its battery must be replaced${since}`,
    batterySince !== undefined && `battery of ${batterySince}`,
    batteryMadeOn !== undefined && `battery made ${batteryMadeOn}`,
    batteryMinutes !== undefined && `lasts ${batteryMinutes} min`,
    selfTest !== undefined && `self-test ${selfTest}${selfTestOn === undefined ? '' : ` on ${selfTestOn}`}`,
    madeOn !== undefined && `made ${madeOn}`,
    says.disksFailing !== undefined && `failing: ${says.disksFailing}`,
    says.volumesDegraded !== undefined && `degraded: ${says.volumesDegraded}`,
    says.disksWarned !== undefined && `warns of ${says.disksWarned}`,
    ...(says.disks ?? []).map(diskWords),
    ...[...(says.parts ?? []), ...(says.supplies ?? [])].map(({ name, percent }) => `${name} ${percent} % left`),
    says.firmwareOn !== undefined && `firmware built ${says.firmwareOn}`,
    says.support && SUPPORT_WORDS[says.support],
    says.firmwareOffered && `${says.firmwareOffered === 'newer' ? 'a newer firmware' : `firmware ${says.firmwareOffered}`} is offered`,
    pages !== undefined && `${pages} pages`,
    lampHours !== undefined && `lamp lit for ${lampHours} h`,
    ...faultParts(says),
    says.certificate && certificateWords(says.certificate),
  ];
  return told.filter((part) => typeof part === 'string');
}

/** `sata1 run for 43210 h with 8 bad sectors (5 on 2026-09-01)`; undefined where nothing is known of it. */
function diskWords({ name, hours, bad, from }: ReportedDisk): string | undefined {
  const run = hours === undefined ? '' : ` run for ${hours} h`;
  const before = from && bad !== from.bad ? ` (${from.bad} on ${dayOf(from.at)})` : '';
  const sectors = bad ? ` with ${bad} bad sectors${before}` : '';
  return run || sectors ? `${name}${run}${sectors}` : undefined;
}

const SUPPORT_WORDS: Readonly<Record<NonNullable<Reported['support']>, string>> = {
  ended: 'its model has reached its end',
  'fixes-only': 'its model is in long-term support',
  unsupported: 'not supported there',
};

function faultParts({ faults, warnings }: Reported): (string | undefined)[] {
  return [faults && `fault: ${faults}`, warnings && `warning: ${warnings}`];
}

function certificateWords({ from, until, isSelfSigned }: ReportedCertificate): string {
  return `certificate of ${dayOf(from)} until ${dayOf(until)}, ${isSelfSigned ? 'signed by itself' : 'signed by others'}`;
}
