import { describe, expect, it } from 'vitest';
import type { Alert, AlertBook } from '../../../../src/agent/alerts/alerts.ts';
import { obeyAlertOrder } from '../../../../src/agent/alerts/obey-alert-order.ts';
import { NO_SILENCES } from '../../../../src/agent/alerts/silences.ts';
import type { DeviceSummary } from '../../../../src/agent/inventory/device.ts';
import { HUB_ID } from '../../../../src/base/ids.ts';
import type { RememberedAlert } from '../../../../src/protocol/messages.ts';
import { deviceSummary } from '../../../builders/device-summary.ts';
import { idOf } from '../../../builders/entries.ts';
import { supportEnding } from '../../../fakes/hub.ts';

const NAS = idOf(1);
const NOW = { monoMs: 0, wallMs: 5_000 };
const told = (over: Partial<Alert> = {}) => ({ ...supportEnding(NAS, 1_000, 90), ...over }) as RememberedAlert;
const bookOf = (...alerts: Alert[]): AlertBook => new Map(alerts.map((alert) => [alert.key, alert]));

const OURS = deviceSummary({ id: NAS });

/** By a home with these devices. */
function remembered(alert: RememberedAlert, book = bookOf(), home: readonly DeviceSummary[] = [OURS]) {
  const devices = new Map(home.map((device) => [device.id, device]));
  return obeyAlertOrder({ alerts: book, silences: NO_SILENCES, devices }, { do: 'remember', alert }, NOW);
}

describe('an end that fires at the desk and that this hub forgot', () => {
  it('fires here too, as it was told, and the desk hears it', () => {
    const alert = told({ acknowledged: { by: 'Ben', at: 2_000, where: 'desk', plannedFor: '2027-03' } });
    const done = remembered(alert);
    expect(done.alerts).toEqual(bookOf(alert));
    expect(done.changes).toEqual([{ kind: 'alert.updated', alert }]);
  });

  it('fires beside what an old memory has of it, until a look says which holds', () => {
    const old = told({ raisedAt: 500, stage: 180 });
    const ended = told({ code: 'support-ended', key: `support-ended:${NAS}:maker-nas`, stage: 0 });
    expect(remembered(ended, bookOf(old)).alerts).toEqual(bookOf(old, ended));
  });

  it('may be that of the hub itself', () => {
    const alert = told({ device: HUB_ID, key: `replace-due:${HUB_ID}:storage`, code: 'replace-due' });
    expect(remembered(alert, bookOf(), []).alerts).toEqual(bookOf(alert));
  });

  it('is told as it fires here, where it does', () => {
    const here = told({ raisedAt: 2_000, stage: 30 });
    const done = remembered(told(), bookOf(here));
    expect([done.alerts, done.changes]).toEqual([bookOf(here), [{ kind: 'alert.updated', alert: here }]]);
  });

  it.each([
    [
      'goes on under another name',
      bookOf(told({ code: 'support-ended', key: `support-ended:${NAS}:maker-nas`, stage: 0 })),
      [OURS],
      /^It goes on: /,
    ],
    ['has left the house', bookOf(), [], /not in this home any more/],
    ['is a person’s', bookOf(), [deviceSummary({ id: NAS, personal: true })], /belong to a person/],
  ] as const)('is over where it %s', (_, book, home, because) => {
    const done = remembered(told(), book, home);
    expect(done.alerts).toBe(book);
    expect(done.changes).toMatchObject([
      { kind: 'alert.cleared', alert: { key: told().key, clearedBecause: expect.stringMatching(because) } },
    ]);
  });

  it('is named no more where its device is a person’s', () => {
    const { changes } = remembered(told(), bookOf(), [deviceSummary({ id: NAS, personal: true })]);
    expect(JSON.stringify(changes)).not.toMatch(/NAS|Security updates/);
  });

  it.each([
    ['what is not told in stages', { code: 'device-down', key: `device-down:${NAS}` }],
    ['what is about another device than it says', { device: idOf(2) }],
    ['what names no track', { key: `support-ending:${NAS}` }],
  ] as const)('is refused where it is %s', (_, over) => {
    expect(remembered(told(over))).toMatchObject({ changes: [], answer: { problem: expect.any(String) } });
  });

  it('is refused where more fires than anybody reads', () => {
    const many = bookOf(...Array.from({ length: 500 }, (_, n) => told({ key: `support-ending:${NAS}:fact-${n}` })));
    expect(remembered(told(), many)).toMatchObject({ changes: [], answer: { problem: expect.any(String) } });
  });
});
