/** From an alert to a person who acts, in a real browser: the queue, a ticket, each step, and what stays of it. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CHROMIUM, LiveDesk, type LiveHub, launchBrowser, openWatched, TELEPHONE, unfold, until, WIDE } from './desk-page.ts';
import { downAlert, homeSnapshot, type SampleDevice, troubledHome } from './sample-homes.ts';

describe.skipIf(!existsSync(CHROMIUM))('tickets on the page', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let hub: LiveHub;
  let home: SampleDevice[];

  beforeAll(async () => {
    await live.start();
    browser = await launchBrowser();
    hub = await live.hub('Lindgren residence');
    home = troubledHome(live.random, Date.now());
    await told([downAlert(home[1]!.device, Date.now(), 12, 'It stopped at once.')]);
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  const told = (alerts: ReturnType<typeof downAlert>[]) =>
    hub.send(hub.hub.entry('snapshot', homeSnapshot(live.random, home, alerts, Date.now())));
  const open = async (path: string, options: BrowserContextOptions = WIDE): Promise<{ page: Page; problems: string[] }> => {
    const opened = await openWatched(browser, live, path, options);
    onTestFinished(opened.close);
    return opened;
  };
  const ticketsNow = async (): Promise<{ number: number; title: string; state: string }[]> => {
    const response = await fetch(`${live.desk.url}api/v1/tickets`);
    return ((await response.json()) as { tickets: { number: number; title: string; state: string }[] }).tickets;
  };

  it('lead from the alert through every step to its end, with who did what', { timeout: 90_000 }, async () => {
    const { page, problems } = await open('');
    await page
      .locator('.alert a', { hasText: /^ticket \d+$/ })
      .first()
      .click();
    await page.waitForSelector('section[aria-labelledby=done-h]');
    expect(await page.locator('.banner[data-key=unanswered]').textContent()).toMatch(/No first answer yet/);
    const step = async (title: string, fill: (form: ReturnType<Page['locator']>) => Promise<void>): Promise<void> => {
      const form = page.locator('details.act', { has: page.getByText(title, { exact: true }) }).first();
      await unfold(form);
      if ((await form.locator('[name=by]').inputValue()) === '') await form.locator('[name=by]').fill('Ben');
      await fill(form);
      await form.locator('button[type=submit]').click();
      // Asked as one question: it may go away between two.
      await until(async () => (await page.locator('details.act[open]', { has: page.getByText(title, { exact: true }) }).count()) === 0);
    };
    const done = () => page.locator('section[aria-labelledby=done-h] .what').allTextContents();
    await step('Take it', async () => {});
    await until(async () => /in work.*Ben has it/.test((await page.locator('.facts').textContent()) ?? ''));
    await step('Answer the client', async (form) => {
      expect(await form.locator('[name=by]').inputValue(), 'the name is remembered').toBe('Ben');
      await form.locator('[name=channel]').selectOption('phone');
      await form.locator('[name=text]').fill('<script>alert(1)</script> She looks at the plug.');
    });
    await until(async () => (await page.locator('.banner[data-key=unanswered]').count()) === 0);
    await step('Hand it over', async (form) => {
      await form.locator('[name=to]').selectOption('advanced');
      await form.locator('[name=consentFrom]').fill('Mrs Lindgren');
      await form.locator('[name=rate]').fill('95 an hour');
    });
    await step('Resolve it', async (form) => {
      await form.locator('[name=outcome]').selectOption('workaround');
      await form.locator('[name=text]').fill('By cable for now.');
    });
    await until(async () => (await page.locator('.facts').textContent())?.includes('resolved: works around it') === true);
    await until(async () => (await done()).length === 5);
    expect(await done()).toEqual([
      'Ben resolved it: works around itBy cable for now.',
      'Ben moved it to advanced support (the dealer, billed)Mrs Lindgren agreed to 95 an hour',
      'Ben answered the client (phone)<script>alert(1)</script> She looks at the plug.',
      'Ben took it',
      `desk opened itNAS cellar does not answer`,
    ]);
    expect(problems).toEqual([]);
  });

  it('are opened by hand for what no hub sees, on a telephone too, and come into an open queue by themselves', async () => {
    const queue = await open('tickets');
    const { page, problems } = await open(`sites/${hub.hub.site}`, TELEPHONE);
    const form = page.locator('details.act', { hasText: 'Open a ticket by hand' }).first();
    await unfold(form);
    await form.locator('[name=by]').fill('Anna');
    await form.locator('[name=title]').fill('Netflix does not play');
    await form.locator('button[type=submit]').click();
    await page.waitForURL('**/tickets/*');
    expect(await page.locator('h1').textContent()).toMatch(/Netflix does not play/);
    await until(async () => (await queue.page.locator('main').textContent())?.includes('Netflix does not play') === true);
    expect((await ticketsNow()).find(({ title }) => title === 'Netflix does not play')).toMatchObject({ state: 'new' });
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    expect([...problems, ...queue.problems]).toEqual([]);
  });

  it('say so to whoever was slower, and lose nothing of what was done', async () => {
    const byHand = (await ticketsNow()).find(({ title }) => title === 'Netflix does not play');
    const { page } = await open(`tickets/${byHand?.number}`);
    const form = page.locator('details.act', { hasText: 'Note something' }).first();
    await unfold(form);
    await form.locator('[name=by]').fill('Cem');
    await form.locator('[name=text]').fill('I look at it.');
    // As on a page that has missed what others did.
    await form.locator('[name=version]').evaluate((field) => field.setAttribute('value', '99'));
    await form.locator('button[type=submit]').click();
    const said = () => form.locator('[name=by]').evaluate((field: { validationMessage: string }) => field.validationMessage);
    await until(async () => /Somebody changed it/.test(await said()));
    expect(await form.locator('[name=text]').inputValue()).toBe('I look at it.');
    expect(await page.locator('.facts').textContent()).toMatch(/nobody has it/);
    // The page has been brought up to date meanwhile: what was said must not stand in the way of the next try.
    await until(async () => (await form.locator('[name=version]').getAttribute('value')) === '1');
    await form.locator('button[type=submit]').click();
    await until(async () => /I look at it/.test((await page.locator('section[aria-labelledby=done-h]').textContent()) ?? ''));
  });

  it('show a home as it was photographed: drawn anew in the browser, small enough to be kept', async () => {
    const { page } = await open(`sites/${hub.hub.site}`);
    await page.getByText('Add a picture', { exact: true }).click();
    const form = page.locator('form', { has: page.locator('[name=jpeg]') });
    await form.locator('[name=by]:focus').waitFor();
    await form.locator('[name=by]').fill('Ben');
    await form.locator('[name=caption]').fill('The rack');
    const choose = (name: string, mimeType: string, buffer: Buffer) =>
      form.locator('[name=jpeg]').setInputFiles({ name, mimeType, buffer });
    await choose('rack.txt', 'text/plain', Buffer.from('no picture'));
    await form.locator('button').click();
    const trouble = () =>
      form.locator('[name=jpeg]').evaluate((field) => (field as unknown as { validationMessage: string }).validationMessage);
    await until(async () => (await trouble()).includes('cannot show it'));
    await choose('rack.bmp', 'image/bmp', greyBitmap(2000, 500));
    await form.locator('button').click();
    const shown = page.locator('.pictures img[alt="The rack"]');
    await shown.scrollIntoViewIfNeeded();
    const sizeOf = (img: unknown): number[] => {
      const { naturalWidth, naturalHeight } = img as { naturalWidth: number; naturalHeight: number };
      return [naturalWidth, naturalHeight];
    };
    await until(async () => (await shown.evaluate(sizeOf)).join() === '1600,400');
    const body = await (await fetch(new URL((await shown.getAttribute('src')) ?? '', live.desk.url))).arrayBuffer();
    expect(Buffer.from(body).subarray(0, 3).toString('hex')).toBe('ffd8ff');
  });

  it('know whom to call: written down by hand, and kept from whoever did not see what somebody else has changed', async () => {
    const { page, problems } = await open(`sites/${hub.hub.site}`);
    const add = page.locator('details[data-key=add-contact]');
    await unfold(add);
    await add.locator('[name=by]').fill('Cem');
    await add.locator('[name=name]').fill('Mrs Lindgren');
    await add.locator('[name=mobile]').fill('+46 70 123 45 67');
    await add.locator('[name=hours]').fill('at tea time');
    await add.locator('button').click();
    const said = () => add.locator('[name=hours]').evaluate((field: { validationMessage: string }) => field.validationMessage);
    await until(async () => (await said()).includes('mon-fri 8-18'));
    await add.locator('[name=hours]').fill('8-20');
    await add.locator('button').click();
    const row = page.locator('.people > li');
    await until(
      async () =>
        (await row
          .locator('a')
          .getAttribute('href')
          .catch(() => '')) === 'tel:+46701234567',
    );
    const change = row.locator('details.act').first();
    await unfold(change);
    await change.locator('[name=about]').fill('Speaks slowly.');
    const { contacts } = (await (await fetch(`${live.desk.url}api/v1/sites/${hub.hub.site}/contacts`)).json()) as { contacts: object[] };
    const other = { ...contacts[0], do: 'change', by: 'Dan', mobile: '+46 70 765 43 21' };
    await fetch(`${live.desk.url}api/v1/sites/${hub.hub.site}/contacts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(other),
    });
    await page.locator('.drafts textarea').waitFor();
    expect(await page.locator('.drafts textarea').inputValue()).toBe('Speaks slowly.');
    expect(await row.textContent()).toContain('+46 70 765 43 21');
    expect(await row.textContent()).not.toContain('Speaks slowly');
    expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
  });
});

/** A BMP of 24 bits a pixel: every browser shows it, and no JPEG is in it. */
function greyBitmap(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(54 + width * height * 3, 0x80);
  bytes.fill(0, 0, 54);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}
