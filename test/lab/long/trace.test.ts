/** `hearthbeat trace` in a home with real daemons: says at which hop the path to a device breaks, with and without an agent, as root and as a user. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, HEARTHBEAT, type HubCommandOptions, type Lab, startLab, type TrueHost } from '../harness.ts';
import { optionsFor, type Program, startProgram } from '../whole-path.ts';

type Hop = { name: string; outcome: string; summary: string; tookMs: number | null };
type Trace = {
  device: { id: string | null; ip: string; macs: string[] };
  hops: Hop[];
  breaksAt: string | null;
  conclusion: string;
  advice: string | null;
  running: boolean;
  verdict: { state: string } | null;
};

const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-trace-'));
chmodSync(folder, 0o755);
const options = optionsFor(folder, 'agent');
let lab: Lab;
let agent: Program;
let nas: TrueHost;
/** A phone or a computer that drops everything but ARP. */
let shy: TrueHost;

beforeAll(async () => {
  lab = await startLab({ hosts: 12, real: true });
  const { hosts } = await lab.truth();
  nas = hosts.find(({ name }) => name === 'nas') as TrueHost;
  shy = hosts.find(({ source, answers }) => source === 'plain' && answers.arp && !answers.ping) as TrueHost;
  agent = startProgram(lab, 'hub', ['agent', ...options]);
  await eventually('the agent knows the ports of the NAS and the shy one', 60_000, async () => {
    const known = await Promise.all(
      [nas, shy].map(async ({ ip }) => JSON.parse((await run(['device', 'show', ip as string, '--json'])).stdout || '{}')),
    );
    return known[0].ports?.length > 0 && known[1].id !== undefined;
  });
});
afterEach(() => lab.fault('heal'));
afterAll(async () => {
  await agent?.end();
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], more: HubCommandOptions & { data?: readonly string[] } = {}) =>
  lab.hubRun([...HEARTHBEAT, ...args, ...(more.data ?? options)], more);

async function trace(words: string, more: Parameters<typeof run>[1] = {}) {
  const { code, stdout, stderr, durationMs } = await run(['trace', words, '--json'], more);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(durationMs).toBeLessThan(12_000);
  const traced = JSON.parse(stdout) as Trace;
  return {
    ...traced,
    outcomes: Object.fromEntries(traced.hops.map(({ name, outcome }) => [name, outcome])),
    hop: (name: string) => traced.hops.find((hop) => hop.name === name),
  };
}

test('a healthy device is answered at every hop, in order, with the time each took', async () => {
  const { hops, breaksAt, conclusion, verdict, running, hop, outcomes } = await trace(nas.ip as string);

  expect(hops.map(({ name }) => name)).toEqual(['link', 'route', 'arp', 'ping', 'ports', 'name']);
  expect(outcomes).toEqual({ link: 'ok', route: 'ok', arp: 'ok', ping: 'ok', ports: 'ok', name: 'ok' });
  expect(hop('arp')?.summary).toBe(`${nas.mac} answers for ${nas.ip}, the MAC that we know.`);
  expect(hop('name')?.summary).toMatch(/calls itself Vault\.local \(mDNS\), the router calls it .*\.lan \(DNS\)/i);
  for (const { tookMs } of hops) expect(tookMs).toBeGreaterThanOrEqual(0);
  expect({ breaksAt, conclusion, running, state: verdict?.state }).toEqual({
    breaksAt: null,
    conclusion: 'The path is whole: the device answers.',
    running: true,
    state: 'up',
  });
});

test('it is told line by line for a person, with what the agent says', async () => {
  const { code, stdout } = await run(['trace', nas.ip as string]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^.+ at 192\.168\.77\.10\n\nHub +ok +\d+ ms {2}The hub is 192\.168\.77\.2\/24 on eth0, link up\.\n/);
  expect(stdout).toMatch(/\nARP +ok +[\d.]+ m?s {2}/);
  expect(stdout).toMatch(/\n\nThe path is whole: the device answers\.\nThe agent says: up for /);
});

