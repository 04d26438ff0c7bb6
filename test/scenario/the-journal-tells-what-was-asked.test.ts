import { afterEach, describe, expect, it } from 'vitest';
import type { JournalPart } from '../../src/agent/journal/journal.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let home: SimulatedAgent;
afterEach(() => home?.stop());

const parts = (): JournalPart[] => [...home.store.journal.parts(0)];
const idOf = (name: string): string => home.view().devices.find(({ id }) => home.nameOf(id) === name)?.id ?? '';

describe('the journal of a simulated home', () => {
  it('has a quiet hour in a few hundred bytes a device, and each silence with its beginning and its end', async () => {
    home = await SimulatedAgent.start('journal');
    await home.run(3600);
    const fellAt = home.clock.now().wallMs;
    home.home.control.unplug('NVR');
    await home.run(900);
    home.home.control.replug('NVR');
    await home.run(900);
    await home.restart('second');
    const told = parts().flatMap(({ fromAt, subjects }) =>
      (subjects.get(idOf('NVR')) ?? []).map(({ outcome, fromMs, toMs }) => ({ outcome, from: fromAt + fromMs, to: fromAt + toMs })),
    );
    const silence = told.filter(({ outcome, from }) => outcome !== 'answered' && from > fellAt);
    expect(silence.length).toBeGreaterThan(0);
    expect((silence[0]?.from ?? 0) - fellAt).toBeLessThan(6_000);
    expect((silence.at(-1)?.to ?? 0) - fellAt).toBeGreaterThan(880_000);
    expect(told.find(({ outcome, from }) => outcome === 'answered' && from > fellAt)?.from ?? 0).toBeGreaterThan(fellAt + 900_000);
    expect(parts().filter(({ isStart }) => isStart)).toHaveLength(1);
    expect(parts()[0]?.state?.health).toBeDefined();
  });

  it('holds nothing of what is a person\u2019s, and nothing any more of what turns out to be', async () => {
    home = await SimulatedAgent.start('persons');
    await home.run(2 * 3600);
    const known = new Set(parts().flatMap(({ subjects }) => [...subjects.keys()].map((subject) => subject.split(':')[0])));
    const personal = home.view().devices.filter((device) => device.personal);
    expect(personal.length).toBeGreaterThan(5);
    expect(personal.filter(({ id }) => known.has(id))).toEqual([]);
    const printer = idOf('Printer');
    expect(known.has(printer)).toBe(true);
    home.obey({ do: 'set', device: printer, set: { personal: 'yes' } });
    await home.run(1);
    expect(JSON.stringify(parts().map((part) => ({ ...part, subjects: [...part.subjects] })))).not.toContain(printer);
  });
});
