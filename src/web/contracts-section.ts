/** Contracts with vendors: on the page of a home with the forms that write them down, and on a ticket whom to ring and what they will ask for. What people typed is text; links are made of checked numbers and addresses only. */
import { html } from 'hono/html';
import { cleanText } from '../base/text.ts';
import { dayAt } from '../base/time-zone.ts';
import { folded } from '../desk/search-words.ts';
import { type Contract, type Cost, LINE_KIND, type Term, termOf } from '../desk/vendors/contract.ts';
import type { ContractView, HomeContracts, TicketContract } from '../desk/vendors/contracts-view.ts';
import type { DeviceView } from '../desk/views.ts';
import { nameOf } from './device-parts.ts';
import { fold, form, handWords, line, removeForm, tick, wayLink } from './dossier-section.ts';
import { type Frame, type Html, nothing } from './parts.ts';
import { plural } from './words.ts';

export function contractsSection(site: string, home: HomeContracts, devices: readonly DeviceView[], frame: Frame): Html {
  const { contracts } = home;
  const around = { site, home, devices, frame };
  return html`<section aria-labelledby="contracts-h" id="contracts"><h2 id="contracts-h">Contracts with vendors <span class="n">${contracts.length}</span></h2>
${contracts.length === 0 ? html`<p class="calm">None is on record: who is to be rung about a device, and what they will ask for.</p>` : html`<ul class="people">${contracts.map((contract) => contractRow(contract, around))}</ul>`}
${fold('add-contract', 'Add a contract', contractForm(around))}
</section>`;
}

type Around = {
  readonly site: string;
  readonly home: HomeContracts;
  readonly devices: readonly DeviceView[];
  readonly frame: Frame;
};

function contractRow(contract: ContractView, around: Around): Html {
  const { no, version, vendor, contract: name, term, cost } = contract;
  const costs = cost === undefined ? nothing : html` · ${costWords(cost)} a year`;
  return html`<li data-key="contract-${no}-${version}"><p class="who"><b><bdi>${vendor}</bdi></b> ${head(contract, term)}</p>
${ways(contract)}
<small>${dayWords(contract)}${costs} · covers <bdi>${coverWords(contract, around.devices)}</bdi></small>${asked(contract)}
<small class="hand">${handWords(contract)}</small><div class="do">${fold('change', 'Change', contractForm(around, contract), `${vendor} ${name}`)}${fold('remove', 'Remove', removeForm(around.site, 'contracts', contract, around.frame), `${vendor} ${name}`)}</div></li>`;
}

function head({ contract, level, dealer }: Pick<Contract, 'contract' | 'level' | 'dealer'>, term: Term): Html {
  return html`<span>contract <bdi>${contract}</bdi>${level === undefined ? nothing : html`, <bdi>${level}</bdi>`}${dealer === undefined ? nothing : html`, for all homes of <bdi>${dealer}</bdi>`}</span> ${termSign(term)}`;
}

/** Apart from the templates: what stands in one itself keeps the whole program at two bytes a character. */
const SIGNS = { ended: '■', other: '◐' };

/** Only what is to be seen to has a sign; never the colour alone. */
export function termSign({ state, stage, daysLeft = 0 }: Term): Html {
  if (state === 'ended') return html`<span class="reach r-ended"><i aria-hidden="true">${SIGNS.ended}</i>has ended</span>`;
  if (stage !== undefined)
    return html`<span class="reach r-later"><i aria-hidden="true">${SIGNS.other}</i>ends ${daysLeft === 0 ? 'today' : `in ${plural(daysLeft, 'day')}`}</span>`;
  return state === 'ahead' ? html`<span class="reach r-later"><i aria-hidden="true">${SIGNS.other}</i>does not hold yet</span>` : nothing;
}

function ways({ phone, url }: Pick<Contract, 'phone' | 'url'>): Html {
  if (phone === undefined && url === undefined) return nothing;
  return html`<ul class="ways">${phone === undefined ? nothing : html`<li>${wayLink({ by: 'phone', to: phone })}</li>`}${url === undefined ? nothing : html`<li><a href="${url}" rel="noreferrer"><bdi>${url}</bdi></a></li>`}</ul>`;
}

function asked({ evidence }: Pick<Contract, 'evidence'>): Html {
  if (evidence.length === 0) return nothing;
  return html`<p class="about">They ask for: ${evidence.map((each, i) => html`${i > 0 ? '; ' : ''}<bdi>${each}</bdi>`)}</p>`;
}

export function dayWords({ firstDay, lastDay }: Pick<Contract, 'firstDay' | 'lastDay'>): string {
  if (lastDay === undefined) return firstDay === undefined ? 'no end is on record' : `from ${firstDay} on`;
  return firstDay === undefined ? `up to and with ${lastDay}` : `${firstDay} to ${lastDay}`;
}

/** `1,200 EUR`, `99.50 EUR`. */
export function costWords({ amount, currency }: Cost): string {
  const digits = Number.isInteger(amount) ? 0 : 2;
  return `${amount.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: 2 })} ${currency}`;
}

