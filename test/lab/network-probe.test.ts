import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeMethod, ProbeResult } from '../../src/agent/health/probe.ts';
import type { AnchorResult } from '../../src/agent/ports.ts';
import { canMakeNamespaces, makeSmallLan, type SmallLan } from './namespaces.ts';

const PROHIBIT =
  'table inet wall { chain in { type filter hook input priority 0; icmp type echo-request drop; meta l4proto { tcp, udp } reject with icmp type host-prohibited; }; }';

let lan: SmallLan;
let web: ChildProcess;

/** What each method says of a host, in the words of the result. */
function verdicts(
  host: string,
  { methods = ['udp', 'tcp', 'icmp', 'arp'] as ProbeMethod[], timeoutMs = 1500, asNobody = false } = {},
): Record<string, string> {
  const requests = methods.map((method) => ({ ip: lan.address(host), method, timeoutMs, ...(method === 'tcp' ? { port: 80 } : {}) }));
  const results = lan.drive<ProbeResult[]>({ do: 'probe', requests }, { asNobody });
  for (const { startedAt, finishedAt } of results) expect(finishedAt.monoMs - startedAt.monoMs).toBeLessThan(timeoutMs + 500);
  return Object.fromEntries(results.map(({ request, outcome, detail }) => [request.method, `${outcome}: ${detail}`]));
}

describe.skipIf(!canMakeNamespaces())('a probe', () => {
  beforeAll(async () => {
    lan = makeSmallLan('hbq', ['hub', 'plain', 'silent', 'pulled', 'web', 'wall']);
    lan.silence('silent');
    lan.silence('pulled');
    lan.run('wall', 'nft', PROHIBIT);
    web = await serve('hbq-web', 80);
    lan.know('plain', 'silent', 'web', 'wall');
  });
  afterAll(() => {
    web?.kill();
    lan?.down();
  });

  describe.each([
    ['as root', false, 'answered: ARP reply'],
    ['as an ordinary user', true, 'unable: ARP revalidation needs root'],
  ])('%s', (_who, asNobody, arp) => {
    test('takes a refusal, an echo and an open port for life', () => {
      expect(verdicts('plain', { asNobody })).toEqual({
        udp: 'answered: port unreachable',
        tcp: 'answered: refused',
        icmp: 'answered: echo reply',
        arp,
      });
      expect(verdicts('web', { asNobody, methods: ['tcp'] })).toEqual({ tcp: 'answered: open' });
    });

    test('takes the answer of a firewall for life, where the echo is silent', () => {
      const { arp: _arp, ...others } = verdicts('wall', { asNobody });
      expect(others).toEqual({ udp: 'answered: prohibited', tcp: 'answered: prohibited', icmp: 'silent: no reply' });
    });

    test('calls a host that drops everything silent, except by ARP', () => {
      lan.know('silent');
      expect(verdicts('silent', { asNobody })).toEqual({ udp: 'silent: no reply', tcp: 'silent: no reply', icmp: 'silent: no reply', arp });
    });

    test('says that ARP failed where nobody is', () => {
      lan.know('pulled');
      lan.unplug('pulled');
      lan.run('hub', 'ip', 'neigh', 'del', lan.address('pulled'), 'dev', 'eth0');
      expect(verdicts('pulled', { asNobody, timeoutMs: 4000 })).toEqual({
        udp: 'silent: ARP failed',
        tcp: 'silent: ARP failed',
        icmp: 'silent: ARP failed',
        arp: 'silent: ARP failed',
      });
      lan.plug('pulled');
    });

    test('does not blame the device for what the hub cannot do', () => {
      const requests = (['udp', 'tcp', 'icmp', 'arp'] as const).map((method) => ({ ip: '203.0.113.9', method, timeoutMs: 500 }));
      const results = lan.drive<ProbeResult[]>({ do: 'probe', requests }, { asNobody });
      expect(results.map(({ outcome }) => outcome)).toEqual(['unable', 'unable', 'unable', 'unable']);
    });
  });

  test('by ARP, as root, finds a pulled cable within 3.5 s although the kernel calls the host REACHABLE', () => {
    lan.know('pulled');
    lan.unplug('pulled');
    expect(verdicts('pulled', { methods: ['arp'], timeoutMs: 3500 })).toEqual({ arp: 'silent: ARP failed' });
    lan.plug('pulled');
  });

  test('by ARP says nothing when the time was too short for one answer to be missed', () => {
    lan.know('silent');
    expect(verdicts('silent', { methods: ['arp'], timeoutMs: 1, asNobody: true })).toEqual({ arp: 'unable: ARP revalidation needs root' });
  });

  test('hands no option to ping', () => {
    const [result] = lan.drive<ProbeResult[]>({ do: 'probe', requests: [{ ip: '-f', method: 'icmp', timeoutMs: 500 }] });
    expect(result).toMatchObject({ outcome: 'unable', detail: 'not an address' });
  });
});

describe.skipIf(!canMakeNamespaces())('an anchor', () => {
  test('is answered, silent or without a route as the network says', async () => {
    const small = makeSmallLan('hbr', ['hub', 'open', 'silent', 'empty']);
    const server = await serve('hbr-open', 443);
    try {
      small.silence('silent');
      const anchors = [
        `tcp://${small.address('open')}:443`,
        `tcp://${small.address('open')}:444`,
        `dns://${small.address('open')}`,
        `tcp://${small.address('silent')}:443`,
      ];
      const results = small.drive<AnchorResult[]>(
        { do: 'anchors', anchors: [...anchors, 'dns://203.0.113.1', 'tcp://nonsense', 'http://10.9.0.2'], timeoutMs: 700 },
        { asNobody: true },
      );
      expect(results.map(({ outcome, detail }) => `${outcome}: ${detail}`)).toEqual([
        'answered: open',
        'answered: refused',
        'silent: port unreachable',
        'silent: no reply',
        'no-route: ENETUNREACH',
        'unable: not an anchor',
        'unable: not an anchor',
      ]);
    } finally {
      server.kill();
      small.down();
    }
  });
});

/** A TCP server on one port of a namespace. */
async function serve(namespace: string, port: number): Promise<ChildProcess> {
  const script = `require('node:net').createServer((s) => s.on('error', () => {})).listen(${port}, () => console.log('up'))`;
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}
