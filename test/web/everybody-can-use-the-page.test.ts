/** No page of the desk keeps anybody out who cannot see colours, uses a screen reader, or has a keyboard only: axe-core finds nothing on any of them. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { dayAfter, dayAt } from '../../src/base/time-zone.ts';
import { failedPage } from '../../src/web/failed-page.ts';
import type { Frame } from '../../src/web/parts.ts';
import { refusedPage } from '../../src/web/refused-page.ts';
import { jpeg } from '../builders/jpeg.ts';
import { device, supportEnding, verdict } from '../fakes/hub.ts';
import { axeViolations } from './axe.ts';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, openWatched, TELEPHONE, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, internetDown, troubledHome } from './sample-homes.ts';
import { silentTogether } from './silent-together.ts';

/** Where pictures of all pages in all looks are to go, for whoever wants to look at them. */
const { PICTURES } = process.env;

type Look = readonly [string, BrowserContextOptions];
const LOOKS: readonly Look[] = [
  ['wide', WIDE],
  ['wide and dark', { ...WIDE, colorScheme: 'dark' }],
  ['on a telephone', TELEPHONE],
  ['on a dark telephone', { ...TELEPHONE, colorScheme: 'dark' }],
];

const [WIDE_LIGHT, WIDE_DARK, SMALL_LIGHT, SMALL_DARK] = LOOKS as [Look, Look, Look, Look];
const looksOf = (i: number): readonly Look[] =>
  i === 0 || PICTURES ? LOOKS : [[WIDE_LIGHT, SMALL_DARK, WIDE_DARK, SMALL_LIGHT][i % 4] as Look];

