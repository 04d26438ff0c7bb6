/** Many homes in a real browser: found and paged without the page's script too, and an open page that asks for itself anew only for what it shows. */
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { device, deviceState } from '../fakes/hub.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, TELEPHONE, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, troubledHome } from './sample-homes.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';

describe.skipIf(!existsSync(CHROMIUM))('many homes', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let shown: LiveHub;

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    shown = await live.hub('Lindgren residence');
    const home = troubledHome(live.random, Date.now());
    await shown.send(shown.hub.entry('snapshot', homeSnapshot(live.random, home, [], Date.now())));
    const hostile = await live.hub(HOSTILE);
    await hostile.send(hostile.hub.entry('device.added', device(newRandomId(live.random), { name: HOSTILE, model: 'Hostile 1' })));
    for (let i = 0; i < 60; i++) await live.desk.registerSite({ id: newRandomId(live.random), password: 'p', name: `Villa ${i}` });
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<{ page: Page; problems: string[]; asked: string[] }> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const [problems, asked]: [string[], string[]] = [[], []];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a dialog opened')));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(live.desk.url + path);
    return { page, problems, asked };
  }

  it('are searched on a telephone, without a script', async () => {
    const { page } = await open('', { ...TELEPHONE, javaScriptEnabled: false });
    await page.fill('[name=q]', 'nas cellar');
    await page.click('[role=search] button');
    expect(page.url()).toContain('/?q=nas+cellar');
    expect(await page.locator('.found li').count()).toBe(1);
    expect(await page.locator('.found li').textContent()).toMatch(/NAS cellar.*192\.168\.1\.20.*Lindgren residence/s);
    expect(await page.inputValue('[name=q]')).toBe('nas cellar');
    await page.click('.found a');
    expect(await page.locator('h1').textContent()).toBe('Lindgren residence');
  });

  it.each([
    ['wide', WIDE],
    ['on a telephone', TELEPHONE],
  ])('fit the screen, found and paged, %s', async (_, options) => {
    for (const path of ['?q=villa', '?q=camera', '?q=hostile', '?page=2', '?q=nowhere', '?q=%25']) {
      const { page, problems } = await open(path, options);
      await page.waitForSelector('.live.on');
      expect([path, await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')]).toEqual([path, 0]);
      expect([path, problems]).toEqual([path, []]);
    }
  });

  it('are paged by plain links that keep the search', async () => {
    const { page } = await open('?q=villa');
    expect(await page.locator('#found').textContent()).toContain('60 homes found');
    expect(await page.locator('.sites li').count()).toBe(50);
    await page.click('.pager [rel=next]');
    expect(await page.locator('.sites li').count()).toBe(10);
    expect(await page.locator('.pager').textContent()).toContain('Page 2 of 2');
    await page.waitForSelector('.live.on');
    await until(async () => (await page.locator('.sites li').count()) === 10);
  });

  it('are asked for anew when what is shown changes, and not for each change elsewhere', async () => {
    const { page, asked } = await open('?q=villa');
    await page.waitForSelector('.live.on');
    await wait(2500);
    const before = asked.length;
    const tv = newRandomId(live.random);
    for (let i = 0; i < 3; i++) {
      await shown.send(shown.hub.entry('device.state', deviceState(tv, i % 2 === 0 ? 'up' : 'down', Date.now())));
      await wait(1100);
    }
    expect(asked.slice(before)).toEqual([]);
    await shown.send(shown.hub.entry('alert.raised', downAlert(device(tv, { name: 'TV' }), Date.now(), 0, 'No answer.')));
    await until(() => asked.length > before);
    expect(asked.at(-1)).toContain('/?q=villa');
  });
});
