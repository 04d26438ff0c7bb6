/** What a vendor was asked: how far it has come, when nobody qualified is late, and how soon vendors have somebody. */
import { expect, it } from 'vitest';
import { byVendor, nextDue, type Reached, reach, type VendorCase, vendorCaseView } from '../../../../src/desk/vendors/vendor-case.ts';

const MINUTE_MS = 60_000;
const by = (minute: number): Reached => ({ at: minute * MINUTE_MS, by: 'Ben' });
const opened: VendorCase = { no: 1, site: 'a', ticket: 7, vendor: 'Synology', opened: by(10) };

it('goes on from tier to tier, and not back', () => {
  const answered = reach(opened, 'answered', by(12)) as VendorCase;
  const qualified = reach(answered, 'qualified', by(40)) as VendorCase;
  expect(reach(qualified, 'closed', by(50))).toEqual({ ...opened, answered: by(12), qualified: by(40), closed: by(50) });
  expect(reach(answered, 'answered', by(13))).toHaveProperty('refused');
  expect(reach(qualified, 'qualified', by(41))).toHaveProperty('refused');
  expect(reach({ ...opened, closed: by(20) }, 'answered', by(21))).toHaveProperty('refused');
});

it('has whoever is qualified answered, once, and a clock that was set back put nothing before what came before it', () => {
  const qualified = reach(opened, 'qualified', by(25)) as VendorCase;
  expect(qualified).toEqual({ ...opened, answered: by(25), qualified: by(25) });
  expect(reach({ ...opened, qualified: by(25) }, 'answered', by(26))).toHaveProperty('refused');
  expect(reach(opened, 'answered', by(3))).toMatchObject({ answered: by(10) });
  expect(reach(qualified, 'closed', by(11))).toMatchObject({ closed: by(25) });
});

it('is due while nobody qualified is there and it is not closed; of several the first to run out', () => {
  const view = (over: Partial<VendorCase>) => vendorCaseView({ ...opened, ...over }, 60 * MINUTE_MS);
  expect(view({}).dueAt).toBe(70 * MINUTE_MS);
  expect(view({ answered: by(12) }).dueAt).toBe(70 * MINUTE_MS);
  expect([view({ qualified: by(30) }).dueAt, view({ closed: by(30) }).dueAt]).toEqual([undefined, undefined]);
  expect(nextDue([view({ no: 3, opened: by(30) }), view({ no: 2 }), view({ no: 1, opened: by(1), closed: by(2) })])?.no).toBe(2);
  expect(nextDue([view({ closed: by(30) })])).toBeUndefined();
});

it('is counted by vendor, however people type him, with times that were measured', () => {
  const cases = [5, 20, 90].map((after, i) => ({ ...opened, vendor: i === 0 ? 'SYNOLOGY' : 'Synology', qualified: by(10 + after) }));
  expect(byVendor([{ ...opened, vendor: 'Cable Co' }, ...cases, opened])).toEqual([
    { vendor: 'SYNOLOGY', cases: 4, qualified: 3, medianMs: 20 * MINUTE_MS, p95Ms: 90 * MINUTE_MS },
    { vendor: 'Cable Co', cases: 1, qualified: 0 },
  ]);
});
