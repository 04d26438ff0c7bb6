/** What is promised, in a real browser: the clock of a first answer runs out before the eyes of whoever looks, in words and not by colour alone. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import { device, deviceDown, deviceState } from '../fakes/hub.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, openWatched, TELEPHONE, WIDE } from './desk-page.ts';

const LOW_CONTRAST = readFileSync(new URL('./low-contrast.js', import.meta.url), 'utf8');
const POLICY = `version: "1"
since: 2026-01-01
standardPlan: priority
plans:
  priority:
    covers: {}
    firstAnswer: {within: 10min, warnShare: 0.5}
    visit: {reportBy: "23:58", until: "23:59", days: [mon, tue, wed, thu, fri, sat, sun]}
`;

describe.skipIf(!existsSync(CHROMIUM))('the page of a desk with a service policy', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;

  beforeAll(async () => {
    const read = readServicePolicy(POLICY);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    await live.start({}, 0, read.value);
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    const nas = newRandomId(live.random);
    const now = Date.now();
    await hub.send(
      hub.hub.entry('device.added', device(nas, { name: 'NAS cellar', kind: 'nas' })),
      hub.hub.entry('device.state', deviceState(nas, 'down', now)),
      hub.hub.entry('alert.raised', { ...deviceDown(nas, now), title: 'NAS cellar does not answer', actionableAt: now }),
    );
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  it.each([
    ['wide, light', { ...WIDE, colorScheme: 'light' as const }],
    ['a telephone, dark', { ...TELEPHONE, colorScheme: 'dark' as const }],
  ])('lets the clock run out before the eyes of whoever looks, in words (%s)', async (name, options) => {
    const { page, problems, close } = await openWatched(browser, live, '', options);
    onTestFinished(close);
    const due = page.locator('.service .due');
    expect(await due.textContent()).toMatch(/^first answer due (?:\w{3} \d{1,2}, )?\d\d:\d\d:\d\d, in \d+ (min|s)$/);
    expect(await page.locator('.service').textContent()).toMatch(/Priority.*visit (today|tomorrow) by 23:59/);
    // The page is not fetched anew while it is cut off: its own script has to notice.
    await page.context().setOffline(true);
    const past = async (ms: number): Promise<void> => {
      await due.evaluate((element, by) => {
        const at = Date.now() + (by as number);
        element.setAttribute('data-due', String(at));
        element.setAttribute('data-warn', String(at - 300_000));
        for (const time of element.querySelectorAll('time')) time.setAttribute('datetime', new Date(at).toISOString());
      }, ms);
    };
    await past(60_000);
    await expect.poll(() => due.textContent(), { timeout: 12_000 }).toMatch(/^Answer soon: first answer due .*, in \d+ s$/);
    await shoot(page, `promise-warned-${name}`);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    await past(-180_000);
    await expect.poll(() => due.textContent(), { timeout: 12_000 }).toMatch(/^Too late: first answer was due .*, 3 min ago$/);
    expect(await due.getAttribute('class')).toBe('due d-breached');
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    expect((widths as number[])[0]).toBeLessThanOrEqual((widths as number[])[1]!);
    expect(problems.filter((problem) => !/ERR_INTERNET_DISCONNECTED/.test(problem))).toEqual([]);
    await shoot(page, `promise-late-${name}`);
  });

  it('folds the plan of a home away until somebody asks', async () => {
    const { page, problems, close } = await openWatched(browser, live, `sites/${hub.hub.site}`, TELEPHONE);
    onTestFinished(close);
    const plan = page.locator('.plan-of-home');
    expect(await plan.locator('dl').isVisible()).toBe(false);
    await plan.locator('summary').click();
    expect(await plan.locator('dl').textContent()).toContain('First answerwithin 10 min, warned after 5 min, at any hour');
    await shoot(page, 'promise-plan');
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    expect(problems).toEqual([]);
  });
});

/** Where somebody wants to see it: `HB_SHOTS=folder`. */
async function shoot(page: { screenshot(options: { path: string; fullPage: boolean }): Promise<unknown> }, name: string): Promise<void> {
  const folder = process.env.HB_SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name.replaceAll(/[^a-z-]+/g, '-')}.png`, fullPage: true });
}
