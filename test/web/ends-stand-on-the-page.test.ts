/** What ends when in a home, on the page of the desk in a real browser: to be seen, to be read aloud, and to be planned for. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { dayOf } from '../../src/base/partial-date.ts';
import type { AlertMessage, VerdictMessage } from '../../src/protocol/messages.ts';
import { supportEnding, verdict } from '../fakes/hub.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, openWatched, TELEPHONE, unfold, until, WIDE } from './desk-page.ts';
import { homeSnapshot, type SampleDevice, troubledHome } from './sample-homes.ts';

const LOW_CONTRAST = readFileSync(new URL('./low-contrast.js', import.meta.url), 'utf8');
const DAY = 86_400_000;
const HOSTILE = '<img src=https://far.example/x onerror=alert(1)>';

/** The day so many days from now. */
const dayIn = (days: number): string => dayOf(Date.now() + days * DAY);
const ending = (state: VerdictMessage['state'], days: number, over: Partial<VerdictMessage> = {}): VerdictMessage => {
  const ends = { what: 'security updates', on: dayIn(days) };
  return verdict({ state, ends, timeline: [ends], why: 'So the maker says.', ...over });
};

/** Five years of a home: one in each state, those with the longest texts, and what a hostile hub would tell. */
const VERDICTS: Readonly<Record<string, VerdictMessage>> = {
  Router: ending('at-risk', -900, { critical: true, stops: 'Safety. '.repeat(40), toDo: 'Take it off the network. '.repeat(18) }),
  'NAS cellar': ending('overdue', -40, { plannedFor: dayIn(200).slice(0, 7) }),
  'Sonos 1': ending('due', 80, {
    timeline: [
      { what: 'sale', on: '2019' },
      { what: 'security updates', on: dayIn(80) },
      { what: 'the warranty', on: dayIn(700) },
    ],
  }),
  'Camera 1': ending('plan', 300),
  'Camera 2': ending('check', -400, { tell: 'desk', grade: 'general knowledge' }),
  'Camera 3': verdict({ state: 'ask-revision', tell: 'desk', ends: undefined, timeline: [], why: 'It may be one that has ended.' }),
  'TV 1': ending('fine', 1500),
  'TV 2': verdict({ state: 'fine', ends: undefined, timeline: [{ what: 'sale', on: '2019' }] }),
  'TV 3': ending('overdue', -1, { why: HOSTILE, source: { title: HOSTILE, url: 'javascript:alert(2)' }, facts: [HOSTILE] }),
};

