import { expect, it } from 'vitest';
import { IDENTIFY_DEFAULTS } from '../../../src/agent/evidence/identify-settings.ts';
import { readersFor } from '../../../src/agent/evidence/readers.ts';
import { SCAN_PACE } from '../../../src/cli/ask-everyone.ts';
import { stableId } from '../../../src/cli/commands/scan.ts';
import { type Look, lookAtLan } from '../../../src/cli/look.ts';
import { readFingerprints } from '../../../src/platform/fingerprint-files.ts';
import { openVendorRegistry } from '../../../src/platform/vendor-registry.ts';
import { SAMPLE_HOME } from '../../../src/simulation/sample-home.ts';
import { seededRandom } from '../../../src/simulation/seeded-random.ts';
import { createSimulatedHome } from '../../../src/simulation/simulated-platform.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';

type Options = { readonly seconds?: number; readonly leaveAlone?: readonly string[]; readonly interruptAfterMs?: number };

/** A deep look at the simulated home: what came of it, what was asked of which address, and how it went on. */
async function lookDeep({ seconds = 60, leaveAlone = [], interruptAfterMs }: Options = {}) {
  const clock = new VirtualClock();
  const home = createSimulatedHome({ home: SAMPLE_HOME, clock, random: seededRandom('deep') });
  const asked: string[] = [];
  const askers: typeof home.askers = {
    askerFor(target, reader) {
      asked.push(`${target.ip} ${reader.name}`);
      return home.askers.askerFor(target, reader);
    },
    close: () => {},
  };
  const interrupted = new AbortController();
  if (interruptAfterMs !== undefined) clock.setTimer(interruptAfterMs, () => interrupted.abort());
  const random = seededRandom('scan');
  const progress: Look[] = [];
  const looking = lookAtLan({
    clock,
    discovery: home.discovery,
    identify: { fingerprints: readFingerprints(), vendorOf: openVendorRegistry(), newDeviceId: stableId },
    signal: interrupted.signal,
    limitMs: seconds * 1_000,
    asking: { clock, askers, policy: { ...SCAN_PACE, readers: readersFor(IDENTIFY_DEFAULTS, random), leaveAlone } },
    onProgress: (look) => progress.push(look),
  });
  await clock.advance(90_000);
  return { look: await looking, asked, progress };
}

it('every device that is there is asked by each reader that fits it once, and what it says is told', async () => {
  const { look, asked } = await lookDeep();
  expect(look.complete).toBe(true);
  expect(asked.length).toBeGreaterThan(60);
  expect(new Set(asked).size).toBe(asked.length);
  const cinema = look.devices.find(({ ips }) => ips[0] === '192.168.50.3');
  expect(cinema).toMatchObject({ model: 'AN-110-SW-8', openPorts: [80] });
  expect(cinema?.facts.model?.[0]).toMatchObject({ source: expect.stringContaining('http') });
});

it('persons and what the house wants left alone are not asked', async () => {
  const { look, asked } = await lookDeep({ leaveAlone: ['192.168.50.3'] });
  const phones = look.devices.filter(({ macs }) => macs.some((mac) => /^.[26ae]/.test(mac)));
  expect(phones.length).toBeGreaterThan(2);
  for (const ip of ['192.168.50.3', ...phones.flatMap(({ ips }) => ips)])
    expect(asked.filter((each) => each.startsWith(`${ip} `))).toEqual([]);
});

it('it tells how far it is, and ends at Ctrl-C or at its limit with what it knows', async () => {
  const { progress, look, asked } = await lookDeep();
  const steps = progress.flatMap(({ asking }) => asking ?? []);
  expect(steps.length).toBeGreaterThan(2);
  expect(steps.at(-1)!.done).toBeGreaterThan(steps[0]!.done);
  expect(steps.some(({ now }) => now.some((line) => /^192\.168\.50\.\d+ \w+/.test(line)))).toBe(true);
  const beganMs = progress.find(({ asking }) => asking)!.elapsedMs;
  const middleMs = Math.round((beganMs + look.elapsedMs) / 2);
  for (const cut of [await lookDeep({ interruptAfterMs: middleMs }), await lookDeep({ seconds: middleMs / 1_000 })]) {
    expect(cut.look.complete).toBe(false);
    expect(cut.look.elapsedMs).toBeLessThan(middleMs + 100);
    expect(cut.look.devices).toHaveLength(look.devices.length);
    expect(cut.asked.length).toBeLessThan(asked.length);
  }
});

it('says what would tell more of a device that is not known', async () => {
  const { look } = await lookDeep();
  const hintOf = (kind: string | undefined): (string | undefined)[] =>
    look.devices.filter((device) => device.kind === kind).map(({ hint }) => hint);
  expect(hintOf(undefined).every((hint) => hint !== undefined)).toBe(true);
  expect(look.devices.find(({ model, kind }) => model !== undefined && kind !== undefined)?.hint).toBeUndefined();
});
