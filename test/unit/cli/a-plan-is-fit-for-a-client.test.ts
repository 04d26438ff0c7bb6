/** The replacement plan that goes before a client: what is told in which order, what is never told, and names from the LAN that are only text. */
import { describe, expect, it } from 'vitest';
import { compileCatalogue } from '../../../src/agent/lifecycle/catalogue.ts';
import type { Fact } from '../../../src/agent/lifecycle/fact.ts';
import { planPage } from '../../../src/cli/render/plan-page.ts';
import { readLifecycleCatalogue, readServiceLives } from '../../../src/platform/lifecycle-files.ts';
import { type Planned, planOf, SMITH_RESIDENCE } from '../../builders/planned-home.ts';

const SHIPPED = readLifecycleCatalogue();
const LIVES = readServiceLives();
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "</style><svg onload='alert(3)'>",
  '</title></text><a href="javascript:alert(4)">',
  '&lt;b&gt;',
];

const fact = (id: string, more: Partial<Fact>): Fact => ({
  id,
  vendor: 'Acme',
  product: id,
  kind: 'camera',
  match: { models: [id] },
  ends: { security: '2027-03' },
  sources: [{ title: `About ${id}`, url: 'https://acme.example/eol' }],
  readOn: '2026-11-01',
  confidence: 'high',
  ...more,
});
const acme = (model: string, more: Planned = {}): Planned => ({ vendor: 'Acme', model, kind: 'camera', ...more });
const page = (home: readonly Planned[], facts: readonly Fact[]): Promise<string> =>
  planPage(planOf(home, compileCatalogue(facts)), { basis: 'Based on this test.' });

