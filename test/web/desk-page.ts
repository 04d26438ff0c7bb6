/** A whole desk on this machine (its own broker, page and database), hubs that speak to it over MQTT, and a browser to look at it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt from 'mqtt';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { newRandomId } from '../../src/base/ids.ts';
import { type RunDeskOptions, type RunningDesk, runDesk } from '../../src/desk/main.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import type { Envelope } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { FakeHub, type Outgoing } from '../fakes/hub.ts';

/** A page of the desk, and all that is wrong with it: errors, dialogs, requests to others. */
export async function openWatched(
  browser: Browser,
  live: LiveDesk,
  path: string,
  options: BrowserContextOptions,
): Promise<{ page: Page; problems: string[]; close(): Promise<void> }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a dialog opened')));
  page.on('request', (request) => !request.url().startsWith(live.desk.url) && problems.push(`fetches ${request.url()}`));
  await page.goto(live.desk.url + path);
  if (options.javaScriptEnabled !== false) await page.waitForSelector('.live.on');
  return { page, problems, close: () => context.close() };
}

export class LiveDesk {
  readonly random = seededRandom('homes');
  readonly #folder = mkdtempSync(join(tmpdir(), 'hearthbeat-page-'));
  readonly #clients: mqtt.MqttClient[] = [];
  desk!: RunningDesk;
  /** Its database. */
  readonly file = join(this.#folder, 'desk.db');

  async start(
    settings: RunDeskOptions['settings'] = {},
    port = 0,
    service?: RunDeskOptions['service'],
    access?: RunDeskOptions['access'],
    notices?: RunDeskOptions['notices'],
  ): Promise<void> {
    const options = { folder: this.#folder, port, broker: { port: 0 }, service, notices, settings: { graceMs: 0, ...settings } };
    this.desk = await runDesk({ ...options, ...(access && { access }), clock: systemClock, random: this.random, log: silentLog });
  }

  /** Somebody of a home, a note about it, a visit, a link, a picture, or a contract with a vendor. */
  async keep({ hub }: LiveHub, kind: 'contacts' | 'notes' | 'contracts' | 'visits' | 'links' | 'pictures', said: object): Promise<void> {
    const body = JSON.stringify({ do: 'add', by: 'Ben', ...said });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.desk.url}api/v1/sites/${hub.site}/${kind}`, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(await response.text());
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.endAsync(true);
    await this.desk.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A registered hub that has connected and said hello; `startedAgoMs` sets its monotonic clock. */
  async hub(name: string, startedAgoMs = 86_400_000): Promise<LiveHub> {
    const site = newRandomId(this.random);
    await this.desk.registerSite({ id: site, password: 'secret', name });
    const clock = { wallMs: () => Date.now(), monoMs: () => performance.now() + startedAgoMs };
    const hub = new FakeHub({ site, random: this.random, clock });
    const client = await mqtt.connectAsync(this.desk.brokerUrl, {
      protocolVersion: 4,
      clientId: site,
      username: site,
      password: 'secret',
      reconnectPeriod: 0,
    });
    this.#clients.push(client);
    client.on('message', (topic, payload) => hub.receive(topic, payload.toString()));
    await client.subscribeAsync([...hub.subscriptions], { qos: 1 });
    const live = new LiveHub(hub, client);
    await live.send(hub.birth(), hub.heartbeat());
    await until(() => hub.ses > 0);
    return live;
  }
}

export class LiveHub {
  readonly hub: FakeHub;
  readonly client: mqtt.MqttClient;

  constructor(hub: FakeHub, client: mqtt.MqttClient) {
    this.hub = hub;
    this.client = client;
  }

  /** Sends, and waits until the desk has acknowledged all entries. */
  async send(...messages: (Outgoing | Envelope)[]): Promise<void> {
    for (const message of messages) {
      const { topic, payload, qos, retain } = 'topic' in message ? message : this.hub.wire(message);
      await this.client.publishAsync(topic, payload, { qos, retain });
    }
    await until(() => this.hub.outbox.size === 0);
  }
}

export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await wait(20);
  }
}

/** Unfolds a form. Its script then puts the cursor into the first field: what is typed before that into another one would end up there. */
export async function unfold(details: Locator): Promise<void> {
  await details.locator('> summary').click();
  await details.locator(':focus:not(summary)').waitFor();
}

export const CHROMIUM = '/usr/bin/chromium';

/** `program` starts it where that is not simply the browser. */
export function launchBrowser(program = CHROMIUM): Promise<Browser> {
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: program, headless: true, args: ['--no-sandbox', ...quiet] });
}

export const WIDE: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };
export const TELEPHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
