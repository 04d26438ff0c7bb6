/** How long a desk with many homes takes for its pages and for what programs ask it, what its pages weigh, and how soon a browser shows one. */
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../src/base/clock.ts';
import { createDesk, type Desk } from '../../src/desk/desk.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { loadWebAssets } from '../../src/platform/web-assets.ts';
import { serveApp } from '../../src/platform/web-server.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { MemoryLink, silentLog } from '../fakes/desk-world.ts';
import { CHROMIUM, launchBrowser, WIDE } from '../web/desk-page.ts';
import { addRestlessDevice } from './fleet.ts';
import { LoadHome } from './load-home.ts';

export type PageFigures = {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
  readonly limit: number;
  readonly unit: 'ms' | 'kB';
};

export type PagesPlan = { readonly homes: number; readonly requests: number; readonly onProgress: (line: string) => void };

const LIMITS = { pageMs: 200, searchMs: 100, weightKb: 200, paintMs: 1000 } as const;
const PAINTS = 11;

/** What is over its limit, in words. */
export function faultsOf(figures: readonly PageFigures[]): string[] {
  return figures
    .filter(({ p95, limit }) => p95 >= limit)
    .map(({ name, p95, limit, unit }) => `${name}: ${p95.toFixed(1)} ${unit}, not below ${limit} ${unit}`);
}

export async function measurePages(database: DeskDatabase, plan: PagesPlan): Promise<PageFigures[]> {
  const link = new MemoryLink();
  const log = { debug() {}, info() {}, warn() {}, error: console.error };
  const desk = createDesk({ clock: STANDING, log, database, link, assets: loadWebAssets() });
  await desk.start();
  try {
    const figures: PageFigures[] = [];
    const restless = new LoadHome(plan.homes >> 1, Date.now());
    const restlessPath = `/sites/${restless.site}/devices/${await addRestlessDevice(database, restless, Date.now())}?days=90`;
    for (const asked of questions(plan.homes, restlessPath)) {
      figures.push(await timed(desk, asked, plan.requests));
      plan.onProgress(`${asked.name}: p95 ${figures.at(-1)?.p95.toFixed(1)} ms`);
    }
    return [...figures, ...(await weights(desk, plan.homes)), ...(existsSync(CHROMIUM) ? [await firstPaint(desk)] : [])];
  } finally {
    await desk.stop();
  }
}

/** No hub speaks here, and none is to be called silent for that: the time in which the desk has listened does not grow. */
const STANDING: Clock = { ...systemClock, now: () => ({ monoMs: 0, wallMs: Date.now() }) };

type Question = { readonly name: string; readonly limit: number; path(n: number): string };

