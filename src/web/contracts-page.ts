/** All contracts with vendors: what ends next, and what they cost a year by the figures that people wrote down. */
import { html } from 'hono/html';
import { NONE } from '../desk/fleet/standing.ts';
import type { CostSum } from '../desk/vendors/contract.ts';
import type { ContractsPage, ListedContract } from '../desk/vendors/contracts-view.ts';
import { costWords, coverWords, dayWords, termSign } from './contracts-section.ts';
import { places, spaced } from './fleet-page.ts';
import { type Frame, type Html, layout, nothing } from './parts.ts';
import { plural } from './words.ts';

export type ContractsView = Frame & { readonly found: ContractsPage; readonly dealer?: string | undefined };

export function contractsPage(view: ContractsView): Html {
  const { found, dealer } = view;
  const { total, ending } = found;
  const body = html`${places('contracts', view)}<h1>${total === 0 ? 'No contract is on record' : ending === 0 ? `${plural(total, 'contract')}, none ends soon` : `${plural(ending, 'contract')} of ${total} ${ending === 1 ? 'has' : 'have'} ended or ${ending === 1 ? 'ends' : 'end'} soon`}</h1>
${dealer === undefined ? nothing : html`<p class="facts">Only <b><bdi>${dealerName(dealer)}</bdi></b>. <a href="/contracts">Show all</a></p>`}
${total === 0 ? html`<p class="calm">Contracts with vendors are written down on the page of a home.</p>` : html`<section aria-labelledby="ends-h"><h2 id="ends-h">What ends next</h2><ul class="people">${found.contracts.map(row)}</ul>${pager(found, dealer)}</section>`}
${costs(view)}`;
  return layout('Contracts', view, spaced('contracts', body));
}

const dealerName = (name: string): string => (name === NONE ? 'no dealer of record' : name);

function row(contract: ListedContract): Html {
  const { no, version, vendor, contract: name, term, site, siteName, dealer, cost } = contract;
  const whose =
    site === undefined ? html`all homes of <bdi>${dealer}</bdi>` : html`<a href="/sites/${site}#contracts"><bdi>${siteName}</bdi></a>`;
  return html`<li data-key="contract-${no}-${version}"><p class="who"><b><bdi>${vendor}</bdi></b> <span>contract <bdi>${name}</bdi>, ${whose}</span> ${termSign(term)}</p>
<small>${dayWords(contract)}${cost === undefined ? nothing : html` · ${costWords(cost)} a year`} · covers <bdi>${coverWords(contract)}</bdi></small></li>`;
}

function pager({ page, pages, total }: ContractsPage, dealer: string | undefined): Html {
  if (pages === 1) return nothing;
  const link = (to: number, words: string, rel: string): Html => {
    const asked = new URLSearchParams({ ...(dealer === undefined ? {} : { dealer }), page: String(to) });
    return to < 1 || to > pages
      ? html`<span aria-hidden="true">${words}</span>`
      : html`<a href="/contracts?${String(asked)}" rel="${rel}">${words}</a>`;
  };
  return html`<nav class="pager" aria-label="Pages of contracts">${link(page - 1, 'Previous', 'prev')}<span>Page ${page} of ${pages}, ${plural(total, 'contract')}</span>${link(page + 1, 'Next', 'next')}</nav>`;
}

function costs({ found, dealer }: ContractsView): Html {
  const { dealers, homes, moreHomes } = found;
  if (dealers.length === 0) return nothing;
  const byDealer = table(
    'What they cost a year, by dealer',
    'Dealer of record',
    dealers.map((one) => ({
      link: html`<a href="/contracts?${String(new URLSearchParams({ dealer: one.name }))}"><bdi>${dealerName(one.name)}</bdi></a>`,
      ...one,
    })),
  );
  const byHome = table(
    'By home',
    'Home',
    homes.map((one) => ({ link: html`<a href="/sites/${one.site}#contracts"><bdi>${one.siteName}</bdi></a>`, ...one })),
  );
  const more = dealer === undefined ? 'Ask for one dealer above.' : '';
  return html`<section aria-labelledby="costs-h"><h2 id="costs-h">What they cost a year</h2>
<p class="calm small">Of contracts that hold today, by the figures that people wrote down. What holds for all homes of a dealer counts for the dealer, and for no home.</p>
${byDealer}${homes.length === 0 ? nothing : byHome}${moreHomes === 0 ? nothing : html`<p class="calm small">And ${plural(moreHomes, 'home')} more. ${more}</p>`}</section>`;
}

function table(title: string, head: string, rows: readonly (CostSum & { readonly link: Html })[]): Html {
  return html`<div class="wide-table" tabindex="0" role="region" aria-label="${title}"><table class="figures-table"><caption class="hidden">${title}</caption>
<thead><tr><th scope="col">${head}</th><th scope="col">Contracts</th><th scope="col">A year</th><th scope="col">No figure</th></tr></thead>
<tbody>${rows.map(({ link, contracts, totals, unpriced }) => html`<tr><th scope="row">${link}</th><td>${contracts}</td><td>${totals.length === 0 ? '–' : totals.map(costWords).join(' + ')}</td><td>${unpriced === 0 ? '–' : unpriced}</td></tr>`)}</tbody></table></div>`;
}
