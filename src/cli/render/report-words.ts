/** What a device tells of its own state and age, in words for a person: one line a source. */
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
    says.firmwareOn !== undefined && `firmware built ${says.firmwareOn}`,
    pages !== undefined && `${pages} pages`,
    lampHours !== undefined && `lamp lit for ${lampHours} h`,
    ...faultParts(says),
    says.certificate && certificateWords(says.certificate),
  ];
  return told.filter((part) => typeof part === 'string');
}

function faultParts({ faults, warnings }: Reported): (string | undefined)[] {
  return [faults && `fault: ${faults}`, warnings && `warning: ${warnings}`];
}

function certificateWords({ from, until, isSelfSigned }: ReportedCertificate): string {
  return `certificate of ${dayOf(from)} until ${dayOf(until)}, ${isSelfSigned ? 'signed by itself' : 'signed by others'}`;
}
