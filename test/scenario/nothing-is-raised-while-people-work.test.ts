import { afterEach, describe, expect, it } from 'vitest';
import type { AlertOrder } from '../../src/agent/alerts/alert-order.ts';
import type { AlertMessage, SiteStateMessage } from '../../src/protocol/messages.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const HOUR_MS = 3_600_000;

let home: SimulatedAgent;
afterEach(() => home?.stop());

async function settled(seed: string): Promise<number> {
  home = await SimulatedAgent.start(seed);
  await home.run(300);
  return home.lastPos;
}

function idOf(name: string): string {
  return home.view().devices.find(({ id }) => home.nameOf(id) === name)!.id;
}

function silence(forMs: number, device?: string): void {
  const order: AlertOrder = { do: 'silence', forMs, by: 'anna', because: 'new rack', ...(device ? { device: idOf(device) } : {}) };
  expect(home.obeyAboutAlerts(order)).toMatchObject({ until: home.clock.now().wallMs + forMs });
}

const silencesTold = (afterPos: number): unknown[] =>
  home
    .told(afterPos)
    .filter(({ kind }) => kind === 'site.state')
    .map(({ body }) => (body as SiteStateMessage).silences);

describe('a silence', () => {
  it('holds a new alert back, tells the state all the same, and lets it out at its end', async () => {
    const before = await settled('silence');
    silence(HOUR_MS / 2, 'NVR');
    home.home.control.unplug('NVR');
    await home.run(1_790);
    expect(home.alertLines(before)).toEqual([]);
    const nvr = home.view().devices.find(({ id }) => id === idOf('NVR'))!;
    expect(nvr).toMatchObject({ state: 'down', silence: { by: 'anna', because: 'new rack' } });
    expect(home.told(before).filter(({ kind }) => kind === 'device.state')).toMatchObject([{ body: { device: nvr.id, state: 'down' } }]);
    await home.run(15);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR']);
    const raised = home.told(before).find(({ kind }) => kind === 'alert.raised')!.body as AlertMessage;
    expect(home.clock.now().wallMs - raised.raisedAt).toBeLessThan(20_000);
  });

  it('is told to the desk with its end, and that it is over', async () => {
    const before = await settled('told');
    silence(HOUR_MS);
    expect(silencesTold(before)).toEqual([
      [{ n: 1, by: 'anna', because: 'new rack', setAt: expect.any(Number), endsAt: expect.any(Number) }],
    ]);
    expect(home.obeyAboutAlerts({ do: 'end-silence', n: 1 })).toMatchObject({ done: expect.stringContaining('over') });
    expect(silencesTold(before).at(-1)).toBeUndefined();
    expect(home.view().silences).toEqual([]);
  });

  it('says nothing of what broke and was mended meanwhile, and lets what fired before fire and clear', async () => {
    const before = await settled('mended');
    home.home.control.unplug('NVR');
    await home.run(60);
    silence(HOUR_MS);
    home.home.control.unplug('NAS');
    await home.run(600);
    for (const name of ['NVR', 'NAS']) home.home.control.replug(name);
    await home.run(HOUR_MS / 1000);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR', 'cleared device-down NVR']);
  });

  it('of the whole house holds back neither the alarm of what guards lives nor anything after its end', async () => {
    await settled('guards');
    home.obey({ do: 'set', device: idOf('NVR'), set: { kind: 'alarm-panel' } });
    const before = home.lastPos;
    silence(HOUR_MS / 2);
    home.home.control.unplug('NVR');
    home.home.control.internetDown();
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR']);
    await home.run(HOUR_MS / 2_000);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR', 'raised internet-down']);
  });

  it('outlives the process that was told of it, with the time that is left', async () => {
    const before = await settled('restart');
    silence(HOUR_MS / 2, 'NVR');
    await home.run(900);
    await home.restart('second');
    home.home.control.unplug('NVR');
    await home.run(880);
    expect(home.alertLines(before)).toEqual([]);
    await home.run(40);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR']);
  });

  it('holds the digest of what came new meanwhile until it is over', async () => {
    home = await SimulatedAgent.start('new');
    await home.run(2);
    silence(HOUR_MS / 2);
    await home.run(1_700);
    expect(home.told().some(({ kind }) => kind === 'alert.raised')).toBe(false);
    await home.run(120);
    expect(home.told().find(({ kind }) => kind === 'alert.raised')).toMatchObject({ body: { code: 'device-new' } });
  });
});

describe('an acknowledged alert', () => {
  const acknowledge = (alert: AlertMessage, by = 'anna') =>
    home.obeyAboutAlerts({
      do: 'acknowledge',
      key: alert.key,
      raisedAt: alert.raisedAt,
      acknowledged: { by, at: home.clock.now().wallMs, note: 'on my way', where: 'hub' },
    });

  it('fires on until it clears, over a restart too, and says nothing of the next time', async () => {
    const before = await settled('acknowledged');
    home.home.control.unplug('NVR');
    await home.run(30);
    const first = home.view().alerts[0]!;
    expect(acknowledge(first)).toMatchObject({ done: expect.stringContaining('NVR') });
    expect(acknowledge(home.view().alerts[0]!, 'ben')).toMatchObject({ problem: expect.stringContaining('anna') });
    await home.run(60);
    await home.restart('second');
    await home.run(60);
    expect(home.view().alerts).toMatchObject([{ acknowledged: { by: 'anna', note: 'on my way', where: 'hub' } }]);
    home.home.control.replug('NVR');
    await home.run(60);
    home.home.control.unplug('NVR');
    await home.run(60);
    expect(home.alertLines(before)).toEqual(['raised', 'updated', 'cleared', 'raised'].map((what) => `${what} device-down NVR`));
    expect(acknowledge(first)).toHaveProperty('problem');
    expect(home.view().alerts[0]!.acknowledged).toBeUndefined();
  });
});