/** `devices`: of its home; without them they are counted. */
export function coverWords({ covers }: Pick<Contract, 'covers'>, devices?: readonly DeviceView[]): string {
  const { all, makers, kinds } = covers;
  const count = covers.devices.length;
  const named = devices === undefined ? (count === 0 ? [] : [plural(count, 'device')]) : namesIn(covers.devices, devices);
  const line = kinds.includes(LINE_KIND) ? ['the line to the internet'] : [];
  const others = kinds.filter((kind) => kind !== LINE_KIND);
  const parts = [...named, ...makers.map((maker) => `what ${maker} makes`), ...others.map((kind) => `every ${kind}`), ...line];
  return [...parts, ...(all ? ['everything'] : [])].join(', ');
}

/** Of one that is gone the id stays: whoever changes the contract takes it out. */
function namesIn(ids: readonly string[], devices: readonly DeviceView[]): string[] {
  return ids.map((id) => {
    const device = devices.find((each) => each.id === id);
    return device === undefined ? id : nameOf(device);
  });
}

/** Longer names are not typed. */
export const LONGEST_TYPED = 80;

/** As they are read back: by the name where that is one device's alone and stays on its line, else by the id. */
function typedIn(ids: readonly string[], devices: readonly DeviceView[]): string[] {
  return ids.map((id) => {
    const device = devices.find((each) => each.id === id);
    if (device === undefined) return id;
    const name = nameOf(device);
    const isOne = devices.every((each) => each === device || folded(nameOf(each)) !== folded(name));
    return isOne && cleanText(name, LONGEST_TYPED) === name && !name.includes(';') ? name : id;
  });
}

type Area = { readonly limit: number; readonly example: readonly string[] };

function area(name: string, label: string, lines: readonly string[] | undefined, { limit, example }: Area): Html {
  return html`<label class="wide">${label} <textarea name="${name}" maxlength="${limit}" rows="3" placeholder="${example.join('\n')}">${lines?.join('\n') ?? ''}</textarea></label>`;
}

function contractForm({ site, home, devices, frame }: Around, contract?: ContractView): Html {
  const { covers, cost } = contract ?? {};
  const kinds = [...new Set(devices.flatMap(({ kind }) => kind ?? []))].sort();
  const fields = html`${line('vendor', 'Maker or service', contract?.vendor, { limit: 80, isNeeded: true })}
${line('contract', 'Contract number', contract?.contract, { limit: 80, isNeeded: true })}
${line('level', 'Level', contract?.level, { limit: 80, example: '24x7, next business day' })}
${line('phone', 'Telephone', contract?.phone, { limit: 40, type: 'tel' })}
${line('url', 'Address (https)', contract?.url, { limit: 500, type: 'url' })}
${line('amount', 'Costs a year', cost === undefined ? undefined : String(cost.amount), { limit: 12, example: '1200' })}
${line('currency', 'Currency', cost?.currency, { limit: 3, example: 'EUR' })}
${line('firstDay', 'First day', contract?.firstDay, { limit: 10, type: 'date' })}
${line('lastDay', 'Last day', contract?.lastDay, { limit: 10, type: 'date' })}
${area('makers', 'Covers what these make, a line each', covers?.makers, { limit: 1_860, example: ['Sonos', 'Sonance'] })}
${line('kinds', 'Covers these kinds', covers?.kinds.join(', '), { limit: 600, example: [...kinds.slice(0, 3), LINE_KIND].join(', ') })}
${area('devices', 'Covers these devices, a line each', typedIn(covers?.devices ?? [], devices), { limit: 2_460, example: ['by their names, or by the id where two have the same'] })}
${tick('all', 'Covers everything in the home', covers?.all)}${home.dealer === undefined ? nothing : tick('forDealer', `Holds for all homes of ${home.dealer}`, contract?.dealer === home.dealer)}
${area('evidence', 'What they will ask for, a line each', contract?.evidence, { limit: 3_600, example: ['Serial number', 'Photo of the label'] })}
<p class="calm small wide">Kinds are those that devices have${kinds.length === 0 ? '' : ` (here: ${kinds.join(', ')})`}, and ${LINE_KIND} for the line to the internet.</p>`;
  return form(site, 'contracts', contract ? 'change' : 'add', contract, frame, fields, contract ? 'Save' : 'Add');
}

/** The nearest first, as they come; what has ended comes last. */
export function inTurn(contracts: readonly TicketContract[], now: number): { readonly contract: TicketContract; readonly term: Term }[] {
  const known = contracts.map((contract) => ({ contract, term: termOf(contract, dayAt(contract.timeZone, now)) }));
  return known.sort((one, other) => Number(one.term.state === 'ended') - Number(other.term.state === 'ended'));
}

/** On a ticket: whom to ring. */
export function vendorSection(contracts: readonly TicketContract[], now: number): Html {
  if (contracts.length === 0) return nothing;
  return html`<section aria-labelledby="vendor-h"><h2 id="vendor-h">Which vendor to ring</h2><ul class="people">${inTurn(
    contracts,
    now,
  ).map(
    ({
      contract,
      term,
    }) => html`<li data-key="vendor-${contract.no}"><p class="who"><b><bdi>${contract.vendor}</bdi></b> ${head(contract, term)}</p>
${ways(contract)}<small>${dayWords(contract)}</small>${asked(contract)}</li>`,
  )}</ul></section>`;
}