describe.skipIf(!existsSync(CHROMIUM))('the desk', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;
  let sheet = '';
  let ticket = '';
  let incident = 0;
  let nas = '';

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    await live.hub('Quiet house');
    const now = Date.now();
    const home = troubledHome(live.random, now);
    const broken = home[1]!.device;
    nas = broken.id;
    await hub.send(
      hub.hub.entry(
        'snapshot',
        homeSnapshot(live.random, home, [downAlert(broken, now, 12, 'It stopped at once.'), internetDown(now, 5)], now),
      ),
    );
    const old = device(newRandomId(live.random), { name: 'Old router', kind: 'router', vendor: 'Acme', model: 'R1' });
    await hub.send(hub.hub.entry('device.added', old), hub.hub.entry('device.lifecycle', { device: old.id, verdict: verdict() }));
    await hub.send(hub.hub.entry('alert.raised', supportEnding(old.id, now, 90)));
    const over = { ...downAlert(home[5]!.device, now, 60, 'It was away.'), clearedAt: now - 1000, clearedBecause: 'it answers again' };
    await hub.send(
      hub.hub.entry('alert.raised', downAlert(home[5]!.device, now, 60, 'It was away.')),
      hub.hub.entry('alert.cleared', over),
    );
    await live.keep(hub, 'contacts', {
      name: 'Mrs Lindgren',
      role: 'owner',
      mobile: '+46 70 123 45 67',
      hours: '8-18',
      about: 'Ring twice',
    });
    await live.keep(hub, 'contacts', { name: 'Mr Ek', role: 'neighbour', hasKey: true, email: 'ek@example.com', other: 'Signal' });
    await live.keep(hub, 'notes', { text: 'Dog in the garden', pinned: true });
    const [day, contract] = [
      dayAt('UTC', now),
      { makers: 'Synology; QNAP', amount: 1200, currency: 'EUR', evidence: 'Serial number\nPhoto of the label' },
    ];
    const storage = {
      ...contract,
      vendor: 'Synology',
      contract: 'C-4711',
      level: '24x7',
      phone: '+49 211 555 0100',
      url: 'https://help.example.com',
    };
    await live.keep(hub, 'contracts', { ...storage, all: true, lastDay: dayAfter(day, 20) });
    await live.keep(hub, 'contracts', { ...contract, vendor: 'Sonos', contract: 'S-1', kinds: 'speaker', lastDay: dayAfter(day, -1) });
    await live.keep(hub, 'visits', {
      day: '2026-01-02',
      who: 'Tom',
      why: 'The NAS was loud',
      done: 'Swapped its fan',
      nextDue: '2026-06-01',
    });
    await live.keep(hub, 'pictures', { caption: 'The rack in the cellar', jpeg: jpeg().toString('base64') });
    await live.keep(hub, 'links', { title: 'Drawing of the rack', address: 'https://files.example/rack.pdf' });
    incident = await silentTogether(live.file, live.random, now);
    const page = await open('');
    await page.locator('a[href^="/tickets/"]').first().waitFor();
    sheet = (await page.locator('a[href$="/playbook"]').first().getAttribute('href')) ?? '';
    ticket = (await page.locator('a[href^="/tickets/"]').first().getAttribute('href')) ?? '';
    await page.context().close();
    for (const [version, vendor] of ['Synology', 'Cable Co'].entries()) {
      const body = JSON.stringify({ do: 'vendor', vendor, case: `K-${version}`, by: 'Ben', version: version + 1 });
      const headers = { 'content-type': 'application/json' };
      await fetch(`${live.desk.url}api/v1${ticket}/steps`, { method: 'POST', headers, body });
    }
    const body = JSON.stringify({ do: 'vendor-reached', entry: 2, tier: 'qualified', by: 'Ben', version: 3 });
    await fetch(`${live.desk.url}api/v1${ticket}/steps`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<Page> {
    const { page } = await openWatched(browser, live, path, options);
    return page;
  }

  const PAGES: readonly (readonly [string, () => string])[] = [
    ['all homes', () => ''],
    ['what was searched for', () => '?q=NAS'],
    ['a search without result', () => '?q=nothing-like-this'],
    ['a home in trouble', () => `sites/${hub.hub.site}`],
    ['a device in trouble', () => `sites/${hub.hub.site}/devices/${nas}`],
    ['all homes by trouble', () => 'fleet'],
    ['the heat of a month', () => 'fleet/heat'],
    ['the settings', () => 'settings'],
    ['the tickets', () => 'tickets'],
    ['a ticket', () => ticket.slice(1)],
    ['the contracts', () => 'contracts'],
    ['the pack of a ticket', () => `${ticket.slice(1)}/pack`],
    ['an incident of many homes', () => `incidents/${incident}`],
    ['a report', () => 'reports'],
    ['all playbooks', () => 'playbooks'],
    ['a playbook', () => 'playbooks/nas-down'],
    ['the playbook of an alert', () => sheet.slice(1)],
    ['an address that leads nowhere', () => 'sites/nowhere'],
  ];

  // The first page in all four looks, each other one in one of them, in turn: they share their colours and their frame.
  it.each(PAGES.flatMap(([name, path], i) => looksOf(i).map(([look, options]) => [name, look, path, options] as const)))(
    'shows %s, %s, without anything that keeps people out',
    async (name, look, path, options) => {
      const page = await open(path(), options);
      onTestFinished(() => page.context().close());
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/${`${name} ${look}`.replaceAll(' ', '-')}.png`, fullPage: true });
      expect(await axeViolations(page)).toEqual([]);
    },
  );

  it.each([WIDE_LIGHT, SMALL_DARK])('says %s that it failed, or refused something, so that everybody understands', async (_, options) => {
    const frame: Frame = { now: Date.now(), status: live.desk.status() };
    for (const body of [await failedPage(frame, 'the disk is full'), await refusedPage(frame, 'a name is needed', '/')]) {
      const page = await open('', options);
      onTestFinished(() => page.context().close());
      await page.route('**/failing', (route) => route.fulfill({ status: 500, contentType: 'text/html', body: String(body) }));
      await page.goto(`${live.desk.url}failing`);
      await until(async () => (await page.locator('h1').count()) === 1);
      expect(await axeViolations(page)).toEqual([]);
    }
  });

  it.each([SMALL_DARK])('says %s what goes when a home is forgotten', async (look, options) => {
    const page = await open('', options);
    onTestFinished(() => page.context().close());
    await page.goto(`${live.desk.url}sites/${hub.hub.site}/forget`);
    await until(async () => (await page.locator('main li').count()) > 2);
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/forget-${look.replaceAll(' ', '-')}.png`, fullPage: true });
    expect(await axeViolations(page)).toEqual([]);
  });

  it('is held against a tool that finds faults: a page without a language, and a picture without words', async () => {
    const page = await open('');
    onTestFinished(() => page.context().close());
    await page.evaluate("document.documentElement.removeAttribute('lang'); document.querySelector('main').append(new Image())");
    expect((await axeViolations(page)).map((violation) => violation.split(':')[0])).toEqual(
      expect.arrayContaining(['html-has-lang', 'image-alt']),
    );
  });
});
