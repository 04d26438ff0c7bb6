import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { Device } from '../../src/agent/inventory/device.ts';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { deviceOf, healthOf, idOf, at as instant, NOTHING } from '../builders/entries.ts';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal } from '../fakes/expect-refusal.ts';

const HOME: readonly Partial<Record<'name' | 'vendor' | 'model' | 'modelNumber' | 'kind' | 'firmware', string>>[] = [
  { vendor: 'Philips', model: 'BSB001', kind: 'hub' },
  { vendor: 'Bose', model: 'SoundTouch 20', kind: 'speaker', name: 'Kitchen' },
  { vendor: 'Google', model: 'Nest Learning Thermostat (2nd generation)', kind: 'thermostat' },
  { vendor: 'Belkin', model: 'Insight', kind: 'plug', name: '=HYPERLINK("x")' },
  { vendor: 'AVM', model: 'FRITZ!Box 7580', kind: 'router' },
  { vendor: 'Cisco', model: 'RV130', kind: 'router' },
  { vendor: 'Sonos', model: 'One', modelNumber: 'S18', kind: 'speaker', name: 'Bath' },
  { name: 'unknown box' },
  { vendor: 'TP-Link', model: 'TL-WR841N', kind: 'router', name: 'Attic' },
  { vendor: 'D-Link', model: 'DIR-645', kind: 'router' },
  { vendor: 'DrayTek', model: 'Vigor2960', kind: 'router' },
  { vendor: 'Google', model: 'Nest Secure', kind: 'alarm-panel' },
  { vendor: 'Apple', model: 'iPhone 8', kind: 'phone', name: 'Phone of Ann' },
];

/** Of a block that was given out in 2021 (Bath). */
const YOUNG = { kind: 'mac', value: 'c8:9d:18:00:00:01', strength: 'strong', source: 'neighbour', firstAt: 0, lastAt: 0 } as const;

function homeDevice(facts: (typeof HOME)[number], n: number): Device {
  const said = Object.entries(facts).map(([name, value]) => [name, [{ value, confidence: 0.95, source: 'upnp', at: 0 }]]);
  const identifiers = facts.name === 'Bath' ? [YOUNG] : [];
  return { ...deviceOf(n), identifiers, facts: Object.fromEntries(said), personal: facts.kind === 'phone' };
}

/** What an agent left that has stopped. */
function leaveHome(folder: string): void {
  const options = { random: seededRandom('left'), start: idOf(99) };
  const store = createAgentStore(openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS), options);
  store.commitTick({
    ...NOTHING,
    devices: HOME.map((facts, i) => homeDevice(facts, i + 1)),
    health: HOME.map((_, i) => healthOf(i + 1, 'up', instant(1))),
  });
  store.close();
}

const run = (place: Workplace, ...args: string[]) => place.run([...args, '--data', place.folder]);
type Listed = { device: { model?: string; name?: string }; state: string; grade: string; tell: string; why: string };

