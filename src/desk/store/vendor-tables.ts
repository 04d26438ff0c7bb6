/** The tables of contracts with vendors, and of what was asked of vendors, as types (schema.ts has the others). */
import type { Generated } from 'kysely';

export type VendorTables = { vendor_contract: VendorContractTable; vendor_case: VendorCaseTable };

/**
 * As vendors/contract.ts has it. `site_id`: the home in which it was written down; `dealer`: it holds for all homes of that dealer. `cost`: a year, in hundredths of `currency`.
 * Lists as JSON, days `YYYY-MM-DD`. `told_stage`: the last stage of its end that somebody was told of.
 */
export type VendorContractTable = {
  no: Generated<number>;
  site_id: string;
  dealer: string | null;
  version: number;
  vendor: string;
  contract: string;
  level: string | null;
  cost: number | null;
  currency: string | null;
  phone: string | null;
  url: string | null;
  first_day: string | null;
  last_day: string | null;
  told_stage: number | null;
  evidence: string;
  covers: string;
  made_by: string;
  made_at: number;
  changed_by: string | null;
  changed_at: number | null;
};

/** As vendors/vendor-case.ts has it: when which tier was reached, and who said so. `contract`: by which it was asked. */
export type VendorCaseTable = {
  no: Generated<number>;
  site_id: string;
  ticket: number;
  vendor: string;
  contract: number | null;
  name: string | null;
  opened_at: number;
  opened_by: string;
  answered_at: number | null;
  answered_by: string | null;
  qualified_at: number | null;
  qualified_by: string | null;
  closed_at: number | null;
  closed_by: string | null;
};
