/** The desk by keyboard: down the rows, into a ticket, to what people do; and what somebody was typing stays when somebody else was quicker. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { axeViolations } from './axe.ts';
import { CHROMIUM, LiveDesk, launchBrowser, openWatched, unfold, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, troubledHome } from './sample-homes.ts';

describe.skipIf(!existsSync(CHROMIUM))('a person at a keyboard', () => {
  const live = new LiveDesk();
  let browser: Browser;

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    const hub = await live.hub('Lindgren residence');
    await live.hub('Quiet house');
    const [now, home] = [Date.now(), troubledHome(live.random, Date.now())];
    const alerts = [downAlert(home[1]!.device, now, 12, 'It stopped.'), downAlert(home[5]!.device, now, 5, 'It went.')];
    await hub.send(hub.hub.entry('snapshot', homeSnapshot(live.random, home, alerts, now)));
    await until(async () => (await tickets()).length === 2);
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function tickets(): Promise<{ number: number; version: number; assignee?: string; state: string }[]> {
    const answer = (await (await fetch(`${live.desk.url}api/v1/tickets`)).json()) as {
      tickets: { number: number; version: number; state: string }[];
    };
    return answer.tickets;
  }

  async function open(path: string): Promise<Page> {
    const { page, problems, close } = await openWatched(browser, live, path, WIDE);
    onTestFinished(close);
    onTestFinished(() => expect(problems).toEqual([]));
    await page.locator('#live.on').waitFor();
    return page;
  }

  const focused = (page: Page) =>
    page.evaluate("(document.activeElement.closest('[data-key]') ?? document.activeElement).getAttribute('data-key')");

  it('goes down and up the rows, opens one, takes it and finds the form to resolve it', async () => {
    const page = await open('tickets');
    const rows = await page.locator('.sites > li').evaluateAll((all) => all.map((row) => row.getAttribute('data-key')));
    for (const [key, row] of [
      ['j', 0],
      ['j', 1],
      ['j', 1],
      ['k', 0],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused(page)).toBe(rows[row]);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tickets/*');
    await page.locator('#live.on').waitFor();
    await page.keyboard.press('a');
    await page.locator('[data-key=step-take] [name=by]:focus').waitFor();
    await page.keyboard.type('Ben j k');
    expect(await page.locator('[data-key=step-take] [name=by]').inputValue()).toBe('Ben j k');
    await page.keyboard.press('Enter');
    await until(async () => (await tickets()).some(({ assignee }) => assignee === 'Ben j k'));
    await page.locator('h1').click();
    await page.keyboard.press('e');
    await page.locator('[data-key=step-resolve][open]').waitFor();
  });

  it('comes from a row straight to the form behind it', async () => {
    const page = await open('tickets');
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page.waitForURL('**/tickets/*#step-answer');
    await page.locator('[data-key=step-answer][open]').waitFor();
  });

  it('searches from anywhere, sees the keys, and turns them off', async () => {
    const page = await open('tickets');
    await page.keyboard.press('/');
    await page.waitForURL('**/#search');
    await page.locator('#q:focus').waitFor();
    await page.locator('h1').click();
    await page.keyboard.press('?');
    await page.locator('#keys[open]').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.locator('#keys input').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    expect(await page.evaluate('document.activeElement.closest(".alert") === null')).toBe(true);
    await page.locator('#show-keys').click();
    await page.locator('#keys input').check();
    await page.locator('#keys button').click();
    await page.keyboard.press('j');
    await page.locator('.alert:focus').waitFor();
  });

  it('keeps what was typed when somebody else was quicker', async () => {
    const [, { number, version } = { number: 0, version: 0 }] = (await tickets()).toSorted((one, other) => one.number - other.number);
    const page = await open(`tickets/${number}`);
    await page.keyboard.press('r');
    await page.locator('[data-key=step-answer] :focus').waitFor();
    await page.locator('[data-key=step-answer] textarea').fill('She will look at the plug at noon.');
    const resolve = { version, by: 'Ann', do: 'resolve', outcome: 'workaround', text: 'By cable.' };
    const answer = await fetch(`${live.desk.url}api/v1/tickets/${number}/steps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(resolve),
    });
    expect(answer.status).toBe(200);
    await page.locator('.drafts textarea').waitFor();
    expect(await page.locator('.drafts textarea').inputValue()).toBe('She will look at the plug at noon.');
    expect(await axeViolations(page)).toEqual([]);
    await page.locator('.drafts button').click();
    expect(await page.locator('.drafts').count()).toBe(0);
  });

  it('keeps what is being typed while somebody else answers, and parts of the page go', async () => {
    const [{ number, version } = { number: 0, version: 0 }] = (await tickets()).toSorted((one, other) => one.number - other.number);
    const page = await open(`tickets/${number}`);
    await unfold(page.locator('[data-key=step-note]'));
    await page.locator('[data-key=step-note] textarea').fill('The plug is behind the shelf.');
    const before = await page.locator('#main').textContent();
    const response = await fetch(`${live.desk.url}api/v1/tickets/${number}/steps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version, by: 'Ann', do: 'answer', channel: 'phone', text: 'Called her.' }),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    await expect.poll(() => page.locator('#main').textContent(), { timeout: 20_000 }).not.toBe(before);
    expect(await page.locator('[data-key=step-note] textarea').inputValue()).toBe('The plug is behind the shelf.');
    expect(await focused(page)).toBe('step-note');
    expect(await page.locator('.drafts').count()).toBe(0);
  });
});
