/** The ear on the loopback interface, where every address of 127/8 is a neighbour: a real socket, a device that shouts, a port that is taken. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { CoverageBook } from '../../../src/agent/discovery/coverage.ts';
import { DnsSdCache } from '../../../src/agent/discovery/dns-sd-cache.ts';
import { SenderBudget } from '../../../src/agent/discovery/sender-budget.ts';
import type { LanInterface, Sighting } from '../../../src/agent/discovery/sighting.ts';
import { SsdpCache } from '../../../src/agent/discovery/ssdp-cache.ts';
import { FindingsHeard } from '../../../src/agent/evidence/findings-heard.ts';
import type { Finding, GroupReader } from '../../../src/agent/evidence/reader.ts';
import { type GroupEar, openGroupEar } from '../../../src/platform/group-ear.ts';
import type { Hearing } from '../../../src/platform/lan-hearing.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';

const LOOPBACK: LanInterface = {
  name: 'lo',
  mac: '02:00:00:00:00:01',
  address: '127.0.0.1',
  prefixLength: 8,
  ipv6: [],
  dnsServers: [],
};
const DEVICE = '127.0.0.9';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function socketAt(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  opened.push(socket);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** Says `model:X`; anything else is not of this protocol. */
const reader = (ports: { ask?: number; listen?: number }): GroupReader => ({
  name: 'test',
  method: 'api',
  about: 'Only in this test.',
  questions: ports.ask === undefined ? [] : [{ to: DEVICE, port: ports.ask, payload: (nonce) => Buffer.from(`who ${nonce.length}`) }],
  listen: ports.listen === undefined ? [] : [{ port: ports.listen }],
  parse: (datagram): Finding | undefined => {
    const text = Buffer.from(datagram).toString('utf8');
    if (text === 'hush') return { fields: {} };
    return text.startsWith('model:') ? { fields: { model: text.slice(6) }, identifiers: [{ kind: 'serial', value: 'S1' }] } : undefined;
  },
});

async function earFor(group: GroupReader): Promise<{ ear: GroupEar; told: Sighting[]; met: string[]; coverage: CoverageBook }> {
  const [told, met, coverage]: [Sighting[], string[], CoverageBook] = [[], [], new CoverageBook()];
  const nothing = (): void => {};
  const hearing: Hearing = {
    clock: systemClock,
    random: systemRandom,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    coverage,
    budget: new SenderBudget(),
    groupBudget: new SenderBudget({ senders: 8, each: { burst: 5, perSecond: 0 }, all: { burst: 50, perSecond: 0 } }),
    ssdp: new SsdpCache(),
    dnsSd: new DnsSdCache(),
    findings: new FindingsHeard(),
    groups: [group],
    interfaces: () => [LOOPBACK],
    tell: (sighting) => told.push(sighting),
    met: nothing,
    described: nothing,
  };
  const ear = await openGroupEar(LOOPBACK, hearing, (ip) => met.push(ip));
  opened.push(ear);
  return { ear, told, met, coverage };
}

const rowOf = (coverage: CoverageBook) => coverage.rows(0).find(({ method }) => method === 'api');
const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

describe('the group ear', () => {
  it('asks, and tells what the device answers as that of its sender, once', async () => {
    const device = await socketAt(DEVICE);
    const questions: string[] = [];
    device.on('message', (question, from) => {
      questions.push(question.toString());
      for (const answer of ['model:X1', 'model:X1', 'noise', 'hush']) device.send(answer, from.port, from.address);
    });
    const { ear, told, met, coverage } = await earFor(reader({ ask: device.address().port }));
    ear.ask();
    await expect.poll(() => met.length).toBe(3);
    expect(questions).toEqual(['who 16']);
    expect(told).toMatchObject([
      {
        method: 'api',
        reader: 'test',
        interface: 'lo',
        ip: DEVICE,
        fields: { model: 'X1' },
        identifiers: [{ kind: 'serial', value: 'S1' }],
      },
    ]);
    expect(rowOf(coverage)).toMatchObject({ status: 'ok', asked: 1, answered: 1, refused: 1 });
  });

  it('hears shouts within the budget of their sender, and answers nobody', async () => {
    const port = await freePort();
    const { told, coverage } = await earFor(reader({ listen: port }));
    const device = await socketAt(DEVICE);
    const replies: Buffer[] = [];
    device.on('message', (reply) => replies.push(reply));
    for (let i = 0; i < 20; i++) device.send(`model:X${i}`, port, '127.0.0.1');
    await expect.poll(() => rowOf(coverage)?.refused).toBe(15);
    expect(told).toHaveLength(5);
    expect(replies).toEqual([]);
  });

  it('does not hear the hub itself', async () => {
    const port = await freePort();
    const { told, met } = await earFor(reader({ listen: port }));
    const [own, device] = [await socketAt('127.0.0.1'), await socketAt(DEVICE)];
    own.send('model:own', port, '127.0.0.1');
    device.send('model:X1', port, '127.0.0.1');
    await expect.poll(() => met).toEqual([DEVICE]);
    expect(told).toHaveLength(1);
  });

  it('says which port another program keeps to itself, and still asks', async () => {
    const holder = await socketAt('0.0.0.0');
    const device = await socketAt(DEVICE);
    device.on('message', (_, from) => device.send('model:X1', from.port, from.address));
    const { port } = holder.address();
    const { ear, told, coverage } = await earFor(reader({ ask: device.address().port, listen: port }));
    expect(rowOf(coverage)).toMatchObject({
      status: 'degraded',
      problem: expect.stringContaining(`${port} (test)`),
      fix: `Find it with: sudo ss -lunp 'sport = :${port}'`,
    });
    ear.ask();
    await expect.poll(() => told.length).toBe(1);
  });

  it('is silent after it was closed', async () => {
    const device = await socketAt(DEVICE);
    const heard: Buffer[] = [];
    device.on('message', (question) => heard.push(question));
    const { ear } = await earFor(reader({ ask: device.address().port }));
    ear.close();
    ear.ask();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([]);
  });
});