describe.skipIf(!existsSync(CHROMIUM))('the page of the desk', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;
  let home: SampleDevice[];
  let alert: AlertMessage;

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    home = troubledHome(live.random, Date.now());
    const nas = home.find(({ device }) => device.name === 'NAS cellar')!.device;
    alert = supportEnding(nas.id, Date.now() - DAY, 90, { ends: dayIn(60), title: 'Its maker looks after NAS cellar not much longer' });
    await hub.send(hub.hub.entry('snapshot', snapshotWith(VERDICTS)));
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  function snapshotWith(verdicts: Readonly<Record<string, VerdictMessage>>) {
    const told = homeSnapshot(live.random, home, [alert], Date.now());
    const devices = told.devices.map((one) => ({ ...one, lifecycle: verdicts[one.device.name ?? ''] }));
    return { ...told, devices };
  }

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<{ page: Page; problems: string[] }> {
    const opened = await openWatched(browser, live, path, options);
    onTestFinished(opened.close);
    return opened;
  }

  const sitePath = (): string => `sites/${hub.hub.site}`;
  const words = (text: string | null): string => (text ?? '').replace(/\s+/g, ' ').trim();

  it('lists what ends, the most urgent first, in words that stand without the drawing', async () => {
    const { page, problems } = await open(sitePath());
    const rows = await page.locator('#ends li summary').allTextContents();
    const visible = rows.map((row) => words(row).replace(/ (security updates|It may|sale).*/, ''));
    expect(visible).toEqual([
      '■at risk Router',
      '◆overdue NAS cellar',
      '◆overdue TV 3',
      '▲due Sonos 1',
      '△plan Camera 1',
      '?check this Camera 2',
      '?which one? Camera 3',
      '●fine TV 1',
    ]);
    expect(words(await page.locator('#ends > p').first().textContent())).toBe(
      '1 at risk, 2 overdue, 1 due within 90 days, 1 to plan for within a year and 2 to check first (not for the client). Of 51 devices nothing is known, which is no promise.',
    );
    for (const row of await page.locator('#ends svg').all())
      expect(await row.locator('xpath=ancestor-or-self::*[@aria-hidden="true"]').count()).toBeGreaterThan(0);
    expect(words(await page.locator('#ends li', { hasText: 'Camera 2' }).locator('summary').textContent())).toContain(
      'check first, not for the client',
    );
    expect(problems).toEqual([]);
  });

  it('draws what is past at the left edge, today through all rows, and the rest in its year', async () => {
    const { page } = await open(sitePath());
    const place = async (name: string, mark: string): Promise<number[]> =>
      page
        .locator('#ends li', { hasText: name })
        .locator(`.strip ${mark}`)
        .evaluateAll((marks) =>
          marks.map((mark) => {
            const [box, whole] = [mark.getBoundingClientRect(), mark.closest('.strip')!.getBoundingClientRect()];
            return (box.left + box.width / 2 - whole.left) / whole.width;
          }),
        );
    const year = new Date().getUTCFullYear();
    const share = (days: number): number => (Date.now() + days * DAY - Date.UTC(year)) / (Date.UTC(year + 6) - Date.UTC(year));
    expect(await place('Router', '.ended')).toEqual([0]);
    const todays = await page
      .locator('#ends .strip .today')
      .evaluateAll((lines) => lines.map((line) => Math.round(line.getBoundingClientRect().left)));
    expect([todays.length, new Set(todays).size]).toEqual([8, 1]);
    for (const [name, days] of [
      ['Camera 1', 300],
      ['TV 1', 1500],
    ] as const) {
      const [at] = await place(name, '.ends');
      expect(Math.abs(at! - share(days))).toBeLessThan(0.01);
    }
    expect((await place('Sonos 1', '.ends')).length + (await place('Sonos 1', '.ended')).length).toBe(3);
    expect(await place('NAS cellar', '.plan')).toHaveLength(1);
  });

  it('shows grade, source and all dates of a device on demand, by the keyboard, and nothing of it as a link', async () => {
    const { page, problems } = await open(sitePath());
    const sonos = page.locator('#ends li', { hasText: 'Sonos 1' });
    await sonos.locator('summary').focus();
    await page.keyboard.press('Enter');
    await sonos.locator('.detail').waitFor();
    const detail = words(await sonos.locator('.detail').textContent());
    expect(detail).toMatch(/Evidence ?announced date/);
    expect(detail).toMatch(/Source ?Support status, read 1 November 2026 ?https:\/\/maker.example\/eol/);
    const dates = await sonos.locator('.dates tbody tr').allTextContents();
    expect(dates.map((row) => words(row).replace(/\d.*/, ''))).toEqual(['sale', 'security updates', 'the warranty']);
    const tv = page.locator('#ends li', { hasText: 'TV 3' });
    await tv.locator('summary').click();
    expect(await tv.locator('.reason').textContent()).toBe(HOSTILE);
    expect(await page.locator('#ends a, #ends img, #ends script').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('says it with each device too, and finds devices by it', async () => {
    const { page } = await open(sitePath());
    const router = page.locator('#devices li').filter({ has: page.locator('b', { hasText: /^Router$/ }) });
    expect(words(await router.locator('summary').textContent())).toMatch(/■at risk · security updates ended \d/);
    await page.locator('#search').fill('overdue');
    expect(await page.locator('#devices > li:visible .name b').allTextContents()).toEqual(['NAS cellar', 'TV 3']);
  });

  it('leads from an alert, which says when it ends, to what is known of its end', async () => {
    const { page } = await open('');
    expect(await page.locator('h1').textContent()).toBe('Nothing is wrong that we know of');
    const folded = page.locator('.to-plan > details > summary');
    expect(words(await folded.textContent())).toBe('To plan for 1 end in 1 home');
    await folded.click();
    const card = page.locator('.alert', { hasText: 'not much longer' });
    expect(words(await card.locator('.stage').textContent())).toMatch(/^ends in (59|60) days \(\d+ \w+ \d{4}\)$/);
    expect(words(await page.locator('.sites li').textContent())).toContain('1 at risk, 2 overdue and 1 due within 90 days');
    await card.locator('.about-end a').click();
    await page.locator('#ends li', { hasText: 'NAS cellar' }).locator('.dates').waitFor();
  });

  it('takes until when it will be replaced, helps with a date that is none, and lets the plan change', async () => {
    const { page, problems } = await open(sitePath());
    const card = page.locator('.alert', { hasText: 'not much longer' });
    await card.locator('.act summary').focus();
    await page.keyboard.press('Enter');
    await until(() => page.evaluate("document.activeElement.name === 'by'"));
    await page.keyboard.type('Ben');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('2020-01');
    await page.keyboard.press('Enter');
    const date = card.locator('[name=plannedFor]');
    const complaint = () => page.evaluate("document.querySelector('.alert [name=plannedFor]').validationMessage");
    await until(async () => (await complaint()) !== '');
    expect(await complaint()).toBe('2020-01 is over. Until when will it be replaced?');
    const planned = dayIn(100);
    await date.fill(planned);
    await page.keyboard.press('Enter');
    await card.locator('.seen').waitFor();
    expect(words(await card.locator('.seen').textContent())).toMatch(
      /^Acknowledged by Ben .* · to be replaced by \d+ \w+ \d{4} The hub has not/,
    );
    await until(() => hub.hub.commands.some(({ k, d }) => k === 'alert.acknowledge' && d.plannedFor === planned));
    expect(await card.locator('.act').getAttribute('open')).toBeNull();
    expect(await card.locator('.act summary').textContent()).toBe('Change the plan');
    const later = dayIn(150);
    await unfold(card.locator('.act'));
    await date.fill(later);
    await card.locator('.act button').click();
    await until(() => hub.hub.commands.some(({ k, d }) => k === 'alert.acknowledge' && d.plannedFor === later));
    expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
  });

  it('takes it without its script, and says in words what was not taken', async () => {
    const { page } = await open(sitePath(), { ...WIDE, javaScriptEnabled: false });
    const card = page.locator('.alert', { hasText: 'not much longer' });
    await card.locator('.act summary').click();
    await card.locator('[name=by]').fill('Anna');
    await card.locator('[name=plannedFor]').fill('2020-01');
    await card.locator('.act button').click();
    expect(words(await page.locator('main').textContent())).toContain('That was not taken2020-01 is over. Until when will it be replaced?');
    await page.locator('main a').click();
    expect(page.url()).toBe(live.desk.url + sitePath());
  });

  it.each([
    ['wide', WIDE],
    ['dark wide', { ...WIDE, colorScheme: 'dark' }],
    ['telephone', TELEPHONE],
    ['dark telephone', { ...TELEPHONE, colorScheme: 'dark' }],
  ] as const)('fits a %s screen with all ends open, and can be read', async (_, options) => {
    const { page, problems } = await open(sitePath(), options);
    await page.evaluate("for (const one of document.querySelectorAll('#ends details, .act')) one.open = true");
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    const rows = await page.locator('#ends summary').evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    expect(Math.max(...rows)).toBeLessThan(130);
    expect(problems).toEqual([]);
  });

  it('says in words that nothing is known to end, and that this is no promise', async () => {
    await hub.send(hub.hub.entry('snapshot', snapshotWith({ 'TV 2': VERDICTS['TV 2']! })));
    const { page } = await open(sitePath());
    expect(words(await page.locator('#ends').textContent())).toBe(
      'What ends when Nothing in this home is known to end in the next five years. Of 59 devices nothing is known, which is no promise.',
    );
    await hub.send(hub.hub.entry('snapshot', snapshotWith({})));
    await page.locator('#ends', { hasText: 'Of no device here it is known when it ends. That is no promise' }).waitFor();
    expect(await page.locator('#ends svg').count()).toBe(0);
  });
});
