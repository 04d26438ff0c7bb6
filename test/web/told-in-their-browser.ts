/**
 * Notices in a real browser: what the account page says where it may not or cannot be told, its worker, which shows what is pushed to it and leads a click to the ticket. There is no push
 * service here: its subscription is made up, and the browser's own tools push.
 */
import type { BrowserContext, CDPSession, Page, Worker } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { Said } from '../../src/desk/push/message.ts';
import { device } from '../fakes/hub.ts';
import { noticePolicy } from '../fakes/told-desk.ts';
import { axeViolations } from './axe.ts';
import { type LiveDesk, TELEPHONE, until, WIDE } from './desk-page.ts';
import { downAlert } from './sample-homes.ts';

/** Where pictures of the pages are to go, for whoever wants to look at them. */
const { PICTURES } = process.env;
const WORKER = '/assets/push-worker.js';
const TITLE = 'New: NAS does not answer';
const SAID: Said = { title: TITLE, body: 'Lindgren, ticket 1', tag: 'ticket 1', path: '/tickets/1', at: 1, stays: true, quiet: false };

/** As a browser with a push service would be: the desk takes it, and could post to it but for where that leads. */
const SUBSCRIBE = `for (const [name, isThere] of [['subscribe', () => true], ['getSubscription', () => sessionStorage.subscribed]])
  PushManager.prototype[name] = async () => {
    if (!isThere()) return null;
    sessionStorage.subscribed = 'yes';
    const keys = { p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', auth: 'BTBZMqHH6r4Tts7J_aSIgg' };
    const key = document.querySelector('[data-turn-on]').dataset.turnOn.replaceAll('-', '+').replaceAll('_', '/');
    const applicationServerKey = Uint8Array.from(atob(key), (sign) => sign.charCodeAt(0)).buffer;
    const endpoint = 'https://localhost:9/push/1';
    return { endpoint, options: { applicationServerKey }, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => true };
  }`;

/** Clicks a notice that leads there, and answers what the worker then asked its browser for. */
const CLICK = `async (path) => {
  const asked = [];
  clients.openWindow = async (url) => asked.push(url);
  WindowClient.prototype.focus = async function () { asked.push('focus ' + this.url); };
  await registration.showNotification('x', { tag: 'clicked', data: { path } });
  const [notification] = await registration.getNotifications({ tag: 'clicked' });
  dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return asked;
}`;

/** A browser in which a lead has just signed in; the desk has TOLD_IN_BROWSERS. */
type AtTheDesk = { readonly live: LiveDesk; readonly context: BrowserContext };

export const TOLD_IN_BROWSERS = noticePolicy(
  'pushServices: ["localhost:9"]\nreceivers: {browsers: {kind: web-push}}\nroutes: [{receivers: [browsers]}]',
);