/** Each time of another home or another word, so that nothing is answered from what was read a moment ago. */
function questions(homes: number, restlessPath: string): Question[] {
  const random = seededRandom('asked');
  const any = (): number => Math.floor(random.fraction() * homes);
  const site = (): string => new LoadHome(any(), Date.now()).site;
  const search = (name: string, word: (n: number) => string): Question => ({
    name: `search: ${name}`,
    limit: LIMITS.searchMs,
    path: (n) => `/api/v1/search?q=${encodeURIComponent(word(n))}`,
  });
  const deviceOf = (): string => {
    const home = new LoadHome(any(), Date.now());
    return `/sites/${home.site}/devices/${home.device(any()).device.id}`;
  };
  const page = (name: string, path: (n: number) => string): Question => ({ name, limit: LIMITS.pageMs, path });
  return [
    page('the page of all homes', () => '/'),
    page('homes, a later page', () => `/?page=${1 + Math.floor(any() / 50)}`),
    page('the page of a home', () => `/sites/${site()}`),
    page('the page of a device', deviceOf),
    page('a device that went up and down for years', () => restlessPath),
    page('the fleet by trouble', () => '/fleet'),
    page('the fleet, a later page', () => `/fleet?state=well&page=${1 + Math.floor(any() / 50)}`),
    page('the heat of a month', () => '/fleet/heat'),
    page('the settings', () => '/settings'),
    page('the queue of tickets', () => '/tickets'),
    page('/api/v1/sites?limit=200', () => `/api/v1/sites?limit=200&after=${site()}`),
    page('/api/v1/sites, a thousand at once', () => '/api/v1/sites'),
    page('/api/v1/alerts', () => '/api/v1/alerts'),
    page('/api/v1/alerts?firing=true', () => '/api/v1/alerts?firing=true'),
    page('/api/v1/sites/:id/devices', () => `/api/v1/sites/${site()}/devices`),
    search('a name and its number', () => `${new LoadHome(any(), Date.now()).name}`),
    search('a family name', (n) => ['lindgren', 'nguyen', 'Müller', 'ó briain', '山田'][n % 5] as string),
    search('the beginning of a site id', () => site().slice(0, 8)),
    search('a hardware address', () => new LoadHome(any(), Date.now()).device(any()).device.macs[0] ?? ''),
    search('an address that thousands of devices have', (n) => `192.168.1.${1 + (n % 60)}`),
    search('the beginning of all addresses', () => '192.168.'),
    search('a model', (n) => ['QE65Q80', 'hqp7-2', 'M3086', 'udm pro', 'ds923+'][n % 5] as string),
    search('two common words', (n) => ['camera kitchen', 'sonos one', 'apple cellar 3', 'switch pool'][n % 4] as string),
    search('two common words that no device has', (n) => ['camera sonos', 'lutron printer', 'axis thermostat'][n % 3] as string),
    search('nothing that there is', (n) => `nowhere${n}`),
  ];
}

async function timed(desk: Desk, { name, limit, path }: Question, requests: number): Promise<PageFigures> {
  const took: number[] = [];
  for (let n = 0; n < requests + WARM; n++) {
    const request = new Request(`http://localhost${path(n)}`, { headers: { host: 'localhost' } });
    const startedMs = performance.now();
    const response = await desk.app.fetch(request);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${request.url}: ${response.status}`);
    if (n >= WARM) took.push(performance.now() - startedMs);
  }
  return { name, limit, unit: 'ms', ...spread(took) };
}

/** Requests before the first that counts: nobody opens a desk whose code was never run. */
const WARM = 5;

async function weights(desk: Desk, homes: number): Promise<PageFigures[]> {
  const bodies = [...Object.values(loadWebAssets()).map(({ body }) => Buffer.from(body))];
  const assets = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
  const pages = [
    ['the page of all homes', '/'],
    ['the page of a home', `/sites/${new LoadHome(homes >> 1, Date.now()).site}`],
    ['a search', '/?q=camera'],
    ['the fleet', '/fleet'],
    ['the heat of a month', '/fleet/heat'],
  ] as const;
  return Promise.all(
    pages.map(async ([name, path]) => {
      const response = await desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
      const kb = (gzipSync(Buffer.from(await response.arrayBuffer())).length + assets) / 1000;
      return { name: `weight with all it loads: ${name}`, limit: LIMITS.weightKb, unit: 'kB' as const, ...spread([kb]) };
    }),
  );
}

/** Until the first text or picture of the page of all homes is seen, with nothing kept from before. */
async function firstPaint(desk: Desk): Promise<PageFigures> {
  const web = await serveApp(desk.app, { port: 0, log: silentLog });
  const browser = await launchBrowser();
  try {
    const took: number[] = [];
    for (let n = 0; n < PAINTS; n++) {
      const context = await browser.newContext(WIDE);
      const page = await context.newPage();
      await page.goto(web.url);
      const paint = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");
      took.push(paint < 0 ? Number.POSITIVE_INFINITY : paint);
      await context.close();
    }
    return { name: `first paint of the page of all homes (${PAINTS} times)`, limit: LIMITS.paintMs, unit: 'ms', ...spread(took) };
  } finally {
    await browser.close();
    await web.stop();
  }
}

function spread(took: readonly number[]): { p50: number; p95: number; most: number } {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), most: at(1) };
}
