import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab, type Truth } from './harness.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ hosts: 5 });
});
afterAll(() => lab?.down());

test('the lab has every host it was asked for, and the hub reaches them', async () => {
  const { hosts, gateway } = await lab.truth();
  expect(hosts).toHaveLength(6);
  expect(hosts.filter((host) => !host.reachable)).toEqual([]);
  expect(await pings(gateway.ip)).toBe(true);
});

test('an unplugged host is gone from the network and in the truth, until it is healed', async () => {
  const host = named(await lab.truth(), (candidate) => candidate.answers.ping && candidate.source === 'plain');
  await lab.fault('unplug', host.name);
  expect(await pings(host.ip)).toBe(false);
  expect(named(await lab.truth(), ({ name }) => name === host.name)).toMatchObject({ reachable: false, faults: ['unplugged'] });

  await lab.fault('heal');
  expect(await pings(host.ip)).toBe(true);
  expect(named(await lab.truth(), ({ name }) => name === host.name)).toMatchObject({ reachable: true, faults: [] });
});

test('a command runs in the hub as an ordinary user', async () => {
  const { code, stdout } = await lab.hubRun(['id', '-u'], { user: 'nobody' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '65534\n' });
});

test('an unknown host is refused with the words of the lab', async () => {
  await expect(lab.fault('unplug', 'nobody')).rejects.toThrow("no host 'nobody'");
});

/** Three tries, because a host that was just plugged in may have to ask for its neighbour first. */
async function pings(ip: string | null): Promise<boolean> {
  const { code } = await lab.hubRun(['ping', '-c', '3', '-i', '0.3', '-W', '1', String(ip)]);
  return code === 0;
}

function named(truth: Truth, is: (host: Truth['hosts'][number]) => boolean) {
  const host = truth.hosts.find(is);
  if (!host) throw new Error('the lab has no such host');
  return host;
}
