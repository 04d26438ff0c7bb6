import { describe, expect, it } from 'vitest';
import { visit, visitListening } from './small-home.ts';

const ROUTER = '192.168.50.1';

/** Probes by UDP every two seconds until the kernel's row has the state; returns how long that took. */
async function probeUntil(here: ReturnType<typeof visit>, ip: string, state: string): Promise<number> {
  const startedMs = here.clock.now().monoMs;
  for (let i = 0; i < 60 && (await here.neighbour(ip))?.state !== state; i++) await here.probe(ip, 'udp', { timeoutMs: 1_000 });
  return here.clock.now().monoMs - startedMs;
}

describe('the neighbour table of a simulated hub', () => {
  it('resolves an address at the first packet', async () => {
    const here = visit();
    expect(await here.neighbour(ROUTER)).toBeUndefined();
    await here.probe(ROUTER, 'udp');
    expect(await here.neighbour(ROUTER)).toEqual({
      ip: ROUTER,
      interface: 'eth0',
      mac: '00:0e:58:00:00:02',
      state: 'REACHABLE',
      confirmedAgoMs: 0,
      isRouter: true,
    });
  });

  it('goes stale 15 to 45 s after proof, and stays stale while nothing is sent', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const here = visit(undefined, seed);
      await here.probe(ROUTER, 'arp');
      await here.clock.advance(13_900);
      expect((await here.neighbour(ROUTER))?.state).toBe('REACHABLE');
      await here.clock.advance(30_200);
      expect(await here.neighbour(ROUTER)).toMatchObject({ state: 'STALE', confirmedAgoMs: 45_000 });
      here.control.unplug('Router');
      await here.clock.advance(3_600_000);
      expect((await here.neighbour(ROUTER))?.state).toBe('STALE');
    }
  });

  it('doubts a stale neighbour when something is sent, and believes it again when it answers ARP', async () => {
    const here = visit();
    await here.probe(ROUTER, 'arp');
    await here.clock.advance(60_000);
    await here.probe(ROUTER, 'udp');
    expect((await here.neighbour(ROUTER))?.state).toBe('DELAY');
    await here.clock.advance(4_500);
    expect(await here.neighbour(ROUTER)).toMatchObject({ state: 'REACHABLE', confirmedAgoMs: 0 });
  });

  it('does not ask again for what was proven while it doubted', async () => {
    const here = visit();
    await here.probe(ROUTER, 'arp');
    await here.clock.advance(60_000);
    await here.probe(ROUTER, 'udp');
    await here.probe(ROUTER, 'tcp', { port: 80 });
    here.control.unplug('Router');
    await here.clock.advance(10_000);
    expect((await here.neighbour(ROUTER))?.state).toBe('REACHABLE');
  });

  it('has proof from ARP and TCP, and none from UDP and ICMP', async () => {
    const here = visit();
    await here.probe(ROUTER, 'arp');
    await here.clock.advance(9_000);
    await here.probe(ROUTER, 'udp');
    await here.probe(ROUTER, 'icmp');
    expect((await here.neighbour(ROUTER))?.confirmedAgoMs).toBe(11_000);
    await here.probe(ROUTER, 'tcp', { port: 80 });
    expect((await here.neighbour(ROUTER))?.confirmedAgoMs).toBe(0);
  });

  it('calls a pulled neighbour FAILED only 23 to 53 s after the pull', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const here = visit(undefined, seed);
      await here.probe(ROUTER, 'arp');
      here.control.unplug('Router');
      const tookMs = await probeUntil(here, ROUTER, 'FAILED');
      expect(tookMs).toBeGreaterThan(20_000);
      expect(tookMs).toBeLessThan(56_000);
    }
  });

  it('gives up on an address where nobody is after three seconds, and finds who comes there', async () => {
    const here = visit();
    here.control.unplug('Router');
    await here.probe(ROUTER, 'udp');
    expect(await here.neighbour(ROUTER)).toMatchObject({ state: 'INCOMPLETE', confirmedAgoMs: Number.POSITIVE_INFINITY });
    await here.clock.advance(2_500);
    expect((await here.neighbour(ROUTER))?.state).toBe('FAILED');
    here.control.replug('Router');
    await here.probe(ROUTER, 'udp');
    expect((await here.neighbour(ROUTER))?.state).toBe('REACHABLE');
  });

  it('forgets all neighbours when the hub loses its carrier', async () => {
    const here = await visitListening();
    expect((await here.network.neighbours()).length).toBeGreaterThanOrEqual(5);
    here.control.hubLinkDown();
    expect(await here.network.neighbours()).toEqual([]);
  });
});
