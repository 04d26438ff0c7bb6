/** Passkeys in a real browser with a device of the browser's own (WebAuthn's virtual authenticator): added, used at the door, offered there unasked, and removed. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHEAP, PASSWORD } from '../fakes/access-world.ts';
import { axeViolations } from './axe.ts';
import { CHROMIUM, LiveDesk, launchBrowser, TELEPHONE, unfold, WIDE } from './desk-page.ts';

/** Where pictures of the pages are to go, for whoever wants to look at them. */
const { PICTURES } = process.env;

describe.skipIf(!existsSync(CHROMIUM))('a passkey', () => {
  const live = new LiveDesk();
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let cdp: CDPSession;
  let device: string;
  let origin: string;
  const problems: string[] = [];

  beforeAll(async () => {
    await live.start({}, 0, undefined, { cost: CHEAP });
    origin = `http://localhost:${new URL(live.desk.url).port}`;
    browser = await launchBrowser();
    context = await browser.newContext(WIDE);
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await page.goto(live.desk.firstLink!.url.replace(/^http:\/\/127\.0\.0\.1:\d+/, origin));
    await page.getByLabel('Your name').fill('Maria Lopez');
    await page.getByLabel('Sign-in name').fill('maria');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('The same again').fill(PASSWORD);
    await page.locator('main button[type=submit]').click();
    await page.locator('.me').waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await live.stop();
  });

  async function addDevice(isVerified = true): Promise<string> {
    const options = { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal' } as const;
    const able = { hasResidentKey: true, hasUserVerification: true, isUserVerified: isVerified, automaticPresenceSimulation: true };
    return (await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, ...able } })).authenticatorId;
  }

  /** Both looks at both widths, for axe and for the eye. */
  async function show(name: string): Promise<void> {
    for (const [i, { viewport }] of [WIDE, TELEPHONE].entries()) {
      await page.setViewportSize(viewport!);
      for (const colorScheme of ['light', 'dark'] as const) {
        if (!PICTURES && (colorScheme === 'dark') !== (i === 1)) continue;
        await page.emulateMedia({ colorScheme });
        expect([name, i, colorScheme, await axeViolations(page)]).toEqual([name, i, colorScheme, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')).toBe(false);
        if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${viewport!.width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.setViewportSize(WIDE.viewport!);
    await page.emulateMedia({ colorScheme: 'light' });
  }

  /** With somebody at the device it answers at once, also where the browser only offers it beside the name. */
  const bePresent = (enabled: boolean) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: device, enabled });

  /** With somebody at the device the door would let him in again at once. */
  async function signOut(): Promise<void> {
    await bePresent(false);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
  }

  async function typePassword(): Promise<void> {
    await bePresent(false);
    await page.goto(`${origin}/sign-in?next=/account`);
    await page.getByLabel('Sign-in name').fill('maria');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
  }

  const credentials = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId: device })).credentials;

  it('is said to work elsewhere where it cannot', async () => {
    const other = await browser.newContext(WIDE);
    const there = await other.newPage();
    await there.goto(`${live.desk.url}sign-in`);
    expect(await there.locator('[data-passkey]').count()).toBe(0);
    await there.getByLabel('Sign-in name').fill('maria');
    await there.getByLabel('Password').fill(PASSWORD);
    await there.keyboard.press('Enter');
    await there.locator('.me').waitFor();
    await there.goto(`${live.desk.url}account`);
    expect(await there.locator('main').textContent()).toContain(`On this machine they work at ${origin}`);
    await other.close();
  });

  it('is added by its person, named, and not twice on one device', async () => {
    device = await addDevice();
    await page.goto(`${origin}/account`);
    await page.getByLabel('Name of the new one').fill('work telephone');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('never used').first().waitFor();
    const [made] = await credentials();
    expect(made).toMatchObject({ rpId: 'localhost', isResidentCredential: true, userName: 'maria', userDisplayName: 'Maria Lopez' });
    expect(await page.locator('[aria-labelledby=passkeys-h]').textContent()).toContain('work telephone');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('This device has a passkey for this desk already.').waitFor();
    await page.getByText('Make a token').click();
    await show('account');
  });

  it('lets in at the door without a name, and leads to where its person wanted to go', async () => {
    await signOut();
    await page.goto(`${origin}/people`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await show('door');
    await bePresent(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${origin}/people`);
    await page.goto(`${origin}/account`);
    expect(await page.locator('[aria-labelledby=where-h]').textContent()).toContain('with a passkey');
    expect((await credentials())[0]?.signCount).toBeGreaterThan(0);
  });

  it('is offered beside the name, and lets in from there without a press of any button', async () => {
    await signOut();
    // A page that already waits for the device would be answered too, or never: whoever comes to it then is.
    await page.goto('about:blank');
    await bePresent(true);
    await page.goto(`${origin}/sign-in?next=/playbooks`, { waitUntil: 'commit' });
    await page.waitForURL(`${origin}/playbooks`);
  });

  it('is refused by words, and no cookie, where the device does not look who it is, or its copy was used since', async () => {
    await signOut();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: false });
    await bePresent(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('No passkey was used').waitFor();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: true });
    const [credential] = await credentials();
    await cdp.send('WebAuthn.clearCredentials', { authenticatorId: device });
    await cdp.send('WebAuthn.addCredential', { authenticatorId: device, credential: { ...credential!, signCount: 0 } });
    await page.goto(`${origin}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('This passkey opens nothing here').waitFor();
    expect(await (await context.request.get(`${origin}/account`, { maxRedirects: 0 })).status()).toBe(303);
  });

  it('is removed by its person, and opens nothing from then on', async () => {
    await typePassword();
    await page.getByRole('button', { name: 'Remove work telephone' }).click();
    await page.locator('[aria-labelledby=passkeys-h] li').waitFor({ state: 'detached' });
    await page.goto(`${origin}/people/log`);
    expect(await page.locator('.history').textContent()).toMatch(/removed a passkey[\s\S]*work telephone/);
    await signOut();
    await bePresent(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('This passkey opens nothing here').waitFor();
    expect(problems).toEqual([]);
  });

  it('is not needed for a token that its person makes, limits, sees once and revokes', async () => {
    await typePassword();
    await unfold(page.locator('details', { hasText: 'Make a token' }));
    await page.getByLabel('What it is for').fill('night report');
    await page.getByLabel('read tickets').check();
    await page.getByRole('button', { name: 'Make it' }).click();
    const token = await page.locator('.link code').textContent();
    await show('token');
    const as = (path: string) => context.request.get(origin + path, { headers: { authorization: `Bearer ${token}`, cookie: '' } });
    expect(await (await as('/api/v1/me')).json()).toMatchObject({ kind: 'token', name: 'token: Maria Lopez / night report' });
    expect([(await as('/api/v1/tickets')).status(), (await as('/api/v1/people')).status()]).toEqual([200, 403]);
    await page.goto(`${origin}/account`);
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke night report' }).click();
    await page.getByText('night report').waitFor({ state: 'detached' });
    expect((await as('/api/v1/me')).status()).toBe(401);
  });
});