describe('the replacement plan', () => {
  it('puts the most urgent first, counts devices and not lines, and shows what is alike once with all its places', () => {
    const { items, devices } = planOf(SMITH_RESIDENCE, SHIPPED, LIVES);
    expect(items.map(({ state, title, count }) => `${state}: ${title}${count > 1 ? ` × ${count}` : ''}`)).toEqual([
      'at-risk: D-Link DIR-645',
      'at-risk: Google Nest Secure',
      'overdue: Philips BSB001',
      'overdue: AVM FRITZ!Box 7580',
      'overdue: Apple TV (3rd generation)',
      'overdue: Google Nest Learning Thermostat (2nd generation)',
      'overdue: Belkin Insight',
      'overdue: Bose SoundTouch 20 × 2',
      'due: Acme Sentry 2',
      'plan: Acme Smoke 10',
      'plan: Intel NUC8',
    ]);
    expect(items.find(({ count }) => count > 1)?.places).toEqual(['Kitchen', 'Living room']);
    expect(devices).toBe(SMITH_RESIDENCE.length - 1);
  });

  it('says in one sentence how much there is to do', async () => {
    const text = await planPage(planOf(SMITH_RESIDENCE, SHIPPED, LIVES), { home: 'Smith residence', dealer: 'Brightnest', basis: '' });
    expect(text).toContain('12 of the 36 devices in this home need something within the next 12 months; 2 of them cannot wait.');
    expect(await page([acme('A')], [fact('A', {})])).toContain('The one device in this home needs something within the next 12 months.');
    expect(await page([acme('B')], [fact('B', { ends: { security: '2029' } })])).toContain(
      'Nothing in this home is known to end within the next 12 months; 1 device reaches its end within the next five years.',
    );
  });

  it('has words for a home in which nothing ends, with what was looked at', async () => {
    const text = await page([acme('Z'), { name: 'box' }], []);
    expect(text).toContain('Nothing in this home is known to end in the next five years.');
    expect(text).toMatch(/What we do not know <span>2<[\s\S]*no date that we would rely on[\s\S]*Acme Z[\s\S]*the label tells[\s\S]*Box/);
    expect(text).not.toMatch(/<table|<ol|class="sign"|<svg/);
    expect(text).toContain('Based on this test.');
    expect(await page([], [])).toContain('No device has been found in this home yet.');
  });

  it('tells a client nothing that nobody read, that its source doubts, or that only a name suggests', async () => {
    const secret = '2026-12-24';
    const facts = [
      fact('Low', { ends: { security: secret }, confidence: 'low', sources: [{ title: 'unconfirmed' }] }),
      fact('Low Fine', { ends: {}, supportedOn: secret, confidence: 'low', sources: [{ title: 'unconfirmed' }] }),
      fact('Doubt', { ends: { cloud: secret }, doubt: 'Two sources disagree.' }),
      fact('Revision', { match: { models: [{ name: 'Revision', revisions: ['V1'] }] }, ends: { security: secret } }),
    ];
    const plan = planOf([acme('Low'), acme('Low Fine'), acme('Doubt'), acme('Revision')], compileCatalogue(facts));
    expect([plan.items, plan.later, plan.fine]).toEqual([[], [], []]);
    expect(plan.undated.map(({ title }) => title)).toEqual(['Acme Doubt', 'Acme Low', 'Acme Low Fine']);
    expect(plan.toRead.map(({ title, lookFor }) => `${title}: ${lookFor}`)).toEqual([
      'Acme Revision: the hardware version on the label: it is about V1',
    ]);
    expect(plan.toCheck).toBe(2);
    expect(await planPage(plan, { basis: '' })).not.toMatch(/24 December|24 Dec|2026-12-24|unconfirmed|disagree/);
  });

  it('leaves out what belongs to persons, also where it has ended', () => {
    const plan = planOf([acme('A', { personal: true, name: 'Phone of Ann' })], compileCatalogue([fact('A', {})]));
    expect(JSON.stringify(plan)).not.toMatch(/Ann|Acme/);
    expect(plan.devices).toBe(0);
  });

  it('shows a usual life only from a date that people told, and never a guessed one', () => {
    const bare = compileCatalogue([]);
    const home: Planned[] = [
      { vendor: 'Acme', model: 'N1', kind: 'nas', installed: '2022-03' },
      { vendor: 'Acme', model: 'N2', kind: 'nas' },
      { vendor: 'Acme', model: 'V', kind: 'vacuum', installed: '2025' },
    ];
    const { later, items, fine } = planOf(home, bare, LIVES);
    expect(later.map(({ title, ends }) => `${title} ${ends.is}`)).toEqual(['Acme N1 usual']);
    expect([items, fine]).toEqual([[], []]);
  });

  it('draws the end of each product in its year, in both forms, with the same words for those who do not see it', async () => {
    const text = await page([acme('A'), acme('B')], [fact('A', {}), fact('B', { ends: { security: '2029-06-30' } })]);
    expect(text.match(/<svg class="timeline (wide|narrow)"/g)).toHaveLength(2);
    expect(text.match(/<desc id="wide-1-about">([^<]*)/)?.[1]).toBe('Acme A: Mar 2027; Acme B: Jun 2029.');
    const marks = [...text.matchAll(/<svg x="([\d.]+)" y="[\d.]+" overflow="visible"><path class="ends"/g)]
      .map(([, x]) => Number(x))
      .slice(0, 2);
    // Six years from 300 to 840: 2027 is the second, 2029 the fourth.
    expect(marks[0]).toBeGreaterThan(390);
    expect(marks[0]).toBeLessThan(480);
    expect(marks[1]).toBeGreaterThan(570);
    expect(marks[1]).toBeLessThan(660);
  });

  it.each(HOSTILE)('shows %s as text, wherever it stands', async (text) => {
    const catalogue = compileCatalogue([
      fact('X', {
        match: { models: [text] },
        stops: text,
        stays: text,
        replacement: text,
        sources: [{ title: text, url: 'javascript:alert(9)' }],
      }),
    ]);
    const plan = planOf([acme(text, { name: text, room: text }), { name: text }], catalogue);
    expect(plan.items).toHaveLength(1);
    const prices = new Map(plan.items.flatMap(({ ids }) => ids.map((id) => [id, text] as const)));
    const made = await planPage(plan, { home: text, dealer: text, basis: text, prices });
    expect(made).not.toMatch(/<script|<img|<svg onload|href="javascript:/i);
    expect(made.match(/<\/style>/g)).toHaveLength(1);
    expect(made).toContain(
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    );
  });

  it('numbers each source once, with the day on which it was read', async () => {
    const source = { title: 'One press report', url: 'https://press.example/a' };
    const facts = [fact('A', { sources: [source] }), fact('B', { sources: [source], ends: { cloud: '2020' } })];
    const text = await page([acme('A'), acme('B')], facts);
    expect(text.match(/<li id="source-/g)).toHaveLength(1);
    expect(text.match(/href="#source-1"/g)).toHaveLength(2);
    expect(text).toContain(
      '<a href="https://press.example/a" rel="noreferrer noopener">One press report</a>, press.example, read 1 Nov 2026',
    );
  });
});
