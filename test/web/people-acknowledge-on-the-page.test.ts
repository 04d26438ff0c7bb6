/** Somebody at the desk says on the page that they see to an alert; the page says who does, what is silenced, and what the hub does not know yet. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, openWatched, TELEPHONE, unfold, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, internetDown, type SampleDevice, troubledHome } from './sample-homes.ts';

const LOW_CONTRAST = readFileSync(new URL('./low-contrast.js', import.meta.url), 'utf8');
const MINUTE = 60_000;

describe.skipIf(!existsSync(CHROMIUM))('the page of the desk', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;
  let home: SampleDevice[];
  let alerts: AlertMessage[];

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    home = troubledHome(live.random, Date.now());
    alerts = [downAlert(home[1]!.device, Date.now(), 12, 'It stopped at once.'), internetDown(Date.now(), 5)];
    await hub.send(hub.hub.entry('snapshot', homeSnapshot(live.random, home, alerts, Date.now())));
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<{ page: Page; problems: string[] }> {
    const opened = await openWatched(browser, live, path, options);
    onTestFinished(opened.close);
    return opened;
  }

  const sitePath = (): string => `sites/${hub.hub.site}`;
  const card = (page: Page, title: string) => page.locator('.alert', { hasText: title });

  async function raise(name: string): Promise<AlertMessage> {
    const one = home.find(({ device }) => device.name === name)!.device;
    const alert = downAlert(one, Date.now(), 3, 'No answer.');
    await hub.send(hub.hub.entry('alert.raised', alert));
    return alert;
  }

  it('takes a name and a note, says so at once, and that the hub confirmed it when it has', async () => {
    const { page, problems } = await open(sitePath());
    const nas = card(page, 'NAS cellar');
    await nas.locator('.act summary').click();
    await until(() => page.evaluate("document.activeElement.name === 'by'"));
    await page.keyboard.type('Ben');
    await nas.locator('[name=note]').fill('I call them <b>now</b>');
    await nas.locator('.act button').click();
    await nas.locator('.seen').waitFor();
    expect(await nas.locator('.seen').textContent()).toMatch(
      /^Acknowledged by Ben \d+ s ago: I call them <b>now<\/b> The hub has not confirmed it yet\.$/,
    );
    await until(() => hub.hub.commands.length > 0);
    const [command] = hub.hub.commands;
    if (command?.k !== 'alert.acknowledge') throw new Error('the hub was told something else');
    const { by, at, note } = command.d;
    expect(await page.locator('.alert h3').first().textContent()).toContain('No internet');
    await hub.send(hub.hub.entry('alert.updated', { ...alerts[0]!, acknowledged: { by, at, note, where: 'desk' } }));
    await until(async () => !(await nas.locator('.seen').textContent())?.includes('not confirmed'));
    expect(await nas.locator('.act').count()).toBe(0);
    const internet = card(page, 'No internet');
    await internet.locator('.act summary').click();
    await until(async () => (await internet.locator('[name=by]').inputValue()) === 'Ben');
    expect(problems).toEqual([]);
  });

  it('keeps what is being typed while the home changes', async () => {
    await raise('TV 1');
    const { page } = await open(sitePath());
    const tv = card(page, 'TV 1');
    await unfold(tv.locator('.act'));
    await tv.locator('[name=note]').fill('half a sen');
    await raise('TV 2');
    await card(page, 'TV 2').waitFor();
    expect(await tv.locator('[name=note]').inputValue()).toBe('half a sen');
    expect(await page.evaluate('document.activeElement.name')).toBe('note');
  });

  it('says what went wrong, and that somebody else was quicker', async () => {
    const alert = await raise('TV 3');
    const { page } = await open(sitePath());
    const tv = card(page, 'TV 3');
    await unfold(tv.locator('.act'));
    await tv.locator('[name=by]').fill('\u200b');
    await tv.locator('.act button').click();
    const complaint = () =>
      tv.locator('[name=by]').evaluate((input) => (input as unknown as { validationMessage: string }).validationMessage);
    await until(async () => /a name is needed/.test(await complaint()));
    await hub.send(hub.hub.entry('alert.updated', { ...alert, acknowledged: { by: 'Anna', at: Date.now(), where: 'hub' } }));
    await until(async () => /Anna at the hub/.test((await tv.locator('.seen').textContent()) ?? ''));
  });

  it('works without its script', async () => {
    await raise('TV 4');
    const { page } = await open(sitePath(), { ...WIDE, javaScriptEnabled: false });
    const tv = card(page, 'TV 4');
    await tv.locator('.act summary').click();
    await tv.locator('[name=by]').fill('Cara');
    await tv.locator('.act button').click();
    await until(async () => /by Cara/.test((await tv.locator('.seen').textContent()) ?? ''));
    expect(page.url()).toContain(sitePath());
  });

  it('says what is silenced, by whom, why and until when, and no longer than that', async () => {
    const [now, nas] = [Date.now(), home[1]!.device.id];
    const site = { gateway: 'up' as const, internet: 'up' as const, hubLink: true, personalDevices: 7 };
    const silence = { by: 'Anna', setAt: now - MINUTE, endsAt: now + 60 * MINUTE };
    const silences = [
      { ...silence, n: 1, because: 'new rack' },
      { ...silence, n: 2, device: nas },
      { ...silence, n: 3, because: 'long over', endsAt: now - 1000 },
    ];
    await hub.send(hub.hub.entry('site.state', { ...site, silences }));
    const { page, problems } = await open(sitePath());
    const banners = await page.locator('.banner[data-key^=silence]').allTextContents();
    expect(banners).toHaveLength(2);
    expect(banners[0]).toMatch(
      /^This home is silenced until (\w{3} \d+, \d\d:\d\d|\d\d:\d\d:\d\d) by Anna: new rack\. No new alert is raised before, but about what guards lives\.$/,
    );
    expect(banners[1]).toMatch(/^NAS cellar is silenced until /);
    expect(await page.locator('#devices li', { hasText: 'NAS cellar' }).locator('.since').textContent()).toContain('silenced');
    const { page: overview } = await open('');
    expect(await overview.locator('h1').textContent()).toMatch(/^\d things are wrong in 1 home, [1-4] acknowledged$/);
    expect(await overview.locator('.sites li').first().textContent()).toMatch(
      /silenced until (\w{3} \d+, )?\d\d:\d\d(:\d\d)? · 1 device silenced/,
    );
    expect(problems).toEqual([]);
  });

  it.each([
    ['wide', WIDE],
    ['telephone', TELEPHONE],
    ['dark telephone', { ...TELEPHONE, colorScheme: 'dark' }],
  ] as const)('fits a %s screen with an open form, and can be read', async (_, options) => {
    const { page } = await open(sitePath(), options);
    await page.locator('.act summary').first().click();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
  });
});
