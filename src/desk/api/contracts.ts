/** Contracts with vendors over HTTP: those of a home with the forms that write them down, and all of them with what ends next and what they cost. */
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { isDay } from '../../base/time-zone.ts';
import { contractsPage } from '../../web/contracts-page.ts';
import { LONGEST_TYPED } from '../../web/contracts-section.ts';
import { nameOf } from '../../web/device-parts.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { linkIn } from '../dossier/record.ts';
import { folded } from '../search-words.ts';
import { type ContractSaid, namedMakers } from '../vendors/contract.ts';
import { call, refuse } from './call.ts';
import {
  byForm,
  cleaned,
  flag,
  kept,
  keptAnswer,
  MISSING,
  perhaps,
  place,
  remove,
  stepOf,
  telephone,
  which,
  withoutCode,
} from './dossier.ts';
import type { Routes } from './routes.ts';
import { count } from './shapes/basics.ts';
import { dealerCostShape, homeContractsShape, homeCostShape, listedContractShape } from './shapes/vendors.ts';
import { by, nextPage, unlessEmpty } from './taken.ts';
import type { Visit } from './visit.ts';

const MOST_LISTED = 30;
/** Between two lines, as browsers send them. */
const LONGEST_BREAK = 2;
/** Names of makers and devices hold commas. */
const LINES = /[;\r\n]+/;
/** A list, or words apart from each other as people type them. */
function listOf(apart: RegExp, limit: number) {
  const given = z.union([z.array(z.string()).max(MOST_LISTED), z.string().max(MOST_LISTED * (limit + LONGEST_BREAK))]).default([]);
  return given.transform((said) => {
    const parts = typeof said === 'string' ? said.split(apart) : said;
    return parts.flatMap((text) => cleanText(text, limit) ?? []).slice(0, MOST_LISTED);
  });
}

const day = unlessEmpty(z.string().refine(isDay, 'a day such as 2027-03-31').optional());
const isHundredths = (amount: number): boolean => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6;
const areKinds = (kinds: readonly string[]): boolean => kinds.every((kind) => /^[a-z][a-z0-9-]*$/.test(kind));

const contractFields = {
  vendor: cleaned(80, z.string('the name of the vendor is needed')),
  contract: cleaned(80, z.string('the number of the contract is needed')),
  level: perhaps(80).describe('Such as `24x7, next business day`.'),
  amount: unlessEmpty(z.coerce.number().min(0).max(9_999_999).refine(isHundredths, 'an amount such as 1200 or 99.50').optional()).describe(
    'What it costs a year.',
  ),
  currency: z.preprocess(
    (text) => cleanText(text, 8)?.toUpperCase(),
    z
      .string()
      .regex(/^[A-Z]{3}$/, 'a currency such as EUR')
      .optional(),
  ),
  phone: telephone,
  url: cleaned(
    500,
    z
      .string()
      .refine((text) => linkIn(text) !== undefined, 'an address such as https://support.example.com, with no name and password in it')
      .transform((text) => linkIn(text) ?? '')
      .optional(),
  ),
  firstDay: day,
  lastDay: day,
  evidence: listOf(/[\r\n]+/, 120)
    .refine((lines) => lines.every((line) => withoutCode(z.string()).safeParse(line).success), 'no code is kept here: say who has it')
    .describe('What the vendor asks for; a line each.'),
  all: flag.describe('It covers everything in the home.'),
  makers: listOf(LINES, 60).transform(namedMakers).describe('Whose devices it covers; a line each.'),
  kinds: listOf(/[,;\s]+/, 40)
    .refine(areKinds, 'kinds of device such as nas, camera; line is the line to the internet')
    .describe('Of device; `line` is the line to the internet.'),
  devices: listOf(LINES, LONGEST_TYPED).describe('Single devices, by their id or the name that they have here; a line each.'),
  forDealer: flag.describe('It holds for all homes of the dealer of record.'),
};

const fields = z.object(contractFields);
type Given = z.output<typeof fields>;

/** What one field says of another. */
function together({ amount, currency, firstDay, lastDay, ...said }: Given, context: z.RefinementCtx): void {
  const wrong = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  if ((amount === undefined) !== (currency === undefined)) wrong('currency', 'an amount and its currency, or neither');
  if (firstDay !== undefined && lastDay !== undefined && lastDay < firstDay) wrong('lastDay', 'not before its first day');
  if (!said.all && said.makers.length + said.kinds.length + said.devices.length === 0)
    wrong('makers', 'say what it covers: makers, kinds, devices, or everything');
  if (said.forDealer && said.devices.length > 0) wrong('devices', 'a contract of all homes covers makers or kinds');
}

