/** Contracts with vendors, as the API answers them: vendors/contract.ts, vendors/contracts-view.ts. */
import { z } from 'zod';
import type { Cost } from '../../vendors/contract.ts';
import type { ContractView, DealerCost, HomeContracts, HomeCost, ListedContract, TicketContract } from '../../vendors/contracts-view.ts';
import type { VendorCaseView, VendorTimes } from '../../vendors/vendor-case.ts';
import { count, instant, site } from './basics.ts';
import { kept } from './dossier.ts';
import { exactly } from './exactly.ts';

const day = z.string().describe('YYYY-MM-DD.');

const cost = exactly<Cost>()(z.object({ amount: z.number(), currency: z.string().describe('Three letters (ISO 4217).') })).meta({
  id: 'Cost',
  description: 'In the main unit of the currency.',
});

const about = {
  vendor: z.string(),
  contract: z.string().describe('Its number at the vendor.'),
  level: z.string().optional(),
  phone: z.string().optional(),
  url: z.string().optional(),
  firstDay: day.optional(),
  lastDay: day.optional(),
  evidence: z.array(z.string()).describe('What the vendor asks for.'),
  dealer: z.string().optional().describe('It holds for all homes of this dealer.'),
};

const contractFields = z.object({
  ...kept,
  ...about,
  site: site.optional(),
  cost: cost.optional().describe('A year.'),
  covers: z.object({
    all: z.boolean(),
    makers: z.array(z.string()),
    kinds: z.array(z.string()).describe('Of device; `line` is the line to the internet.'),
    devices: z.array(z.string()).describe('Their ids.'),
  }),
  forDealer: z.boolean(),
  term: z.object({
    state: z.enum(['ahead', 'holds', 'ended']),
    daysLeft: z.number().int().optional().describe('Whole days up to its last one.'),
    stage: z.literal([60, 30, 7, 0]).optional().describe('It ends within so many days; 0: it has ended.'),
  }),
});

export const homeContractsShape = exactly<HomeContracts>()(
  z.object({
    timeZone: z.string().describe('By whose clock days begin.'),
    dealer: z.string().optional().describe('The dealer of record.'),
    contracts: z
      .array(exactly<ContractView>()(contractFields).meta({ id: 'Contract' }))
      .describe('Its own and those of its dealer; what ends next first.'),
  }),
).meta({ id: 'HomeContracts' });

export const listedContractShape = exactly<ListedContract>()(contractFields.extend({ siteName: z.string().optional() })).meta({
  id: 'ListedContract',
});

export const ticketContractShape = exactly<TicketContract>()(z.object({ no: z.number().int(), ...about, timeZone: z.string() })).meta({
  id: 'TicketContract',
  description: 'With a vendor, that covers what the ticket is about.',
});

const reached = z.object({ at: instant, by: z.string() });
export const vendorCaseShape = exactly<VendorCaseView>()(
  z.object({
    no: z.number().int(),
    site,
    ticket: z.number().int(),
    vendor: z.string(),
    contract: z.number().int().optional(),
    name: z.string().optional().describe('Its number at the vendor.'),
    opened: reached,
    answered: reached.optional(),
    qualified: reached.optional().describe('Somebody who can do something about it.'),
    closed: reached.optional(),
    dueAt: instant.optional().describe('By when somebody qualified is to be reached, while nobody is.'),
  }),
).meta({ id: 'VendorCase' });

export const vendorTimesShape = exactly<VendorTimes>()(
  z.object({
    vendor: z.string(),
    cases: count,
    qualified: count.describe('With so many of them somebody qualified was reached.'),
    medianMs: z.number().optional(),
    p95Ms: z.number().optional(),
  }),
).meta({ id: 'VendorTimes', description: 'How soon a vendor had somebody qualified.' });

const costSum = {
  contracts: count.describe('That hold today.'),
  unpriced: count.describe('Of these, those of which nobody wrote down what they cost.'),
  totals: z.array(cost).describe('A year, currency by currency.'),
};
export const dealerCostShape = exactly<DealerCost>()(
  z.object({ name: z.string().describe('The dealer; `-` for homes that have none.'), homes: count, ...costSum }),
).meta({ id: 'DealerCost' });
export const homeCostShape = exactly<HomeCost>()(z.object({ site, siteName: z.string(), dealer: z.string().optional(), ...costSum })).meta({
  id: 'HomeCost',
});
