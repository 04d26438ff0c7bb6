/** `hearthbeat doctor` in a home with real daemons: says that all is well when it is, and names the one cause and its fix when it is not. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, HEARTHBEAT, type Lab, startLab } from './harness.ts';

type Report = {
  ok: boolean;
  checks: { name: string; status: 'ok' | 'warning' | 'problem' | 'skipped'; summary: string; fix: string | null }[];
};

const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-doctor-'));
const data = path.join(folder, 'data');
const config = path.join(folder, 'hearthbeat.yaml');
chmodSync(folder, 0o777);
writeFileSync(config, "internet: { anchors: ['tcp://198.51.100.80:80'] }\nuplink: { brokers: ['mqtt://broker.example:1883'] }\n");

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ hosts: 12, real: true });
});
afterEach(() => lab.fault('heal'));
afterAll(async () => {
  await lab?.down();
  rmSync(folder, { recursive: true, force: true });
});

async function examine(options: { user?: 'nobody'; dataFolder?: string; searchPath?: string } = {}) {
  const { dataFolder = data, searchPath = process.env.PATH, ...rest } = options;
  const finished = await lab.hubRun(
    ['env', `PATH=${searchPath}`, ...HEARTHBEAT, 'doctor', '--json', '--config', config, '--data', dataFolder],
    rest,
  );
  const report = JSON.parse(finished.stdout) as Report;
  const named = (name: string) => report.checks.find((check) => check.name === name);
  const withStatus = (status: string) => report.checks.filter((check) => check.status === status).map(({ name }) => name);
  return { ...finished, report, named, withStatus };
}

const placeOf = async (program: string) => (await lab.hubRun(['sh', '-c', `command -v ${program}`])).stdout.trim();

test('a healthy home has no problem, and what was tried worked', async () => {
  const { code, report, durationMs, withStatus, named } = await examine();

  expect({ code, ok: report.ok, problems: withStatus('problem') }).toEqual({ code: 0, ok: true, problems: [] });
  expect(withStatus('ok')).toEqual(
    expect.arrayContaining([
      'data',
      'interfaces',
      'gateway',
      'neighbours',
      'revalidation',
      'ping',
      'ports',
      'multicast',
      'internet',
      'dns',
      'broker',
    ]),
  );
  expect(named('multicast')?.summary).toMatch(/eth0: [1-9]\d* of 2\d devices answer mDNS \([1-9]\d* services\), [1-9]\d* SSDP/);
  expect(durationMs).toBeLessThan(8000);
});

test('a line that is down is one problem, and what it explains is not counted again', async () => {
  await lab.fault('wan-down');
  const { code, withStatus, named } = await examine();

  expect({ code, problems: withStatus('problem') }).toEqual({ code: 1, problems: ['internet'] });
  expect(named('internet')?.fix).toContain('modem');
  expect(named('dns')).toMatchObject({ status: 'skipped', summary: expect.stringContaining('See "internet"') });
  expect(named('broker')?.status).toBe('skipped');
});

test('a dead router and a switch that eats multicast are two problems, each with its fix', async () => {
  await lab.fault('gateway-down');
  await lab.fault('no-multicast', 'on');
  // What the kernel still believes of the router it would ask about for longer than this looks.
  await lab.hubRun(['ip', 'neigh', 'flush', 'dev', 'eth0']);
  const { withStatus, named } = await examine();

  expect(withStatus('problem')).toEqual(['gateway', 'multicast']);
  expect(named('gateway')).toMatchObject({
    summary: expect.stringContaining('not even ARP'),
    fix: expect.stringContaining('switch it off'),
  });
  expect(named('multicast')?.fix).toContain('isolation');
});

test('an ordinary user without ping is told what he may not do, and that the data folder is not his', async () => {
  const forbidden = path.join(folder, 'forbidden');
  mkdirSync(forbidden, { mode: 0o700 });
  const searchPath = path.join(folder, 'bin');
  mkdirSync(searchPath);
  for (const program of ['sh', 'cat', 'grep', 'getent', 'ip', 'ss']) symlinkSync(await placeOf(program), path.join(searchPath, program));
  const { withStatus, named } = await examine({ user: 'nobody', dataFolder: forbidden, searchPath });

  expect(withStatus('problem')).toEqual(['data']);
  expect(named('data')).toMatchObject({ summary: expect.stringContaining('EACCES'), fix: expect.stringContaining('chown') });
  expect(named('ping')).toMatchObject({ status: 'warning', fix: expect.stringContaining('iputils-ping') });
  expect(named('database')).toMatchObject({ status: 'skipped', summary: expect.stringContaining('See "data"') });
  expect(named('revalidation')?.status).toBe('warning');
});

test('it signs in to the broker as the stopped agent would, and leaves the connection of a running one alone', async () => {
  const log: string[] = [];
  const agent = lab.hubExec([...HEARTHBEAT, 'agent', '--offline', '--config', config, '--data', data], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  agent.stderr?.setEncoding('utf8').on('data', (text) => log.push(text));
  const connections = () => log.join('').split('connected to the broker').length - 1;
  await eventually('the agent connects', 15_000, () => connections() === 1);

  let beside = await examine();
  // It has looked around once by then; beside other labs that takes it a moment longer.
  for (let asked = 1; asked < 5 && beside.named('agent')?.status !== 'ok'; asked++) beside = await examine();
  expect(beside.named('agent')?.status).toBe('ok');
  expect(beside.named('broker')).toMatchObject({ status: 'ok', summary: expect.stringContaining('the running agent uses this account') });
  expect(beside.named('ports')).toMatchObject({ status: 'ok', summary: expect.stringContaining('shared with') });
  expect(log.join('')).not.toContain('connection was lost');
  expect(connections()).toBe(1);

  agent.kill('SIGTERM');
  await new Promise((resolve) => agent.once('close', resolve));
  const alone = await examine();
  expect(alone.named('database')?.status).toBe('ok');
  expect(alone.named('broker')?.summary).toContain('takes the user name and password');

  await lab.fault('broker-hang');
  const hung = await examine();
  expect(hung.named('broker')).toMatchObject({ status: 'problem', summary: expect.stringContaining('says nothing') });
});
