import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeMethod, ProbeResult } from '../../src/agent/health/probe.ts';
import type { AnchorResult, ProofResult, WayAnswer } from '../../src/agent/ports.ts';
import { HEARTHBEAT } from './harness.ts';
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
      // The kernel tells ping(8) after three seconds.
      lan.run('hub', 'ip', 'neigh', 'del', lan.address('pulled'), 'dev', 'eth0');
      expect(verdicts('pulled', { asNobody, methods: ['icmp'], timeoutMs: 1000 })).toEqual({ icmp: 'silent: ARP failed' });
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

const PLACE = '198.51.100.1';

describe.skipIf(!canMakeNamespaces())('a place on the internet', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-place-'));
  const file = (name: string): string => path.join(folder, name);
  const servers: ChildProcess[] = [];
  let small: SmallLan;

  beforeAll(async () => {
    small = makeSmallLan('hbs', ['hub', 'router', 'provider', 'place']);
    makeCertificates(folder);
    leadThroughRouters(small);
    servers.push(await start('hbs-place', tlsServer(file('place'))), await start('hbs-router', tlsServer(file('portal'))));
    servers.push(await start('hbs-router', SIGN_IN_PAGE));
    process.env.NODE_EXTRA_CA_CERTS = file('ca.crt');
  });
  afterAll(() => {
    delete process.env.NODE_EXTRA_CA_CERTS;
    for (const server of servers) server.kill();
    small?.down();
    rmSync(folder, { recursive: true });
  });

  test('is led to by routers, as far as they work', () => {
    const look = (): WayAnswer => small.drive<WayAnswer>({ do: 'look', ip: PLACE, timeoutMs: 1_000 }, { asNobody: true });
    expect(look()).toEqual({ outcome: 'answered', farthest: small.address('provider') });
    // Before it is forwarded, where its time runs out.
    small.run('provider', 'nft', `table inet dead { chain p { type filter hook prerouting priority -300; ip daddr ${PLACE} drop; }; }`);
    expect(look()).toEqual({ outcome: 'silent' });
    small.run('provider', 'nft', 'delete', 'table', 'inet', 'dead');
    small.run('router', 'ip', 'route', 'del', PLACE);
    expect(look()).toEqual({ outcome: 'refused' });
    small.run('router', 'ip', 'route', 'add', PLACE, 'via', small.address('provider'));
  });

  test('proves itself by its certificate, and does not once the router answers for everybody with a sign-in page, which doctor names', () => {
    const prove = (): ProofResult =>
      small.drive<ProofResult>({ do: 'prove', place: `tls://${PLACE}:443`, timeoutMs: 1_500 }, { asNobody: true });
    writeFileSync(file('config.yaml'), `internet: { anchors: ['tcp://${PLACE}:443'] }\n`);
    const words = [...HEARTHBEAT, 'doctor', '--json', '--config', file('config.yaml'), '--data', file('data')]
      .map((word) => `'${word}'`)
      .join(' ');
    const doctor = (): unknown => {
      const { checks } = JSON.parse(small.run('hub', 'sh', '-c', `${words} || true`)) as { checks: { name: string }[] };
      return checks.find(({ name }) => name === 'internet');
    };
    expect(prove()).toMatchObject({ outcome: 'proven' });
    expect(doctor()).toMatchObject({ status: 'ok', summary: expect.stringContaining('1 of 1 anchors answer') });
    const hijack = `ip daddr ${PLACE} tcp dport { 80, 443 } dnat to ${small.address('router')}`;
    small.run('router', 'nft', `table ip portal { chain p { type nat hook prerouting priority -100; ${hijack}; }; }`);
    expect(prove()).toMatchObject({ outcome: 'impostor', instead: 'http://login.example/terms' });
    expect(doctor()).toMatchObject({
      status: 'problem',
      summary: expect.stringContaining('not the internet: http://login.example/terms.'),
      fix: expect.stringContaining('http:// page in a browser'),
    });
  });
});

/** The home is on one bridge with the place, which is reached through two routers all the same. */
function leadThroughRouters(small: SmallLan): void {
  small.run('place', 'ip', 'address', 'add', `${PLACE}/32`, 'dev', 'lo');
  small.run('hub', 'ip', 'route', 'add', 'default', 'via', small.address('router'));
  for (const [host, next] of [
    ['router', 'provider'],
    ['provider', 'place'],
  ] as const) {
    small.run(host, 'ip', 'route', 'add', PLACE, 'via', small.address(next));
    small.run(host, 'sh', '-c', 'cd /proc/sys/net/ipv4; echo 1 >ip_forward; for i in all eth0; do echo 0 >conf/$i/send_redirects; done');
  }
}

/** `place.crt` for the address, signed by `ca.crt`, and `portal.crt`, signed by nobody. */
function makeCertificates(folder: string): void {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
  const script = `
    openssl req -x509 ${key} -subj '/CN=Lab CA' -keyout ca.key -out ca.crt
    openssl req -x509 ${key} -subj '/CN=login.example' -keyout portal.key -out portal.crt
    openssl req -x509 ${key} -subj /CN=place -addext subjectAltName=IP:${PLACE} -addext basicConstraints=critical,CA:false \\
      -CA ca.crt -CAkey ca.key -keyout place.key -out place.crt
    chmod 755 . && chmod 644 *`;
  execFileSync('sh', ['-ec', script], { cwd: folder, stdio: 'pipe' });
}

const tlsServer = (name: string): string => `
  const read = (end) => require('node:fs').readFileSync('${name}' + end);
  const ignore = (s) => s.on('error', () => {});
  require('node:tls').createServer({ key: read('.key'), cert: read('.crt') }, ignore).listen(443, () => console.log('up'))`;

const SIGN_IN_PAGE = `require('node:http')
  .createServer((_, answer) => answer.writeHead(302, { Location: 'http://login.example/terms?mac=02:00:00:00:00:01' }).end())
  .listen(80, () => console.log('up'))`;

/** A TCP server on one port of a namespace. */
function serve(namespace: string, port: number): Promise<ChildProcess> {
  return start(namespace, `require('node:net').createServer((s) => s.on('error', () => {})).listen(${port}, () => console.log('up'))`);
}

async function start(namespace: string, script: string): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}
