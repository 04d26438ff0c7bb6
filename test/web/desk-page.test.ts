/** The desk's page in a real browser: live without losing the reader's place, honest about what is unknown, deaf to hostile text. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { device, deviceState } from '../fakes/hub.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, TELEPHONE, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, internetDown, type SampleDevice, troubledHome } from './sample-homes.ts';

const LOW_CONTRAST = readFileSync(new URL('./low-contrast.js', import.meta.url), 'utf8');

describe.skipIf(!existsSync(CHROMIUM))('the page of the desk', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;
  let home: SampleDevice[];

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    home = troubledHome(live.random, Date.now());
    await sendHome(home);
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function sendHome(devices: SampleDevice[]): Promise<void> {
    const now = Date.now();
    const alerts = [downAlert(devices[1]!.device, now, 12, 'It stopped at once.'), internetDown(now, 5)];
    await hub.send(hub.hub.entry('snapshot', homeSnapshot(live.random, devices, alerts, now)));
  }

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<{ page: Page; problems: string[]; outside: string[] }> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const problems: string[] = [];
    const outside: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a dialog opened')));
    page.on('request', (request) => !request.url().startsWith(live.desk.url) && outside.push(request.url()));
    await page.goto(live.desk.url + path);
    await page.waitForSelector('.live.on');
    return { page, problems, outside };
  }

  const sitePath = (): string => `sites/${hub.hub.site}`;

  it('says what a device is, who says so, what is doubtful and what would tell more', async () => {
    const { page, problems } = await open(sitePath());
    const nas = page.locator('#devices li', { hasText: 'NAS cellar' });
    await nas.locator('summary').first().click();
    const rows = await nas.locator('.identity tbody tr').allTextContents();
    expect(rows.map((row) => row.replace(/\s+/g, ' ').trim())).toEqual([
      'NameNAS cellarits mDNS announcement _http._tcp, very likely',
      'Kindstorageits UPnP description Basic:1, certain',
      'VendorSynologyregister of hardware addresses, a guess',
      'ModelDS923+or RackStation, as another source saysits UPnP description Basic:1, certain',
      'FirmwareDSM 7.2.2its web page, port 5000, likely',
    ]);
    expect(await nas.locator('.identity').textContent()).toContain('http, smb, afpovertcp, basic:1');
    expect(await nas.locator('.identity').textContent()).toContain('What it shows at http://192.168.1.20/ may tell.');
    expect(problems).toEqual([]);
  });

  it('shows first what is wrong, then every device, worst first', async () => {
    const { page, problems, outside } = await open(sitePath());
    expect(await page.locator('.alert h3').allTextContents()).toEqual([
      'No internet: the router answers, the world beyond it does not',
      'NAS cellar does not answer',
    ]);
    expect(await page.locator('.alert .not').first().textContent()).toContain('It is not the hub');
    const states = await page.locator('#devices > li').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state')));
    expect(states).toHaveLength(60);
    expect(states.slice(0, 4)).toEqual(['down', 'down', 'suspect', 'asleep']);
    expect(await page.locator('.private').textContent()).toContain('7 personal devices');
    expect([...problems, ...outside]).toEqual([]);
  });

  it('changes under the reader without moving scroll, focus, search, filter or open rows', async () => {
    const { page, problems } = await open(sitePath());
    await page.keyboard.press('/');
    await page.keyboard.type('camera');
    await page.locator('[data-filter=up]').click();
    const rows = page.locator('#devices > li:visible');
    await rows.first().locator('summary').click();
    await page.locator('#search').focus();
    await page.evaluate('scrollTo(0, 333)');
    await page.evaluate("document.querySelector('#devices > li:not([hidden])').sameNode = true");
    expect(await rows.count()).toBe(7);

    const camera = home.find(({ device: one }) => one.name === 'Camera 8')!;
    await hub.send(hub.hub.entry('device.state', deviceState(camera.device.id, 'down', Date.now(), { reason: 'no answer' })));
    await rows.nth(5).waitFor();
    await until(async () => (await rows.count()) === 6);
    expect(await page.locator('[data-filter=down]').textContent()).toBe('down 3');
    expect(await page.evaluate('scrollY')).toBe(333);
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    expect(await page.locator('#search').inputValue()).toBe('camera');
    expect(await page.locator('[data-filter=up]').getAttribute('aria-pressed')).toBe('true');
    expect(await rows.first().locator('details').getAttribute('open')).not.toBeNull();
    expect(await page.evaluate("'sameNode' in document.querySelector('#devices > li:not([hidden])')")).toBe(true);
    expect(problems).toEqual([]);
  });

  it('brings search and filter back with the address', async () => {
    const { page } = await open(`${sitePath()}?q=sonos+3`);
    expect(await page.locator('#devices > li:visible .name b').allTextContents()).toEqual(['Sonos 3']);
  });

  it('shows a new alert on the overview within two seconds', async () => {
    const { page } = await open('');
    const before = await page.locator('[data-alert]').count();
    const tv = home.find(({ device: one }) => one.name === 'TV 5')!.device;
    const startedMs = performance.now();
    await hub.send(hub.hub.entry('alert.raised', downAlert(tv, Date.now(), 0, 'No answer.')));
    await page.locator('h3', { hasText: 'TV 5 does not answer' }).waitFor();
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(await page.locator('[data-alert]').count()).toBe(before + 1);
    expect(await page.locator('h1').textContent()).toBe('3 things are wrong in 1 home');
    expect(await page.locator('#announce').textContent()).toBe('3 firing now');
  });

  it('says that a time is of yesterday, however few hours ago that is', async () => {
    const lastNightAt = new Date().setUTCHours(0, 0, 0, 0) - 60_000;
    const minutesAgo = (Date.now() - lastNightAt) / 60_000;
    await hub.send(hub.hub.entry('alert.raised', downAlert(home[13]!.device, Date.now(), minutesAgo, 'Since last night.')));
    const { page } = await open(sitePath(), { ...WIDE, timezoneId: 'UTC', locale: 'en-GB' });
    expect(await page.locator('.alert .when').allTextContents()).toContainEqual(expect.stringContaining('since yesterday 23:59:00'));
    await sendHome(home);
  });

  it('shows text from devices and people as text: no script, no link, no reversed line', async () => {
    const hostile = [
      '<img src=x onerror=alert(1)>',
      '"><script>alert(2)</script>',
      "'--><svg/onload=alert(3)>",
      '\u202e\u2066evil\u0000',
      'javascript:alert(4)',
      'http://example.com/',
      'שלום NAS',
      '{{alert(5)}}',
      '&lt;b&gt;',
      'x'.repeat(128),
    ];
    const other = await live.hub('<b>Home</b>" onload="alert(6)');
    const entries = hostile.flatMap((text, i) => {
      const one = device(troubledHome(live.random, 0)[0]!.device.id, {
        name: text,
        vendor: text,
        model: text,
        kind: text.slice(0, 48),
        firmware: text,
        serial: text,
        ips: [text.slice(0, 45)],
        macs: [text.slice(0, 17)],
        seenBy: [text.slice(0, 16)],
      });
      const alert = { ...downAlert(one, Date.now(), 1, text), title: text, key: `device-down:${i}` };
      return [
        other.hub.entry('device.added', one),
        other.hub.entry('device.state', deviceState(one.id, 'down', Date.now(), { reason: text })),
        other.hub.entry('alert.raised', alert),
      ];
    });
    await other.send(...entries);
    // People write as they like, too.
    for (const text of hostile) {
      await live.keep(other, 'contacts', { name: text, role: 'other', other: text, language: text, about: text });
      await live.keep(other, 'notes', { text, pinned: true });
    }
    const opened = await fetch(`${live.desk.url}api/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ site: other.hub.site, title: hostile[0], text: hostile[1], by: hostile[2] }),
    });
    const { ticket } = (await opened.json()) as { ticket: { number: number } };
    for (const path of ['', `sites/${other.hub.site}`, `tickets/${ticket.number}`]) {
      const { page, problems, outside } = await open(path);
      for (const summary of await page.locator('#devices summary').all()) await summary.click();
      await wait(300);
      expect(await page.locator('script:not([src]), img[src=x], svg, main b b, [onload], [onerror]').count()).toBe(0);
      const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
      expect(links.filter((href) => !/^(\/|#main)/.test(href))).toEqual([]);
      if (!path.startsWith('tickets')) expect(await page.locator('h3').allTextContents()).toContain('<img src=x onerror=alert(1)>');
      if (path !== '') expect(await page.locator('.people .who b').allTextContents()).toContain('<img src=x onerror=alert(1)>');
      expect(await page.content()).not.toMatch(/[\u202e\u2066]/);
      expect([...problems, ...outside]).toEqual([]);
    }
  });

  it('fits a telephone and keeps contrast, light and dark', async () => {
    for (const size of [WIDE, TELEPHONE]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const path of ['', sitePath()]) {
          const { page } = await open(path, { ...size, colorScheme });
          for (const summary of (await page.locator('main summary').all()).slice(0, 6)) await summary.click();
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
          expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
        }
      }
    }
  });

  it('says so when the connection to the desk is lost, and is live again afterwards', async () => {
    const { page } = await open('');
    await page.route('**/api/v1/stream', (route) => route.abort());
    await page.goto(live.desk.url);
    await page.locator('#lost').waitFor({ state: 'visible' });
    expect(await page.locator('#lost').textContent()).toContain('What you see is from');
    await page.unroute('**/api/v1/stream');
    await page.locator('.live.on').waitFor();
    expect(await page.locator('#lost').isVisible()).toBe(false);
  });

  it('says that what it shows is old while the desk cannot make the page, though its stream goes on', async () => {
    const { page } = await open('');
    await page.route(live.desk.url, (route) =>
      route.fulfill({ status: 500, contentType: 'text/html', body: '<main id="main">calm</main>' }),
    );
    const alerts = await page.locator('[data-alert]').count();
    await hub.send(hub.hub.entry('alert.raised', downAlert(home[9]!.device, Date.now(), 1, 'New trouble.')));
    await page.locator('#lost').waitFor({ state: 'visible' });
    expect(await page.locator('[data-alert]').count()).toBe(alerts);
    expect(await page.locator('.live.on').count()).toBe(0);
    await page.unroute(live.desk.url);
    await page.locator('.live.on').waitFor();
    expect(await page.locator('#lost').isVisible()).toBe(false);
    expect(await page.locator('[data-alert]').count()).toBe(alerts + 1);
  });

  it('gives its stream back while nobody sees it, and is current when it is seen again', async () => {
    const { page } = await open('');
    const streams: string[] = [];
    page.on('request', (request) => request.url().endsWith('/stream') && streams.push('opened'));
    page.on('requestfailed', (request) => request.url().endsWith('/stream') && streams.push('ended'));
    await page.evaluate(seen(false));
    await until(() => streams.join() === 'ended');
    await hub.send(hub.hub.entry('alert.raised', downAlert(home[11]!.device, Date.now(), 1, 'Unseen trouble.')));
    await wait(1500);
    const before = await page.locator('[data-alert]').count();
    await page.evaluate(seen(true));
    await page.locator('.live.on').waitFor();
    await until(async () => (await page.locator('[data-alert]').count()) === before + 1);
    expect(streams).toEqual(['ended', 'opened']);
  });
});

function seen(visible: boolean): string {
  return `Object.defineProperty(document, 'hidden', { value: ${!visible}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`;
}