describe('the hop that breaks is named for', () => {
  test('a device whose cable is out', async () => {
    await lab.fault('unplug', 'nas');
    const { breaksAt, conclusion, advice, hops } = await trace(nas.ip as string);
    expect({ breaksAt, last: hops.at(-1)?.name }).toEqual({ breaksAt: 'arp', last: 'arp' });
    expect(conclusion).toMatch(/nobody answers for 192\.168\.77\.10, while the hub hears [1-9]\d* other devices/);
    expect(advice).toMatch(/power/);
  });

  test('a device whose services have stopped', async () => {
    await lab.fault('crash', 'nas');
    const { breaksAt, conclusion, outcomes } = await trace(nas.ip as string);
    expect({ breaksAt, ping: outcomes.ping }).toEqual({ breaksAt: 'ports', ping: 'ok' });
    expect(conclusion).toMatch(/The device is there, but ports? [\d, ]+, which it had open, (is|are) not/);
  });

  test('an address that another device took', async () => {
    await lab.fault('duplicate-ip', 'nas');
    const { breaksAt, conclusion, outcomes } = await trace(nas.ip as string);
    expect({ breaksAt, arp: outcomes.arp }).toEqual({ breaksAt: 'arp', arp: 'broken' });
    expect(conclusion).toMatch(/Another device has the address|Two devices use the address/);
  });

  test('a device that drops all but ARP, also for a user who may not ask by ARP', async () => {
    const asRoot = await trace(shy.ip as string);
    expect(asRoot.outcomes).toMatchObject({ arp: 'ok', ping: 'silent', ports: 'silent' });
    expect(asRoot).toMatchObject({ breaksAt: 'ping', conclusion: expect.stringContaining('firewall') });

    const asUser = await trace(shy.ip as string, { user: 'nobody', data: ['--data', path.join(folder, 'none')] });
    expect(asUser.outcomes).toMatchObject({ ping: 'silent', ports: 'silent' });
    expect(asUser.breaksAt).toBe(asUser.outcomes.arp === 'ok' ? 'ping' : 'arp');
    expect(asUser.verdict).toBeNull();
  });

  test('the router: its line, or only its names', async () => {
    const whole = await trace('192.168.77.1');
    expect(whole.hops.slice(-2)).toMatchObject([
      { name: 'dns', outcome: 'ok' },
      { name: 'internet', outcome: 'ok' },
    ]);

    await lab.fault('dns-down');
    const unnamed = await trace('192.168.77.1');
    expect(unnamed).toMatchObject({ breaksAt: 'dns', conclusion: expect.stringContaining('looks no names up') });

    await lab.fault('wan-down');
    const cut = await trace('192.168.77.1');
    expect(cut).toMatchObject({
      breaksAt: 'internet',
      conclusion: expect.stringContaining('behind the router'),
      advice: expect.stringContaining('modem'),
    });
  });

  test('an address outside of the home, which is not asked at all', async () => {
    expect(await trace('198.51.100.80')).toMatchObject({ breaksAt: 'route', verdict: null });
  });
});

test('without an agent it tells what was said last, and asks nobody but the device and the name server of the home', async () => {
  await agent.end();
  await lab.hubRun(['nft', WATCH]);
  const stopped = await trace(nas.ip as string);
  expect(stopped).toMatchObject({ breaksAt: null, running: false, verdict: { state: expect.any(String) } });
  const { stdout } = await run(['trace', nas.ip as string]);
  expect(stdout).toContain('The agent does not run; it said last: ');

  const unknown = await trace('192.168.77.16', { user: 'nobody', data: ['--data', path.join(folder, 'none')] });
  expect(unknown).toMatchObject({ device: { id: null, macs: [] }, verdict: null });
  const plain = await run(['trace', '192.168.77.16'], { user: 'nobody', data: ['--data', path.join(folder, 'none')] });
  expect(plain.stdout).toMatch(/The agent says nothing of it: No agent has ever run/);

  const counted = (await lab.hubRun(['nft', 'list', 'table', 'inet', 'watch'])).stdout;
  expect(Number(/counter packets (\d+) bytes \d+ comment "others"/.exec(counted)?.[1])).toBe(0);
  const asked = Number(/counter packets (\d+) bytes \d+ accept comment "device"/.exec(counted)?.[1]);
  expect(asked).toBeGreaterThan(4);
  expect(asked).toBeLessThan(2 * 40);
});

/** What the hub sends while no agent runs: to the NAS, to the switch, to the name server, and to anyone else. */
const WATCH = `table inet watch {
  chain out {
    type filter hook output priority 0;
    oif lo accept
    ip daddr 192.168.77.10 counter accept comment "device"
    ip daddr 192.168.77.16 accept
    ip daddr 192.168.77.1 udp dport 53 accept
    ip protocol igmp accept
    icmpv6 type { mld-listener-report, mld2-listener-report, nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    counter comment "others"
  }
}`;

test('a device that nobody knows is refused as everywhere, and a wrong command line too', async () => {
  const { code, stderr } = await run(['trace', 'no-such-thing']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/No device is called "no-such-thing"/);
  expect((await run(['trace'])).code).toBe(2);
});
