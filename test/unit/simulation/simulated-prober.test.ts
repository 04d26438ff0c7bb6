import { describe, expect, it } from 'vitest';
import { SMALL_HOME, visit } from './small-home.ts';

const [ROUTER, FORTRESS, SPEAKER] = ['192.168.50.1', '192.168.50.13', '192.168.50.14'];

describe('probing a simulated home', () => {
  it.each([
    [ROUTER, 'udp', undefined, 'port unreachable'],
    [ROUTER, 'tcp', 80, 'open'],
    [ROUTER, 'tcp', 81, 'refused'],
    [ROUTER, 'icmp', undefined, 'echo reply'],
    [FORTRESS, 'tcp', 443, 'open'],
    [FORTRESS, 'arp', undefined, 'ARP reply'],
  ] as const)('%s answers %s %s with "%s"', async (ip, method, port, detail) => {
    expect(await visit().probe(ip, method, { port })).toMatchObject({ outcome: 'answered', detail });
  });

  it.each([
    ['udp', undefined],
    ['icmp', undefined],
    ['tcp', 80],
  ] as const)('a firewalled device is silent to %s %s for the whole time-out', async (method, port) => {
    const result = await visit().probe(FORTRESS, method, { port, timeoutMs: 700 });
    expect(result).toMatchObject({ outcome: 'silent', detail: 'no reply' });
    expect(result.finishedAt.monoMs - result.startedAt.monoMs).toBe(700);
  });

  it('answers at the speed of the link, on the virtual clock', async () => {
    const here = visit();
    for (let i = 0; i < 200; i++) {
      const wired = await here.probe(ROUTER, 'icmp');
      const wifi = await here.probe(SPEAKER, 'icmp');
      expect(wired.rttMs).toBeGreaterThanOrEqual(0.2);
      expect(wired.rttMs).toBeLessThan(0.6);
      expect(wifi.rttMs).toBeGreaterThanOrEqual(2);
      expect(wifi.rttMs).toBeLessThan(40);
      expect(wifi.finishedAt.monoMs - wifi.startedAt.monoMs).toBeCloseTo(wifi.rttMs ?? 0, 6);
    }
  });

  it('is silent where nobody lives', async () => {
    expect(await visit().probe('192.168.50.99', 'arp')).toMatchObject({ outcome: 'silent', detail: 'ARP failed' });
    expect(await visit().probe('192.168.50.99', 'udp')).toMatchObject({ outcome: 'silent' });
  });

  it('is unable where the hub itself cannot ask', async () => {
    expect(await visit().probe(ROUTER, 'udp', { interface: 'wlan0' })).toMatchObject({ outcome: 'unable', detail: 'no such interface' });
  });

  it('says whether a pulled device was refused by ARP or only kept silent', async () => {
    const here = visit();
    await here.probe(ROUTER, 'udp');
    here.control.unplug('Router');
    expect(await here.probe(ROUTER, 'udp')).toMatchObject({ outcome: 'silent', detail: 'no reply' });
    expect(await here.probe(ROUTER, 'arp', { timeoutMs: 1_500 })).toMatchObject({ outcome: 'silent', detail: 'no ARP reply' });
    const givenUp = await here.probe(ROUTER, 'arp', { timeoutMs: 4_000 });
    expect(givenUp).toMatchObject({ outcome: 'silent', detail: 'ARP failed' });
    expect(givenUp.finishedAt.monoMs - givenUp.startedAt.monoMs).toBe(1_500);
    expect(await here.probe(ROUTER, 'udp')).toMatchObject({ outcome: 'silent', detail: 'ARP failed' });
  });

  it('asks ARP three times before it gives up, so that loss alone seldom looks like absence', async () => {
    const here = visit();
    here.control.loss('Router', 0.3);
    let failed = 0;
    for (let i = 0; i < 1_000; i++) failed += (await here.probe(ROUTER, 'arp', { timeoutMs: 4_000 })).outcome === 'silent' ? 1 : 0;
    expect(failed / 1_000).toBeGreaterThan(0.01);
    expect(failed / 1_000).toBeLessThan(0.05); // 0.3 to the power of three is 0.027
  });

  it('refuses six datagrams at once and then one a second, as Linux does', async () => {
    const here = visit();
    const burst = async (count: number) => {
      const asked = Array.from({ length: count }, () =>
        here.prober.probe({ deviceId: 'any', ip: ROUTER, interface: 'eth0', method: 'udp', timeoutMs: 500 }),
      );
      await here.clock.advance(500);
      return (await Promise.all(asked)).filter((result) => result.outcome === 'answered').length;
    };
    await here.clock.advance(60_000);
    expect(await burst(10)).toBe(6);
    await here.clock.advance(2_000);
    expect(await burst(10)).toBe(2);
    expect(await here.probe(ROUTER, 'icmp')).toMatchObject({ outcome: 'answered' });
  });

  it('counts an answer that a busy hub reads too late as silence, and measures the rest late', async () => {
    const here = visit();
    here.control.eventLoopLag(4_000);
    const results = [];
    for (let i = 0; i < 200; i++) results.push(await here.probe(ROUTER, 'udp'));
    const answered = results.filter((result) => result.outcome === 'answered');
    expect(answered.length).toBeGreaterThan(25);
    expect(answered.length).toBeLessThan(75);
    expect(Math.max(...answered.map((result) => result.rttMs ?? 0))).toBeGreaterThan(500);
    expect(here.vitals.read()).toMatchObject({ eventLoopLagMs: 4_000, cpuFraction: 0.99 });
    here.control.eventLoopLag(0);
    expect(here.vitals.read().eventLoopLagMs).toBeLessThan(10);
    expect(await here.probe(ROUTER, 'udp')).toMatchObject({ outcome: 'answered' });
  });
});

describe('asking the internet of a simulated home', () => {
  const ask = async (here: ReturnType<typeof visit>, anchor: string) => {
    const asked = here.internet.ask(anchor, 1_000);
    await here.clock.advance(1_000);
    return asked;
  };

  it('answers from beyond the gateway, and from the gateway itself', async () => {
    const here = visit();
    const far = await ask(here, 'tcp://1.1.1.1:443');
    expect(far).toMatchObject({ anchor: 'tcp://1.1.1.1:443', outcome: 'answered', detail: 'open' });
    expect(far.rttMs).toBeGreaterThan(SMALL_HOME.internetRttMs[0]);
    const near = await ask(here, 'dns://192.168.50.1');
    expect(near).toMatchObject({ outcome: 'answered', detail: 'DNS answer' });
    expect(near.rttMs).toBeLessThan(1);
  });

  it('tells a dead provider from a dead router by who still answers', async () => {
    const here = visit();
    here.control.internetDown();
    expect(await ask(here, 'dns://9.9.9.9')).toMatchObject({ outcome: 'silent' });
    expect(await ask(here, 'dns://192.168.50.1')).toMatchObject({ outcome: 'answered' });
    here.control.internetUp();
    expect(await ask(here, 'dns://9.9.9.9')).toMatchObject({ outcome: 'answered' });
    here.control.gatewayDown();
    expect(await ask(here, 'dns://9.9.9.9')).toMatchObject({ outcome: 'silent' });
    expect(await ask(here, 'dns://192.168.50.1')).toMatchObject({ outcome: 'silent' });
    here.control.gatewayUp();
    expect(await ask(here, 'dns://9.9.9.9')).toMatchObject({ outcome: 'answered' });
  });

  it('is unable to ask what is no anchor', async () => {
    expect(await ask(visit(), 'somewhere')).toMatchObject({ outcome: 'unable' });
  });
});
