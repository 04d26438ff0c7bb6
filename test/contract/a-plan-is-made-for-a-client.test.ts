/** `hearthbeat lifecycle plan` as an integrator runs it on a hub: one file to print, his name on it, and plain refusals. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { deviceOf, healthOf, idOf, at as instant, NOTHING } from '../builders/entries.ts';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal } from '../fakes/expect-refusal.ts';

const HOME: readonly Readonly<Record<string, string>>[] = [
  { vendor: 'Bose', model: 'SoundTouch 20', kind: 'speaker', name: 'Kitchen' },
  { vendor: 'D-Link', model: 'DIR-645', kind: 'router' },
  { vendor: 'DrayTek', model: 'Vigor2960', kind: 'router' },
  { vendor: 'Apple', model: 'iPhone 8', kind: 'phone', name: 'Phone of Ann' },
];
const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');

/** What an agent left that has stopped. */
function leaveHome(folder: string): void {
  const store = createAgentStore(openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS), {
    random: seededRandom('left'),
    start: idOf(99),
  });
  const devices = HOME.map((facts, i) => {
    const said = Object.entries(facts).map(([name, value]) => [name, [{ value, confidence: 0.95, source: 'upnp', at: 0 }]]);
    return { ...deviceOf(i + 1), facts: Object.fromEntries(said), personal: facts.kind === 'phone' };
  });
  store.commitTick({ ...NOTHING, devices, health: HOME.map((_, i) => healthOf(i + 1, 'up', instant(1))) });
  store.close();
}

const plan = (place: Workplace, ...args: string[]) => place.run(['lifecycle', 'plan', ...args, '--data', place.folder]);

describe.concurrent('the plan for a client', { timeout: 90_000 }, () => {
  it('is one file in the name of the dealer, with his logo and prices, and without what he has to check first', async ({
    expect,
    onTestFinished,
  }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const logo = place.file('logo.png', PNG);
    const prices = place.file('prices.csv', 'device,price\r\nKitchen;"€ 249,00"\r\n"192.0.2.2",120 €\r\n');
    const said = await plan(place, '--for', 'Smith <b>residence', '--by', 'Brightnest', '--logo', logo, '--prices', prices);
    expect(said).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 of the 3 devices .*\nThe plan is in replacement-plan\.html: open it/),
    });
    expect(said.stderr).toContain('1 device is for you to check first');
    const page = readFileSync(join(place.folder, 'replacement-plan.html'), 'utf8');
    expect(page).toMatch(/Smith &lt;b&gt;residence[\s\S]*DIR-645[\s\S]*120 €[\s\S]*SoundTouch 20[\s\S]*€ 249,00/);
    expect(page).toContain(`src="data:image/png;base64,${PNG.toString('base64')}"`);
    expect(page).toContain('<bdi>Brightnest</bdi>');
    expect(page).not.toMatch(/iPhone|of Ann|<b>residence/);
  });

  it('goes to standard output, and is a document for programs', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const [page, document] = await Promise.all([plan(place, '--out', '-'), plan(place, '--json', '--years', '3')]);
    expect(page).toMatchObject({ code: 0, stdout: expect.stringMatching(/^<!doctype html>[\s\S]*<\/html>\n$/) });
    expect(JSON.parse(document.stdout)).toMatchObject({
      years: 3,
      devices: 3,
      items: [{ title: 'D-Link DIR-645' }, { title: 'Bose SoundTouch 20' }],
    });
    expect(existsSync(join(place.folder, 'replacement-plan.html'))).toBe(false);
  });

  it('refuses what it cannot use, and says what would do', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    leaveHome(place.folder);
    const text = place.file('notes.txt', 'no picture');
    const odd = place.file('odd.csv', 'device,price\nKitchen\n');
    const elsewhere = place.file('elsewhere.csv', 'Kitchn,12\n');
    expectRefusal(await plan(place, '--years', '11'), { says: /11 is no number of years/, fix: /--years 5/, exit: 2 }, expect);
    expectRefusal(await plan(place, '--logo', text), { says: /notes\.txt is no picture/, fix: /PNG/, exit: 2 }, expect);
    expectRefusal(
      await plan(place, '--prices', odd),
      { says: /Line 2 of .*odd\.csv is no device and price: "Kitchen"/, fix: /Kitchen,249/, exit: 2 },
      expect,
    );
    expectRefusal(
      await plan(place, '--prices', elsewhere),
      { says: /No device is called "Kitchn"/, fix: /Did you mean "Kitchen"/, exit: 1 },
      expect,
    );
    expectRefusal(
      await plan(place, '--out', 'no/such/folder.html'),
      { says: /folder\.html would be in a folder that does not exist/, fix: /folder/, exit: 2 },
      expect,
    );
  });
});
