/** People come in at the door of a desk, let others in, and see what they may: in a real browser, with nothing on any page that keeps anybody out. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ServicePolicy } from '../../src/desk/service/policy.ts';
import { CHEAP, PASSWORD } from '../fakes/access-world.ts';
import { axeViolations } from './axe.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, TELEPHONE, unfold, until, WIDE } from './desk-page.ts';
import { TOLD_IN_BROWSERS, tellsInBrowsers } from './told-in-their-browser.ts';

/** Where pictures of the pages are to go, for whoever wants to look at them. */
const { PICTURES } = process.env;
const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['wide', WIDE],
  ['wide-dark', { ...WIDE, colorScheme: 'dark' }],
  ['small', TELEPHONE],
  ['small-dark', { ...TELEPHONE, colorScheme: 'dark' }],
];

/** Wide and on a telephone, the one light and the other dark: each page one way, its neighbour perhaps the other. */
const looksOf = (name: string): typeof LOOKS => LOOKS.filter((_, i) => (i % 3 === 0) === (name.length % 2 === 0));

describe.skipIf(!existsSync(CHROMIUM))('at a desk with accounts', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let own: LiveHub;
  let foreign: LiveHub;
  let lead: BrowserContext;

  beforeAll(async () => {
    const homes = new Map();
    const policy = {
      version: '1',
      since: '2020-01-01',
      standardPlan: 'none',
      plans: new Map(),
      holidays: new Map(),
      skills: new Map(),
      people: new Map(),
      homes,
    };
    await live.start({}, 0, policy as unknown as ServicePolicy, { cost: CHEAP }, TOLD_IN_BROWSERS);
    browser = await launchBrowser();
    [own, foreign] = [await live.hub('Lindgren residence'), await live.hub('Okafor penthouse')];
    lead = await browser.newContext(WIDE);
    const page = await lead.newPage();
    lead.setDefaultTimeout(10_000);
    await page.goto(live.desk.firstLink!.url);
    expect(await axeViolations(page)).toEqual([]);
    await show(page, 'first-account');
    await page.getByLabel('Your name').fill('Maria Lopez');
    await page.getByLabel('Sign-in name').fill('maria');
    await choose(page);
    await page.locator('h1').waitFor();
    expect(await page.locator('.me').textContent()).toContain('Maria Lopez');
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function choose(page: Page): Promise<void> {
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('The same again').fill(PASSWORD);
    await page.locator('main button[type=submit]').click();
  }

  async function open(path: string, context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    onTestFinished(() => page.close());
    await page.goto(live.desk.url + path);
    return page;
  }

  /** What axe finds on a page, in two of four looks, and whether it fits. */
  async function show(page: Page, name: string): Promise<void> {
    for (const [look, { viewport, colorScheme = 'light' }] of PICTURES ? LOOKS : looksOf(name)) {
      await page.setViewportSize(viewport!);
      await page.emulateMedia({ colorScheme });
      expect([name, look, await axeViolations(page)]).toEqual([name, look, []]);
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
      expect([name, look, isTooWide]).toEqual([name, look, false]);
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${look}.png`, fullPage: true });
    }
    await page.setViewportSize(WIDE.viewport!);
    await page.emulateMedia({ colorScheme: 'light' });
  }

  /** Lets somebody in by the page; answers the browser in which that person has chosen a password. */
  async function letIn(signInName: string, fullName: string, role: string, site?: string): Promise<BrowserContext> {
    const people = await open('people', lead);
    await unfold(people.locator('details', { hasText: 'Let somebody in' }));
    const form = people.locator('.invite form');
    await form.getByLabel('Name, as others read').fill(fullName);
    await form.getByLabel('Sign-in name').fill(signInName);
    await form.locator('select[name=role]').selectOption(role);
    await form.locator('select[name=homes]').selectOption(site === undefined ? 'all' : 'some');
    if (site !== undefined) await form.getByLabel('Single homes').fill(site);
    if (role === 'technician') await form.getByLabel('For days').fill('3');
    await form.getByRole('button').click();
    const link = await people.locator('.link code').textContent();
    if (role === 'dealer') await show(people, 'link');
    const context = await browser.newContext(WIDE);
    const page = await context.newPage();
    await page.goto(link ?? '');
    if (role === 'dealer') await show(page, 'choose');
    await choose(page);
    await page.locator('.me').waitFor();
    await page.goto(link ?? '');
    expect(await page.locator('h1').textContent()).toBe('This link is over');
    await page.close();
    return context;
  }

  it('leads back to where somebody wanted to go, and says what is wrong without losing the name', async () => {
    const context = await browser.newContext(WIDE);
    onTestFinished(() => context.close());
    const page = await open(`sites/${own.hub.site}`, context);
    expect(page.url()).toContain('/sign-in?next=');
    await show(page, 'sign-in');
    await page.getByLabel('Sign-in name').fill('maria');
    await page.getByLabel('Password').fill('not this one, surely');
    await page.getByRole('button').click();
    expect(await page.locator('[role=alert]').textContent()).toContain('do not belong together');
    expect(await page.getByLabel('Sign-in name').inputValue()).toBe('maria');
    await show(page, 'sign-in-wrong');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.live.on').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/sites/${own.hub.site}`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.locator('[role=status]').textContent()).toBe('You are signed out.');
  });

  it('shows a dealer his homes alone, and says plainly what is not for him', async () => {
    const dealer = await letIn('smith', 'Dana Smith', 'dealer', own.hub.site);
    onTestFinished(() => dealer.close());
    const page = await open('', dealer);
    await page.locator('.live.on').waitFor();
    expect(await page.locator('main').textContent()).toContain('Lindgren residence');
    expect(await page.locator('main').textContent()).not.toContain('Okafor');
    expect(await page.locator('.places').textContent()).not.toContain('People');
    await page.goto(`${live.desk.url}sites/${foreign.hub.site}`);
    expect(await page.locator('h1').textContent()).toBe('There is nothing here');
    await page.goto(`${live.desk.url}people`);
    expect(await page.locator('h1').textContent()).toBe('Your role does not allow that');
    await show(page, 'forbidden');
    await page.goto(`${live.desk.url}account`);
    await show(page, 'account');
  });

  it('opens a ticket by hand in the name of who is signed in, without asking for it', async () => {
    const page = await open(`sites/${own.hub.site}`, lead);
    await page.locator('.live.on').waitFor();
    await unfold(page.locator('details', { hasText: 'Open a ticket by hand' }));
    expect(await page.locator('form[data-open] [name=by]').count()).toBe(0);
    await page.getByLabel('What is it about').fill('Netflix does not play');
    await page.getByRole('button', { name: 'Open it' }).click();
    await page.waitForURL(/\/tickets\/\d+$/);
    expect(await page.locator('.history').textContent()).toContain('Maria Lopez');
  });

  it('shows a lead who has an account and what was done with them', async () => {
    const technician = await letIn('tom', 'Tom Berg', 'technician', own.hub.site);
    onTestFinished(() => technician.close());
    const page = await open('people', lead);
    await unfold(page.locator('details', { hasText: 'Let somebody in' }));
    await show(page, 'people-invite');
    await page.locator('.invite form').getByLabel('Name, as others read').fill('Tom Berg');
    await page.locator('.invite form').getByLabel('Sign-in name').fill('tom2');
    await page.locator('.invite form').getByRole('button').click();
    expect(await page.locator('main [role=alert]').textContent()).toContain('somebody of that name already');
    await page.goto(`${live.desk.url}people/log`);
    expect(await page.locator('.history').textContent()).toMatch(/Maria Lopez made an account/);
    await show(page, 'people-log');
  });

  it('leads an open page to the door when its person is let in no more', async () => {
    const agent = await letIn('ben', 'Ben Oduya', 'agent');
    onTestFinished(() => agent.close());
    const page = await open(`sites/${own.hub.site}`, agent);
    await page.locator('.live.on').waitFor();
    const people = await open('people', lead);
    await people.getByRole('button', { name: 'Disable Ben Oduya' }).click();
    await until(() => page.url().includes('/sign-in'));
    await page.getByLabel('Sign-in name').fill('ben');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('[role=alert]').waitFor();
    expect(await page.locator('main').textContent()).not.toContain('Lindgren');
  });

  // At the same desk: each further one, with its browser, costs seconds.
  describe('a browser', () => tellsInBrowsers(() => ({ live, context: lead })));
});