/** Belongs into a describe whose desk and browser go on to be used. */
export function tellsInBrowsers(atTheDesk: () => AtTheDesk): void {
  let { live, context } = {} as AtTheDesk;
  let page: Page;
  let cdp: CDPSession;
  let origin: string;
  const problems: string[] = [];

  beforeAll(async () => {
    ({ live, context } = atTheDesk());
    origin = new URL(live.desk.url).origin;
    page = await context.newPage();
    cdp = await context.newCDPSession(page);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => /Content Security Policy/.test(message.text()) && problems.push(message.text()));
    context.on('request', (request) => request.url().startsWith(origin) || problems.push(`fetches ${request.url()}`));
  });

  const said = () => page.locator('[data-browsers] [data-said]');

  async function turnOn(): Promise<void> {
    await page.goto(`${origin}/account`);
    await page.getByLabel('Name of this browser').fill('desk PC');
    await page.getByRole('button', { name: 'Turn on notices in this browser' }).click();
  }

  it('that may not show notices, or has no push service, is told so in words', async () => {
    await cdp.send('Browser.setPermission', { permission: { name: 'notifications' }, setting: 'denied', origin });
    await turnOn();
    await said().getByText('Your browser does not let this page show notices').waitFor();
    await context.grantPermissions(['notifications'], { origin });
    await turnOn();
    await said().getByText('could not reach a push service').waitFor();
    expect(await page.locator('[data-browser]').count()).toBe(0);
  });

  it('that can be told is named on the page as this one, tested, and asked by no address within the network', async () => {
    await page.addInitScript(SUBSCRIBE);
    await turnOn();
    await page.locator('[data-browser]').getByText('this browser', { exact: true }).waitFor();
    expect(await page.locator('[data-browser]').textContent()).toMatch(/desk PC.*told of nothing yet/s);
    for (const [i, { viewport }] of [WIDE, TELEPHONE].entries()) {
      await page.setViewportSize(viewport!);
      for (const colorScheme of ['light', 'dark'] as const) {
        if (!PICTURES && (colorScheme === 'dark') !== (i === 1)) continue;
        await page.emulateMedia({ colorScheme });
        if (PICTURES || i === 0) expect([i, colorScheme, await axeViolations(page)]).toEqual([i, colorScheme, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')).toBe(false);
        if (PICTURES) await page.screenshot({ path: `${PICTURES}/browsers-${viewport!.width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.setViewportSize(WIDE.viewport!);
    await page.getByRole('button', { name: 'Send a test to desk PC' }).click();
    await said()
      .getByText(/did not take it: localhost leads to (127\.0\.0\.1|::1), which is no address of the internet/)
      .waitFor();
  });

  it('shows what is pushed to it, what is newer of a ticket in place of what is older, and leads a click to the ticket', async () => {
    const hub = await live.hub('Lindgren');
    await hub.send(
      hub.hub.entry('alert.raised', downAlert(device(newRandomId(live.random), { name: 'NAS' }), Date.now(), 12, 'It stopped at once.')),
    );
    const [ticket] = await live.desk.reader.tickets({ site: hub.hub.site, limit: 1 });
    const path = `/tickets/${ticket?.number}`;
    const ids: string[] = [];
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => ids.push(...registrations.map((one) => one.registrationId)));
    await cdp.send('ServiceWorker.enable');
    await until(() => ids.length > 0);
    const push = (data: string) => cdp.send('ServiceWorker.deliverPushMessage', { origin, registrationId: ids[0]!, data });
    const worker = context.serviceWorkers().find((one) => one.url().endsWith(WORKER)) as Worker;
    const shown = () =>
      worker.evaluate<(string | boolean)[][]>(
        'registration.getNotifications().then((all) => all.map(({ title, body, silent, requireInteraction }) => [title, body, silent, requireInteraction]))',
      );
    await push(JSON.stringify(SAID));
    await until(async () => (await shown()).length === 1);
    expect(await shown()).toEqual([[TITLE, 'Lindgren, ticket 1', false, true]]);
    // A browser opens a window for a real click only: what the worker asks for is looked at, then done.
    const click = (to: string) => worker.evaluate<string[]>(`(${CLICK})(${JSON.stringify(to)})`);
    expect([await click(path), await click('https://evil.example/'), await click('//evil.example/')]).toEqual([
      [origin + path],
      [`${origin}/tickets`],
      [`${origin}/tickets`],
    ]);
    await page.goto((await click(path))[0]!);
    expect(await page.locator('h1').textContent()).toContain('does not answer');
    expect(await click(path)).toEqual([`focus ${origin}${path}`]);
    await push(JSON.stringify({ ...SAID, title: 'Over by itself', quiet: true, stays: false }));
    await until(async () => (await shown())[0]?.[0] === 'Over by itself');
    await push('not of this desk');
    await until(async () => (await shown()).length === 2);
    expect((await shown()).map(([title, , silent]) => [title, silent]).sort()).toEqual([
      ['Over by itself', true],
      ['The desk has news', false],
    ]);
  });

  it('finds what it needs to put the desk on a home screen, where some are told only there', async () => {
    const { url, errors, data } = await cdp.send('Page.getAppManifest');
    expect([url, errors, JSON.parse(data ?? '')]).toMatchObject([
      `${origin}/assets/desk.webmanifest`,
      [],
      { display: 'standalone', start_url: '/tickets' },
    ]);
  });

  it('is told no more when its person removes it, and has loaded nothing from elsewhere', async () => {
    await page.goto(`${origin}/account`);
    await page.getByRole('button', { name: 'Remove desk PC' }).click();
    await page.locator('[data-browser]').waitFor({ state: 'detached' });
    await page.goto(`${origin}/people/log`);
    expect(await page.locator('.history').textContent()).toMatch(
      /turned off notices in a browser[\s\S]*desk PC[\s\S]*turned on notices in a browser/,
    );
    expect(problems).toEqual([]);
  });
}