describe.concurrent('what nears its end', { timeout: 90_000 }, () => {
  it('is listed with verdict, grade and source, the most urgent first, and silence for what is current or unknown', async ({
    expect,
    onTestFinished,
  }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const listed = await run(place, 'lifecycle', 'list', '--json');
    expect(listed.code).toBe(1);
    const { devices } = JSON.parse(listed.stdout) as { devices: Listed[] };
    expect(devices.map(({ device, state, grade, tell }) => `${device.model}: ${state}, ${grade}, ${tell}`).sort()).toEqual([
      'BSB001: overdue, announced date, client',
      'DIR-645: at-risk, announced date, client',
      'FRITZ!Box 7580: overdue, announced date, client',
      'Insight: overdue, announced date, client',
      'Nest Learning Thermostat (2nd generation): overdue, announced date, client',
      'Nest Secure: at-risk, announced date, client',
      'RV130: overdue, announced date, client',
      'SoundTouch 20: overdue, announced date, client',
      'TL-WR841N: ask-revision, announced date, desk',
      'Vigor2960: check, general knowledge, desk',
    ]);
    expect(devices.map(({ state }) => state)).toEqual([...Array(2).fill('at-risk'), ...Array(6).fill('overdue'), 'check', 'ask-revision']);
    expect(devices.find(({ device }) => device.name === 'Kitchen')).toMatchObject({
      why: "Bose SoundTouch 20 (Series II, III): no more security updates since 2026-05-06; the maker's cloud is off.",
      stays: expect.stringContaining('AirPlay'),
      source: { title: expect.stringContaining('SoundTouch'), url: expect.stringMatching(/^https:/), readOn: '2026-11-21' },
    });
  });

  it('is a table for people, with what is not known, and persons only with --all', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const [table, all] = await Promise.all([run(place, 'lifecycle', 'list'), run(place, 'lifecycle', 'list', '--all')]);
    expect(table.stdout).toMatch(/^STATE +DEVICE +WHAT ENDS +WHEN/);
    expect(table.stdout).toMatch(/overdue +AVM FRITZ!Box 7580 \(192\.0\.2\.5\) +security updates +2021-01-02/);
    expect(table.stdout).toMatch(/at risk +D-Link DIR-645 .* by 2022-02 /);
    expect(table.stdout).toContain('Of 2 of 12 devices nothing is known');
    expect(table.stdout).not.toContain('iPhone');
    expect(all.stdout).toContain('iPhone 8');
  });

  it('is a spreadsheet that runs no name of a device as a formula', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    expect((await run(place, 'device', 'set', 'RV130', 'vendor==1+1')).code).toBe(0);
    expect((await run(place, 'device', 'set', 'FRITZ!Box 7580', 'room=-2+3')).code).toBe(0);
    const { stdout } = await run(place, 'lifecycle', 'list', '--csv');
    const lines = stdout.split('\r\n');
    expect(lines[0]).toMatch(/^state,device,address,room,what ends,when,days left,/);
    expect(lines.find((line) => line.includes('7580'))).toContain(",'-2+3,security updates,2021-01-02,");
    expect(lines.find((line) => line.includes('Insight'))).toContain('"Belkin Insight ""=HYPERLINK(""x"")"""');
  });

  it('is told of one device, of one fact, and in a line of device show', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const [device, fact, shown, document, silent, current] = await Promise.all([
      run(place, 'lifecycle', 'show', 'Kitchen'),
      run(place, 'lifecycle', 'show', 'd-link-dir-645'),
      run(place, 'device', 'show', 'Kitchen'),
      run(place, 'device', 'show', 'Kitchen', '--json'),
      run(place, 'lifecycle', 'show', 'unknown box'),
      run(place, 'device', 'show', 'Bath'),
    ]);
    expect(device).toMatchObject({ code: 0, stdout: expect.stringMatching(/What stays +AirPlay[\s\S]*Source +.*read 2026-11-21: https:/) });
    expect(fact).toMatchObject({ code: 0, stdout: expect.stringMatching(/Ended by +2022-02[\s\S]*CISA[\s\S]*Here +D-Link DIR-645/) });
    expect(shown.stdout).toMatch(/^Its end: overdue\. Bose SoundTouch 20 .*no more security updates since 2026-05-06/m);
    expect(JSON.parse(document.stdout)).toMatchObject({ lifecycle: { state: 'overdue', facts: ['bose-soundtouch-20'] } });
    expect(silent).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing is known of its end: that is no promise\.\n {2}Age +at least .* \(first seen by the hub 20/),
    });
    expect(current.stdout).not.toContain('Its end');
  });

  it('becomes a verdict once a person says the revision, and an age once a person says since when', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const verdictOn = async (device: string) =>
      (JSON.parse((await run(place, 'lifecycle', 'show', device, '--json')).stdout) as { lifecycle: { state: string } | null }).lifecycle;
    expect(await verdictOn('Attic')).toMatchObject({ state: 'ask-revision', toDo: expect.stringContaining('device set 192.0.2.9 model=') });
    await run(place, 'device', 'set', 'Attic', 'model=TL-WR841N V8');
    expect(await verdictOn('Attic')).toMatchObject({ state: 'at-risk', critical: true });
    await run(place, 'device', 'set', 'Attic', 'model=TL-WR841N V14');
    expect(await verdictOn('Attic')).toBeNull();
    await run(place, 'device', 'set', 'unknown box', 'kind=router', 'installed=2010', 'warranty-until=2012-06');
    expect(await run(place, 'device', 'show', 'unknown box')).toMatchObject({
      stdout: expect.stringMatching(/installed {5}2010, .*\n {2}in warranty {3}until 2012-06, /),
    });
    expectRefusal(
      await run(place, 'device', 'set', 'unknown box', 'installed=last-year', '--json'),
      { says: /"last-year" is no date/, fix: /installed=2019-05/, exit: 2 },
      expect,
    );
  });

  it('says how old a device is at least and at most, and asks the desk where people and its address disagree', async ({
    expect,
    onTestFinished,
  }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const [card, document] = await Promise.all([run(place, 'device', 'show', 'Bath'), run(place, 'lifecycle', 'show', 'Bath', '--json')]);
    expect(card.stdout).toMatch(
      /\n {2}Age +at least .* \(first seen by the hub .*\)\n +at most .* years \(its address block c8:9d:18 was not yet in the IEEE list of 2020-12; weak: .*\)\n/,
    );
    expect(JSON.parse(document.stdout)).toMatchObject({ lifecycle: null, age: { block: { atMost: expect.any(Number) } } });
    await run(place, 'device', 'set', 'Bath', 'model=Unheard 1', 'kind=camera', 'installed=2012');
    const { devices } = JSON.parse((await run(place, 'lifecycle', 'list', '--json')).stdout) as { devices: Listed[] };
    expect(devices.find(({ device }) => device.name === 'Bath')).toMatchObject({
      state: 'check',
      tell: 'desk',
      why: expect.stringContaining('but its address block c8:9d:18 was not yet in the IEEE list of 2020-12: one of the two is wrong.'),
      age: { from: 'installed 2012, as people said' },
    });
  });

  it('has words for a home without devices, and for a folder without an agent; a fact can be read all the same', async ({
    expect,
    onTestFinished,
  }) => {
    const place = workplace(onTestFinished);
    expect(await run(place, 'lifecycle', 'show', 'avm-fritz-box-7580')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2021-01-02'),
    });
    expectRefusal(await run(place, 'lifecycle', 'list'), { says: /No agent has ever run/, fix: /hearthbeat up/, exit: 1 }, expect);
    createAgentStore(openDatabase(join(place.folder, 'agent.db'), AGENT_MIGRATIONS), {
      random: seededRandom('x'),
      start: idOf(99),
    }).close();
    expect(await run(place, 'lifecycle', 'list')).toMatchObject({ code: 0, stdout: expect.stringContaining('found no device yet') });
    expect(JSON.parse((await run(place, 'lifecycle', 'list', '--json')).stdout)).toMatchObject({ devices: [] });
    expectRefusal(await run(place, 'lifecycle', 'list', '--csv', '--json'), { says: /two forms/, fix: /Leave out/, exit: 2 }, expect);
  });

  it('is exported without an agent in formats of others', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const statements = JSON.parse((await run(place, 'lifecycle', 'export', '--format', 'openeox')).stdout) as unknown[];
    expect(statements).toContainEqual(
      expect.objectContaining({ product: { vendor: 'AVM', name: 'FRITZ!Box 7580', id: 'avm-fritz-box-7580' } }),
    );
    expect(JSON.parse((await run(place, 'lifecycle', 'export', '--format', 'cyclonedx')).stdout)).toMatchObject({ bomFormat: 'CycloneDX' });
    expectRefusal(
      await run(place, 'lifecycle', 'export', '--format', 'spdx'),
      { says: /no format "spdx"/, fix: /openeox/, exit: 2 },
      expect,
    );
    expectRefusal(await run(place, 'lifecycle', 'export'), { says: /format is missing/, fix: /cyclonedx/, exit: 2 }, expect);
  });

  it('checks a file of own facts, and tells every problem with its place', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const own = {
      id: 'avm-fritz-box-7580-of-ours',
      vendor: 'AVM',
      product: 'FRITZ!Box 7580',
      kind: 'router',
      match: { models: ['FRITZ!Box 7580'] },
      ends: { security: '2030' },
      sources: [{ title: 'Our contract', url: 'https://dealer.example/contract' }],
      readOn: '2026-01',
      confidence: 'high',
      examples: [{ model: 'FRITZ!Box 7580' }],
    };
    const fine = place.file('fine.jsonl', `${JSON.stringify({ ...own, match: { models: ['Q-1'] }, examples: [{ model: 'Q-1' }] })}\n`);
    const wrong = place.file(
      'wrong.jsonl',
      `${JSON.stringify(own)}\n${JSON.stringify({ ...own, id: 'x', ends: { security: 'soon' } })}\nno json\n`,
    );
    expect(await run(place, 'lifecycle', 'check', fine)).toMatchObject({ code: 0, stdout: expect.stringMatching(/is fine: 1 fact\.\n$/) });
    const refused = await run(place, 'lifecycle', 'check', wrong);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/wrong\.jsonl has 3 problems:\n/) });
    expect(refused.stdout).toMatch(/line 1 says other dates than "avm-fritz-box-7580" of model "fritzbox7580"/);
    expect(refused.stdout).toMatch(/line 2\.ends\.security is no date/);
    expect(refused.stdout).toMatch(/line 3 is no JSON/);
    expect(JSON.parse((await run(place, 'lifecycle', 'check', wrong, '--json')).stdout)).toMatchObject({
      ok: false,
      facts: 1,
      problems: { length: 3 },
    });
    expectRefusal(await run(place, 'lifecycle', 'check', 'nowhere'), { says: /nowhere does not exist/, fix: /README/, exit: 2 }, expect);
  });
});
