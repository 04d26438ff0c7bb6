/**
 * The real agent in a simulated home, the real desk, and a real broker between them, each of which is stopped in between: what one side
 * acknowledges, the other knows in the end. The house lives twenty times faster than life.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunningAgent, runAgent } from '../../src/agent/main.ts';
import { settingsSchema } from '../../src/config/settings.ts';
import { type RunningDesk, runDesk } from '../../src/desk/main.ts';
import type { AlertView, DeviceView } from '../../src/desk/views.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { PacedClock } from '../../src/simulation/paced-clock.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { createSimulatedHome } from '../../src/simulation/simulated-platform.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { factOf, SimulatedLooker } from '../builders/simulated-looker.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { HAS_MOSQUITTO, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const SPEED = 20;
/** Their addresses, by which the title of an alert names them. */
const NVR_IP = '192.168.50.20';
const NVR = `(${NVR_IP})`;
const NAS = '(192.168.50.50)';
const ATTACKED = 'Attackers use holes';
const DATABASE = ['agent.db'];
const fail = (error: unknown): never => {
  throw error;
};

/** Hub and desk with their folders; either side can be stopped and started again. */
class BothSides {
  readonly #url: string;
  readonly #folder = temporaryFolder();
  readonly #clock = new PacedClock({ virtual: new VirtualClock(Date.now()), real: systemClock, speed: SPEED, onFault: fail });
  /** The NVR is past its end, and attacked: told at once, also on the first day. */
  readonly #lifecycle = new SimulatedLooker([factOf('nvr', 'Hikvision', 'DS-7616NI-M2', '2020-06', { exploited: true })]);
  readonly home = createSimulatedHome({ home: SAMPLE_HOME, clock: this.#clock, random: seededRandom('both sides') });
  #desk: RunningDesk | undefined;
  #hub: RunningAgent | undefined;

  constructor(url: string) {
    this.#url = url;
    this.#clock.start();
    onTestFinished(async () => {
      await this.stopHub();
      await this.stopDesk();
      await this.#clock.stop();
    });
  }

  get hub(): RunningAgent {
    return this.#hub!;
  }

  async startDesk(): Promise<void> {
    const tools = { clock: this.#clock, random: systemRandom, log: silentLog };
    this.#desk = await runDesk({ ...tools, folder: this.#folder, port: 0, broker: { urls: [this.#url] } });
  }

  async stopDesk(): Promise<void> {
    await this.#desk?.stop();
    this.#desk = undefined;
  }

  async startHub(life: string): Promise<void> {
    const { network, discovery, prober, internet, askers, vitals } = this.home;
    const random = seededRandom(life);
    this.#hub = await runAgent({
      settings: settingsSchema.parse({ uplink: { heartbeatSeconds: 30 } }),
      dataFolder: this.#folder,
      version: 'test',
      log: silentLog,
      desk: () => ({ urls: [this.#url] }),
      onFatal: fail,
      platform: {
        ...{ clock: this.#clock, random, log: silentLog, network, discovery, prober, internet, askers, vitals },
        ...{ canRevalidate: true, lifecycle: this.#lifecycle },
      },
    });
  }

  async stopHub(): Promise<void> {
    await this.#hub?.stop();
    this.#hub = undefined;
  }

  /** Of the memory of a hub that is stopped. */
  copyHub(): void {
    for (const file of DATABASE) cpSync(join(this.#folder, file), join(this.#folder, `old ${file}`));
  }

  restoreHub(): void {
    for (const file of DATABASE) cpSync(join(this.#folder, `old ${file}`), join(this.#folder, file));
  }

  /** The alert whose title holds these words, as each side knows it; undefined where it does not fire. */
  atHub(words: string): AlertMessage | undefined {
    return this.hub.agent.view().alerts.find(({ title }) => title.includes(words));
  }

  async atDesk(words: string): Promise<AlertView | undefined> {
    return (await this.#desk!.reader.firing()).find(({ title }) => title.includes(words));
  }

  async deviceAtDesk(ip: string): Promise<DeviceView | undefined> {
    const devices = await this.#desk!.reader.devices(this.hub.siteId);
    return devices.find(({ ips }) => ips.includes(ip));
  }

  acknowledgeAtHub(words: string, by: string): void {
    const { key, raisedAt } = this.atHub(words)!;
    const acknowledged = { by, at: this.hub.agent.view().at, where: 'hub' as const };
    expect(this.hub.agent.obeyAboutAlerts({ do: 'acknowledge', key, raisedAt, acknowledged })).toHaveProperty('done');
  }

  async acknowledgeAtDesk(words: string, by: string, plannedFor?: string): Promise<number> {
    const { site, key, raisedHubAt } = (await this.atDesk(words))!;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ site, key, raisedHubAt, by, note: 'I call them', ...(plannedFor === undefined ? {} : { plannedFor }) });
    return (await fetch(`${this.#desk!.url}api/v1/alerts/acknowledge`, { method: 'POST', headers, body })).status;
  }
}

async function until(what: string, condition: () => boolean | Promise<boolean>, withinMs = 45_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await wait(50);
  }
}

describe.skipIf(!HAS_MOSQUITTO)('who sees to an alert', () => {
  it('is known on both sides in the end, whoever said it and whatever stopped in between', { timeout: 240_000 }, async () => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const sides = new BothSides(broker.url);
    await sides.startDesk();
    await sides.startHub('first');
    await until('the home is known', () => sides.hub.agent.view().devices.filter(({ state }) => state === 'up').length > 20);
    for (const name of ['NVR', 'NAS']) sides.home.control.unplug(name);
    await until('the desk knows of both', async () => (await sides.atDesk(NVR)) !== undefined && (await sides.atDesk(NAS)) !== undefined);

    // From the hub, while broker and desk are gone.
    await broker.kill();
    await sides.stopDesk();
    sides.acknowledgeAtHub(NVR, 'Anna');
    await broker.start();
    await sides.startDesk();
    await until('the desk knows who sees to the NVR', async () => (await sides.atDesk(NVR))?.acknowledged?.by === 'Anna');
    expect((await sides.atDesk(NVR))!.acknowledged).toMatchObject({ where: 'hub', untold: false });
    expect(await sides.acknowledgeAtDesk(NVR, 'Ben')).toBe(409);

    // From the desk, while the hub is gone, and the desk after that.
    await sides.stopHub();
    expect(await sides.acknowledgeAtDesk(NAS, 'Ben')).toBe(200);
    expect((await sides.atDesk(NAS))!.acknowledged).toMatchObject({ by: 'Ben', untold: true });
    await sides.stopDesk();
    await broker.kill();
    await broker.start();
    await sides.startDesk();
    await sides.startHub('second');
    await until('the hub knows who sees to the NAS', () => sides.atHub(NAS)?.acknowledged?.by === 'Ben');
    await until('the desk knows that it does', async () => (await sides.atDesk(NAS))?.acknowledged?.untold === false);
    expect(sides.atHub(NAS)!.acknowledged).toMatchObject({ note: 'I call them', where: 'desk' });

    // Both know it after another start of the hub, until the alert is over; the next one is nobody's.
    await sides.stopHub();
    await sides.startHub('third');
    expect([sides.atHub(NVR)?.acknowledged?.by, sides.atHub(NAS)?.acknowledged?.by]).toEqual(['Anna', 'Ben']);
    sides.home.control.replug('NVR');
    await until('it is over on both sides', async () => !sides.atHub(NVR) && !(await sides.atDesk(NVR)));
    sides.home.control.unplug('NVR');
    await until('it fires again', async () => (await sides.atDesk(NVR)) !== undefined);
    expect([sides.atHub(NVR)?.acknowledged, (await sides.atDesk(NVR))?.acknowledged]).toEqual([undefined, undefined]);
  });

  it('and until when it is to be replaced: planned at the desk, known to the hub, and in the verdict that comes back', {
    timeout: 240_000,
  }, async () => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const sides = new BothSides(broker.url);
    await sides.startDesk();
    await sides.startHub('young');
    await until('the desk knows the home', async () => (await sides.deviceAtDesk(NVR_IP)) !== undefined);
    await sides.stopHub();
    sides.copyHub();
    await sides.startHub('first');
    // Ten minutes of the house, half a minute of ours.
    await until('the desk knows that it is attacked', async () => (await sides.atDesk(ATTACKED)) !== undefined, 120_000);
    const plan = `${new Date().getUTCFullYear() + 1}-03`;
    expect(await sides.acknowledgeAtDesk(ATTACKED, 'Eva', plan)).toBe(200);
    await until('the hub knows the plan', () => sides.atHub(ATTACKED)?.acknowledged?.plannedFor === plan);
    await until('the desk knows that it does', async () => (await sides.atDesk(ATTACKED))?.acknowledged?.untold === false);
    expect(await sides.atDesk(ATTACKED)).toMatchObject({
      severity: 'critical',
      stage: 0,
      ends: '2020-06',
      acknowledged: { by: 'Eva', plannedFor: plan },
    });
    await until('it stands in the verdict', async () => (await sides.deviceAtDesk(NVR_IP))?.lifecycle?.plannedFor === plan);
    await sides.stopHub();
    await sides.startHub('second');
    expect(sides.atHub(ATTACKED)?.acknowledged?.plannedFor).toBe(plan);
    expect(sides.hub.agent.view().devices.find(({ ips }) => ips.includes(NVR_IP))?.verdict?.plannedFor).toBe(plan);

    // Its card is replaced by a copy from before, which knows nothing of it.
    const { raisedAt } = sides.atHub(ATTACKED)!;
    await sides.stopHub();
    sides.restoreHub();
    await sides.startHub('third');
    expect(sides.atHub(ATTACKED)).toBeUndefined();
    await until('the desk gave it back', () => sides.atHub(ATTACKED) !== undefined);
    expect(sides.atHub(ATTACKED)).toMatchObject({ raisedAt, acknowledged: { by: 'Eva', plannedFor: plan } });
    await until('the desk knows that it did', async () => (await sides.atDesk(ATTACKED))?.acknowledged?.untold === false);
    expect(await sides.atDesk(ATTACKED)).toMatchObject({ raisedHubAt: raisedAt, acknowledged: { plannedFor: plan } });
  });
});