const contractStep = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), by, ...contractFields }).superRefine(together),
  z.object({ do: z.literal('change'), by, ...which, ...contractFields }).superRefine(together),
  remove,
]);

const contractsQuery = z.object({
  dealer: unlessEmpty(z.string().max(128).optional()).describe('Only of this dealer; `-` stands for none.'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});

export const CONTRACT_CALLS = {
  ofHome: call('listContracts', 'get /api/v1/sites/:id/contracts', {
    rule: 'work',
    summary: 'Contracts of a home with vendors, what ends next first',
    params: place,
    answer: homeContractsShape,
    refusals: [404],
  }),
  keep: call('keepContract', 'post /api/v1/sites/:id/contracts', {
    rule: 'work',
    summary: 'Adds, changes or removes a contract with a vendor',
    about: 'That of all homes of a dealer is kept by who sees all of them.',
    params: place,
    body: contractStep,
    answer: kept,
    refusals: [400, 404, 409],
  }),
  all: call('listAllContracts', 'get /api/v1/contracts', {
    rule: 'work',
    summary: 'Contracts with vendors, what ends next first, and what they cost a year',
    query: contractsQuery,
    answer: z.object({
      contracts: z.array(listedContractShape).describe('Fifty on a page.'),
      page: count,
      pages: count,
      total: count,
      ending: count.describe('Have ended, or end within 60 days.'),
      dealers: z.array(dealerCostShape).describe('Whatever is asked for.'),
      homes: z.array(homeCostShape).describe('What contracts of single homes cost: the first five hundred homes by their name.'),
      moreHomes: count,
      next: nextPage,
    }),
    paging: { by: 'page', of: 'contracts' },
  }),
};

export function addContracts(routes: Routes): void {
  routes.call(
    CONTRACT_CALLS.ofHome,
    async ({ params }, { reader, frame }) => (await reader.contracts.ofHome(params.id, frame().now)) ?? MISSING,
  );
  routes.call(CONTRACT_CALLS.keep, ({ params, body }, visit) => keepContract(visit, params.id, body));
  routes.call(CONTRACT_CALLS.all, async ({ query }, { reader, frame }) => {
    const found = await reader.contracts.all(query, frame().now);
    return { ...found, ...(found.page < found.pages ? { next: found.page + 1 } : {}) };
  });
  routes.get('/contracts', 'work', async (c, { reader, frame }) => {
    const query = contractsQuery.safeParse(c.req.query());
    if (!query.success) return c.html(refusedPage(frame(), z.prettifyError(query.error), '/contracts'), 400);
    const found = await reader.contracts.all(query.data, frame().now);
    return c.html(contractsPage({ ...frame(), found, dealer: query.data.dealer }));
  });
  routes.post('/sites/:id/contracts', 'work', async (c, visit) => byForm(c, visit, contractStep, keepContract, 'contracts'));
}

async function keepContract({ contractWork, reader }: Visit, site: string, { by: who, ...asked }: z.output<typeof contractStep>) {
  if (asked.do === 'remove') return keptAnswer(await contractWork.keep({ site, by: who, step: asked }));
  const devices = asked.devices.length === 0 ? [] : await idsOf(reader, site, asked.devices);
  if (!Array.isArray(devices)) return refuse(400, 'bad-body', `This home has no device "${devices.unknown}".`, 'devices');
  return keptAnswer(await contractWork.keep({ site, by: who, step: stepOf(asked, saidIn(asked, devices)) }));
}

function saidIn({ amount, currency, all, makers, kinds, ...said }: Given, devices: readonly string[]): ContractSaid {
  const { vendor, contract, level, phone, url, firstDay, lastDay, evidence, forDealer } = said;
  const cost = amount === undefined || currency === undefined ? undefined : { amount, currency };
  return { vendor, contract, level, cost, phone, url, firstDay, lastDay, evidence, forDealer, covers: { all, makers, kinds, devices } };
}

/** People know the names of devices, which change; what is kept is their ids. */
async function idsOf(reader: Visit['reader'], site: string, said: readonly string[]): Promise<string[] | { readonly unknown: string }> {
  const known = await reader.devices(site);
  const ids: string[] = [];
  for (const text of said) {
    const found = known.filter((device) => device.id === text || folded(nameOf(device)) === folded(text));
    if (found.length === 0) return { unknown: text };
    ids.push(...found.map(({ id }) => id));
  }
  return [...new Set(ids)];
}
