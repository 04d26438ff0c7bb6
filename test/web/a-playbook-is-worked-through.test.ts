/** Somebody at the desk opens what to do about an alert, ticks off steps, and finds them ticked later: on a telephone and on a wide screen, whatever devices call themselves. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { device } from '../fakes/hub.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, openWatched, TELEPHONE, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, troubledHome } from './sample-homes.ts';

const LOW_CONTRAST = readFileSync(new URL('./low-contrast.js', import.meta.url), 'utf8');
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  '**{since}** [x](javascript:alert(3))',
  '\u202e\u2066evil',
  'x'.repeat(128),
];

describe.skipIf(!existsSync(CHROMIUM))('a playbook on the page', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    const now = Date.now();
    const home = troubledHome(live.random, now).map((one) =>
      one.device.name === 'NAS cellar' ? { ...one, device: { ...one.device, kind: 'nas', room: 'Cellar' } } : one,
    );
    await hub.send(
      hub.hub.entry('snapshot', homeSnapshot(live.random, home, [downAlert(home[1]!.device, now, 12, 'It stopped at once.')], now)),
    );
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
  const nas = (page: Page) => page.locator('.alert', { hasText: 'NAS cellar' });
  const fold = (page: Page) => nas(page).locator('details.playbook');
  const box = (page: Page, tick: string) => fold(page).locator(`[data-tick=${tick}]`);

  it.each([
    ['wide screen', WIDE],
    ['dark wide screen', { ...WIDE, colorScheme: 'dark' }],
    ['telephone', TELEPHONE],
    ['dark telephone', { ...TELEPHONE, colorScheme: 'dark' }],
  ] as const)('is opened on a %s, fits it, can be read, and names the device', async (_, options) => {
    const { page, problems } = await open(sitePath(), options);
    await fold(page).locator('summary').click();
    const text = (await fold(page).textContent()) ?? '';
    expect(text).toContain('NAS cellar, Synology DS923+, in Cellar');
    expect(text).toMatch(/Never have it unplugged or its power button held down/);
    expect(text).not.toMatch(/[{}]/);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is unfolded on its ticket, and stays folded for whoever folds it there', async () => {
    const { page, problems } = await open(sitePath());
    const ticket = await nas(page)
      .locator('a', { hasText: /^ticket/ })
      .getAttribute('href');
    await page.goto(new URL(ticket as string, page.url()).href);
    expect(await page.locator('details.playbook[open]').count()).toBe(1);
    await page.reload();
    await page.locator('details.playbook[open] > summary').click();
    await until(async () => (await page.locator('details.playbook[open]').count()) === 0);
    await page.reload();
    await until(async () => (await page.locator('details.playbook:not([open])').count()) === 1);
    await page.locator('details.playbook > summary').click();
    await page.reload();
    await until(async () => (await page.locator('details.playbook[open]').count()) === 1);
    expect(problems).toEqual([]);
  });

  it('keeps what is ticked off and that it is open: through changes of the home, a reload, on the page of all homes and on its own', async () => {
    const { page, problems } = await open(sitePath());
    await fold(page).locator('summary').click();
    await fold(page).locator('label', { hasText: 'Since when' }).or(box(page, 'look-1').locator('..')).first().click();
    await box(page, 'ask-2').check();
    await hub.send(hub.hub.entry('alert.raised', downAlert(device(newRandomId(live.random), { name: 'Another' }), Date.now(), 1, 'x')));
    await page.locator('h3', { hasText: 'Another' }).waitFor();
    expect(await box(page, 'look-1').isChecked()).toBe(true);
    await page.reload();
    await until(() => fold(page).evaluate((it) => (it as unknown as { open: boolean }).open));
    expect(await box(page, 'look-1').isChecked()).toBe(true);
    expect(await box(page, 'look-2').isChecked()).toBe(false);
    expect(await box(page, 'ask-2').isChecked()).toBe(true);
    await page.goto(live.desk.url);
    await until(() => box(page, 'ask-2').isChecked());
    await fold(page).locator('.own-page a').click();
    await page.waitForURL('**/playbook');
    await until(() => page.locator('[data-tick=ask-2]').isChecked());
    await page.locator('[data-tick=ask-2]').uncheck();
    await page.goBack();
    await until(async () => !(await box(page, 'ask-2').isChecked()));
    expect(problems).toEqual([]);
  });

  it('has its ticks back when its card comes back to the page', async () => {
    const { page } = await open(sitePath());
    await fold(page).evaluate((it) => ((it as unknown as { open: boolean }).open = true));
    await box(page, 'afar-1').check();
    await nas(page).evaluate((card) => (card as unknown as { remove(): void }).remove());
    await hub.send(hub.hub.entry('alert.raised', downAlert(device(newRandomId(live.random), { name: 'One more' }), Date.now(), 1, 'x')));
    await nas(page).waitFor();
    expect(await box(page, 'afar-1').isChecked()).toBe(true);
    expect(await box(page, 'look-3').isChecked()).toBe(false);
  });

  it('can be opened and printed without the script', async () => {
    const { page } = await open(sitePath(), { ...WIDE, javaScriptEnabled: false });
    await fold(page).locator('summary').click();
    expect(await fold(page).locator('li').first().isVisible()).toBe(true);
    await fold(page).locator('.own-page a').click();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.part-never').isVisible()).toBe(true);
    expect(await page.locator('header.top').isVisible()).toBe(false);
  });

  it('takes what devices call themselves for text, wherever it stands', async () => {
    const other = await live.hub('<b>Home</b>');
    const alerts = HOSTILE.map((text, i) => {
      const one = device(newRandomId(live.random), {
        name: text,
        vendor: text,
        model: text,
        kind: 'camera',
        firmware: text,
        serial: text,
        room: text,
        ips: [text.slice(0, 45)],
      });
      return [
        other.hub.entry('device.added', one),
        other.hub.entry('alert.raised', {
          ...downAlert(one, Date.now(), 1, text),
          title: `${i} ${text}`,
          key: `device-down:${text.slice(0, 60)}/${i}`,
        }),
      ];
    });
    await other.send(...alerts.flat());
    const { page, problems } = await open(`sites/${other.hub.site}`, TELEPHONE);
    for (const summary of await page.locator('details.playbook > summary').all()) await summary.click();
    expect(await page.locator('details.playbook[open]').count()).toBe(HOSTILE.length);
    const paths = await page.locator('.own-page a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    for (const path of paths) {
      await page.goto(live.desk.url + path.slice(1));
      expect(await page.locator('.part-never').count(), path).toBe(1);
      expect(await page.locator('script:not([src]), img[src=x], [onerror], a[href^=javascript]').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    }
    expect(problems).toEqual([]);
  });

  it('is found from the foot of every page, among all the others', async () => {
    const { page, problems } = await open('');
    await page.locator('footer a', { hasText: 'Playbooks' }).click();
    await page.locator('a', { hasText: 'The storage box (NAS) does not answer' }).click();
    expect(await page.locator('h1').textContent()).toBe('The storage box (NAS) does not answer');
    expect(await page.locator('[data-tick]').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
