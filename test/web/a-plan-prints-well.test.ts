/** The replacement plan in a real browser: on a desk and a telephone, light and dark, and on paper. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { planPage } from '../../src/cli/render/plan-page.ts';
import { readLifecycleCatalogue, readServiceLives } from '../../src/platform/lifecycle-files.ts';
import { type Planned, planOf, SMITH_RESIDENCE } from '../builders/planned-home.ts';
import { CHROMIUM, launchBrowser, TELEPHONE, WIDE } from './desk-page.ts';

const LOW_CONTRAST = readFileSync(new URL('./low-contrast.js', import.meta.url), 'utf8');
const CATALOGUE = readLifecycleCatalogue();
const LIVES = readServiceLives();
const LOGO = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="120" height="36"/>').toString('base64')}`;
const BASIS = 'Based on the devices of this test, which are many, and on facts about products, which are some. '.repeat(3);
const HOSTILE = '<img src=https://far.example/x onerror=alert(1)><script>alert(2)</script></style><svg/onload=alert(3)>';

describe.skipIf(!existsSync(CHROMIUM))('the replacement plan', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-plan-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(home: readonly Planned[], options: BrowserContextOptions = WIDE): Promise<{ page: Page; problems: string[] }> {
    const file = join(folder, 'plan.html');
    const plan = planOf(home, CATALOGUE, LIVES);
    const paper = { home: 'Smith residence', dealer: 'Brightnest Home Systems', date: '2026-11-22', logo: LOGO, basis: BASIS };
    writeFileSync(file, await planPage(plan, paper));
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => problems.push(message.text()));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a dialog opened')));
    const own = pathToFileURL(file).href;
    page.on('request', (request) => request.url() !== own && request.url() !== LOGO && problems.push(`fetches ${request.url()}`));
    await page.goto(own);
    return { page, problems };
  }

  it('fits a desk and a telephone, light and dark, without scrolling sideways, with contrast, and fetches nothing', async () => {
    for (const size of [WIDE, TELEPHONE])
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, problems } = await open(SMITH_RESIDENCE, { ...size, colorScheme });
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
        expect(await page.locator('svg.timeline:visible').count()).toBe(1);
        expect(problems).toEqual([]);
      }
  });

  it('is one sheet for a dozen devices, A4 or Letter, and more with the heads of the table again for many', async () => {
    const { page } = await open(SMITH_RESIDENCE, { ...WIDE, colorScheme: 'dark' });
    expect(sheets(await page.pdf({ format: 'A4' }))).toBe(1);
    expect(sheets(await page.pdf({ format: 'Letter' }))).toBe(1);
    const many = SMITH_RESIDENCE.flatMap((device) =>
      ['North', 'South', 'East', 'West'].map((wing) => ({
        ...device,

        installed: device.installed ?? `20${wing.length + 10}`,
        room: wing,
      })),
    );
    const { page: estate } = await open(
      many.map((device, i) =>
        device.vendor === 'Shelly' ? { vendor: 'Acme', model: `Cam ${i}`, kind: 'camera', installed: '2018' } : device,
      ),
    );
    expect(await estate.locator('tbody tr:not(.group)').count()).toBeGreaterThan(30);
    expect(sheets(await estate.pdf({ format: 'A4' }))).toBeGreaterThan(2);
    await estate.emulateMedia({ media: 'print' });
    expect(await estate.evaluate("getComputedStyle(document.querySelector('thead')).display")).toBe('table-header-group');
  });

  it('is never dark on paper', async () => {
    const { page } = await open(SMITH_RESIDENCE, { ...WIDE, colorScheme: 'dark' });
    const ink = (): Promise<string> => page.evaluate("getComputedStyle(document.querySelector('h1')).color");
    expect(await ink()).toBe('rgb(233, 230, 224)');
    await page.emulateMedia({ media: 'print' });
    expect(await ink()).toBe('rgb(27, 31, 36)');
  });

  it('lets no two labels of the drawing meet, and none leave it', async () => {
    for (const size of [WIDE, TELEPHONE]) {
      const { page } = await open([...SMITH_RESIDENCE, { vendor: 'Acme', model: 'W'.repeat(80), kind: 'camera', installed: '2019' }], size);
      const met = await page.locator('svg.timeline:visible').evaluate((drawing) => {
        const labels = [...drawing.querySelectorAll('text')].map((label) => ({
          words: label.textContent,
          box: label.getBoundingClientRect(),
        }));
        const whole = drawing.getBoundingClientRect();
        return labels.flatMap(({ words, box }, i) => [
          ...(box.left < whole.left - 1 || box.right > whole.right + 1 ? [`${words} leaves`] : []),
          ...labels
            .slice(i + 1)
            .filter(
              (other) =>
                box.left < other.box.right &&
                other.box.left < box.right &&
                box.top + 2 < other.box.bottom &&
                other.box.top + 2 < box.bottom,
            )
            .map((other) => `${words} meets ${other.words}`),
        ]);
      });
      expect(met).toEqual([]);
    }
  });

  it('shows what devices call themselves as text', async () => {
    const { page, problems } = await open([
      { vendor: 'Bose', model: 'SoundTouch 20', kind: 'speaker', name: HOSTILE, room: HOSTILE },
      { name: HOSTILE },
      { vendor: HOSTILE, model: HOSTILE, kind: 'camera', installed: '2018' },
    ]);
    expect(await page.locator('script, img[src*=far], [onload], [onerror]').count()).toBe(0);
    expect(await page.locator('tbody bdi').allTextContents()).toContainEqual(expect.stringContaining('<img src=https://far.example/x'));
    expect(problems).toEqual([]);
  });
});

function sheets(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}
