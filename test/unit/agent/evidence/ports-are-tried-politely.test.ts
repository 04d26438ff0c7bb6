import { describe, expect, it } from 'vitest';
import { openPortsReader, portsToTry } from '../../../../src/agent/evidence/open-ports.ts';
import type { Asker, Target } from '../../../../src/agent/evidence/reader.ts';

const target = (more: Partial<Target> = {}): Target => ({
  interface: 'eth0',
  ip: '192.0.2.9',
  openPorts: [],
  services: new Set(),
  ...more,
});

/** What a host with these ports open, and all others as said, is found to have open, and how often it was asked. */
async function ask(open: readonly number[], others: 'closed' | 'silent', about: Target = target()) {
  const tried: number[] = [];
  const connects: Asker['connects'] = async (port) => {
    tried.push(port);
    return open.includes(port) ? 'open' : others;
  };
  return { findings: await openPortsReader.read(about, { connects } as Asker), tried };
}

describe('the port list', () => {
  it('is tried once each, and says what is open', async () => {
    const { findings, tried } = await ask([80, 554], 'closed');
    expect(findings).toEqual([{ fields: {}, openPorts: [80, 554] }]);
    expect(tried).toHaveLength(14);
    expect(new Set(tried).size).toBe(14);
  });

  it('is told from silence when all of it is closed', async () => {
    expect((await ask([], 'closed')).findings).toEqual([{ fields: {}, openPorts: [] }]);
  });

  it('is left early where everything is silent, a little later where something answers', async () => {
    expect(await ask([], 'silent')).toMatchObject({ findings: [], tried: { length: 3 } });
    expect(await ask([80], 'silent')).toMatchObject({ findings: [{ openPorts: [80] }], tried: { length: 6 } });
  });

  it('is shorter for what announces itself, and leaves out what is known', () => {
    expect(portsToTry(target({ services: new Set(['_airplay._tcp']), openPorts: [80, 7000] }))).toEqual([
      443, 22, 23, 554, 8080, 631, 9100,
    ]);
  });

  it('is not for what belongs to a person', () => {
    expect(openPortsReader.applies(target({ kind: 'phone' }))).toBe(false);
    expect(openPortsReader.applies(target({ kind: 'printer' }))).toBe(true);
    expect(openPortsReader.applies(target())).toBe(true);
  });
});
