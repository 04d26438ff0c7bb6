/** The statement of a month: what the database knows of the homes that the service policy gives to dealers. Only reads. */

import { csvText } from './csv.ts';
import type { Homes } from './homes.ts';
import { amountWords } from './service/money.ts';
import { feeOf, questionsOf, type Statement, type StatementHome, statementOf } from './service/statement.ts';
import type { Serving } from './serving.ts';
import { listAnswersRecorded } from './store/audit.ts';
import { findSites } from './store/homes.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { TimeSheet } from './time-sheet.ts';

type StatementDeps = { readonly database: DeskDatabase; readonly homes: Pick<Homes, 'names'>; readonly serving: Serving | undefined };

const HOMES_AT_ONCE = 1_000;

/** `sheet`: of the same month. Of the homes that are known here and within reach; `dealer`: only of his. */
export async function findStatement({ database, homes, serving }: StatementDeps, sheet: TimeSheet, dealer?: string): Promise<Statement> {
  const { month } = sheet;
  if (serving === undefined) return statementOf(month, [], undefined);
  const billed = new Map(
    serving.billed.homes.flatMap((home) => (dealer === undefined || home.dealer === dealer ? [[home.site, home]] : [])),
  );
  const worked = new Map(sheet.homes.map((home) => [home.site, home]));
  const ids = [...billed.keys()];
  const lines: StatementHome[] = [];
  for (let from = 0; from < ids.length; from += HOMES_AT_ONCE) {
    const some = ids.slice(from, from + HOMES_AT_ONCE);
    const [rows, names] = await Promise.all([findSites(database, some), homes.names(some)]);
    for (const { id, time_zone } of rows) {
      const { dealer: of, plan } = billed.get(id)!;
      const fee = feeOf(plan, month);
      const { timeZone } = serving.callTimes({ id, timeZone: time_zone ?? undefined });
      const questions = plan.interactions && questionsOf(plan.interactions, timeZone, await listAnswersRecorded(database, id), month);
      lines.push({
        ...{ site: id, siteName: names.get(id) ?? id, dealer: of, plan: plan.title },
        ...{ billable: worked.get(id)?.billable ?? 0, unbilled: worked.get(id)?.free ?? 0 },
        ...(fee === undefined ? {} : { fee }),
        ...(questions === undefined ? {} : { questions }),
      });
    }
  }
  return statementOf(month, lines, serving.billed.policy);
}

const COLUMNS = [
  'month',
  'dealer',
  'home',
  'site',
  'plan',
  'currency',
  'fee',
  "dealer's share",
  "desk's rest",
  'minutes to bill',
  'minutes not billed',
  'questions',
  'beyond the free ones',
  'price of each',
  'currency of questions',
  'their charge',
] as const;

/** A line for each home; amounts in the main unit of the currency beside them. */
export function statementCsv({ month, homes }: Statement): string {
  const rows = homes.map(({ site, siteName, dealer, plan, fee, billable, unbilled, questions }) => {
    const money = fee && ((minor: number): string => amountWords({ minor, currency: fee.currency }));
    const charge = questions?.charge;
    return [
      ...[month, dealer, siteName, site, plan],
      ...(fee && money ? [fee.currency, money(fee.fee), money(fee.dealerShare), money(fee.rest)] : ['', '', '', '']),
      ...[billable, unbilled, questions?.answered ?? '', questions?.beyond ?? '', questions?.each ?? ''],
      ...(charge ? [charge.currency, amountWords(charge)] : ['', '']),
    ];
  });
  return csvText([COLUMNS, ...rows]);
}
