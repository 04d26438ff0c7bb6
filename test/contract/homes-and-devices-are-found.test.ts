/** What somebody at the desk finds among many homes, and how they are listed: the same on every engine. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { HOMES_ON_A_PAGE } from '../../src/desk/homes.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import type { DeviceMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub, snapshot } from '../fakes/hub.ts';

const random = seededRandom('search');
const id = (): string => newRandomId(random);
const [NAS, TV, CAMERA] = [id(), id(), id()];

describeOnEachEngine('among many homes', (open) => {
  let world: DeskWorld;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
  });

  async function home(name: string, ...devices: Partial<DeviceMessage>[]): Promise<FakeHub> {
    const hub = world.hub({ site: id() });
    await saveSite(world.database, { id: hub.site, name }, world.clock.now().wallMs);
    const entries = devices.map((over) => hub.entry('device.added', device(over.id ?? id(), { macs: [], ips: [], ...over })));
    await world.send(hub, hub.birth(), ...entries);
    return hub;
  }

  const homesFound = async (text: string): Promise<string[]> =>
    (await world.desk.reader.homes.search(text, 1)).homes.map(({ name }) => name);
  const devicesFound = async (text: string): Promise<string[]> =>
    (await world.desk.reader.homes.search(text, 1)).devices.map(({ siteName, name }) => `${siteName}: ${name}`);
  const get = (path: string) => world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
  const json = async (path: string) =>
    (await get(path)).json() as Promise<Record<string, { id: string; name: string }[]> & { next?: string }>;

  describe('search', () => {
    it('finds a home by the beginnings of words of its name, without accents and in any case, and by its id', async () => {
      const { site } = await home('Müller Øster chalet');
      await home('Nguyễn 100% residence');
      await home('山田 beach house');
      for (const text of ['muller', 'MÜLLER', 'mull oster', 'Øster', site, site.slice(0, 9), site.slice(-4), site.slice(-6)])
        expect([text, await homesFound(text)]).toEqual([text, ['Müller Øster chalet']]);
      expect(await homesFound('nguyen')).toEqual(['Nguyễn 100% residence']);
      expect(await homesFound('山')).toEqual(['山田 beach house']);
      expect(await homesFound('ller')).toEqual([]);
      expect(await homesFound('muller nguyen')).toEqual([]);
    });

    it('finds a device by name, model, maker, serial number, room and every way to write its addresses', async () => {
      const macs = ['00:11:32:aa:bb:cc'];
      const said = { name: 'NAS Keller', vendor: 'Synology', model: 'DS923+', serial: '2250SBR0XQ1', room: 'Bühne' };
      await home('One', { id: NAS, macs, ips: ['192.168.1.48', 'fe80::211:32ff'], ...said });
      await home('Two', { id: TV, name: 'TV 3', model: 'QE65Q80-X', ips: ['192.168.1.4'], macs: ['b8:27:eb:00:00:01'] });
      const ways = [
        'nas',
        'keller synology',
        'ds923',
        'DS923+',
        '2250sbr',
        'buhne',
        '192.168.1.48',
        '00:11:32',
        '00-11-32-AA-BB-CC',
        '001132aabbcc',
        'aa:bb:cc',
        'aabbcc',
        'fe80::211',
      ];
      for (const text of ways) expect([text, await devicesFound(text)]).toEqual([text, ['One: NAS Keller']]);
      expect(await devicesFound('192.168.1.4')).toEqual(['One: NAS Keller', 'Two: TV 3']);
      expect(await devicesFound('tv 3')).toEqual(['Two: TV 3']);
      expect(await devicesFound('qe65q80-x')).toEqual(['Two: TV 3']);
      // One or two signs are a whole word: else a 4 would find every address.
      expect(await devicesFound('t')).toEqual([]);
      expect(await devicesFound('nas 192.168.1.4 b8:27')).toEqual([]);
    });

    it('takes what databases understand by signs for the signs that they are', async () => {
      await home('100% wool', { name: 'a_b' }, { name: 'axb' });
      for (const text of ['%', '_', '%%', '*', "'", '"', '\\', "' or 1=1 --", '(', ':']) {
        const found = await world.desk.reader.homes.search(text, 1);
        expect([text, found.homes.length, found.devices.length]).toEqual([text, 0, 0]);
      }
      expect(await homesFound('100%')).toEqual(['100% wool']);
      expect(await devicesFound('a_b')).toEqual(['100% wool: a_b']);
      expect(await devicesFound('a%b')).toEqual(['100% wool: a_b']);
    });

    it('follows what hubs tell: other names, devices that are gone and come back, older news', async () => {
      const hub = await home('One', { id: NAS, name: 'Alpha', ips: ['10.0.0.1'] }, { id: CAMERA, name: 'Gamma' });
      const old = hub.entry('device.changed', device(NAS, { name: 'Older' }));
      await world.send(hub, hub.entry('device.changed', device(NAS, { name: 'Beta', ips: ['10.0.0.2'], macs: [] })), old);
      expect([await devicesFound('alpha'), await devicesFound('10.0.0.1'), await devicesFound('older')]).toEqual([[], [], []]);
      expect([await devicesFound('beta'), await devicesFound('10.0.0.2')]).toEqual([['One: Beta'], ['One: Beta']]);
      await world.send(hub, hub.entry('device.removed', { device: NAS, why: 'gone' }));
      expect(await devicesFound('beta')).toEqual([]);
      await world.send(hub, hub.entry('device.added', device(NAS, { name: 'Beta' })));
      expect(await devicesFound('beta')).toEqual(['One: Beta']);
      const present = [{ device: device(TV, { name: 'Delta' }), state: deviceState(TV, 'up', 1) }];
      await world.send(hub, hub.entry('snapshot', snapshot(id(), { devices: present, alerts: [] })));
      expect([await devicesFound('beta'), await devicesFound('gamma'), await devicesFound('delta')]).toEqual([[], [], ['One: Delta']]);
      await saveSite(world.database, { id: hub.site, name: 'Renamed' }, 1);
      expect([await homesFound('one'), await homesFound('renamed'), await devicesFound('delta')]).toEqual([
        [],
        ['Renamed'],
        ['Renamed: Delta'],
      ]);
    });

    it('shows so many devices, and says that there are more', async () => {
      await home('Many', ...Array.from({ length: 60 }, (_, i) => ({ name: `Camera ${i}` })));
      const found = await world.desk.reader.homes.search('camera', 1);
      expect([found.devices.length, found.areAllDevices]).toEqual([50, false]);
      expect((await world.desk.reader.homes.search('camera 7', 1)).areAllDevices).toBe(true);
    });

    it('refuses a search that is none, and one of a megabyte', async () => {
      const long = 'a'.repeat(1024 * 1024);
      for (const path of [`/api/v1/search?q=${long}`, `/?q=${long}`, '/api/v1/search', '/?page=0', '/?page=x', '/api/v1/sites?limit=1001'])
        expect([path.slice(0, 30), (await get(path)).status]).toEqual([path.slice(0, 30), 400]);
      const page = await (await get('/?q=%25')).text();
      expect(page).toContain('That is no word to search for');
      expect(await (await get('/?q=%3Cscript%3E')).text()).not.toContain('<script>');
    });
  });

  describe('the list of homes', () => {
    it('has those with trouble first, then those nobody looks at, then by name, page by page', async () => {
      for (let i = 0; i < HOMES_ON_A_PAGE; i++)
        await saveSite(world.database, { id: id(), name: `Silent ${String(i).padStart(2, '0')}` }, 1);
      const [zed, older] = [await home('Zed', { id: NAS }), await home('älter')];
      await world.send(zed, zed.entry('alert.raised', deviceDown(NAS, world.clock.now().wallMs)));
      const first = await world.desk.reader.homes.page(1);
      expect(first.homes.map(({ name }) => name).slice(0, 3)).toEqual(['Zed', 'Lindgren', 'Silent 00']);
      expect([first.pages, first.total, first.homes.length]).toEqual([2, HOMES_ON_A_PAGE + 3, HOMES_ON_A_PAGE]);
      const second = await world.desk.reader.homes.page(2);
      expect(second.homes.map(({ name }) => name)).toEqual(['Silent 48', 'Silent 49', 'älter']);
      expect((await world.desk.reader.homes.page(3)).homes).toEqual([]);
      expect(await (await get('/?page=2')).text()).toContain(`/sites/${older.site}`);
      expect(await (await get('/?page=2')).text()).toContain('href="/?page=1"');
    });

    it('is paged by programs in the order of registration, and whole for those that ask for no page', async () => {
      const added = [world.site];
      for (const name of ['Beta', 'Alpha', 'Beta']) {
        await world.clock.advance(10);
        added.push((await home(name)).site);
      }
      const whole = await json('/api/v1/sites');
      expect(whole.sites?.map((site) => site.id)).toEqual(added);
      expect(whole.next).toBeUndefined();
      expect(whole.sites?.map((site) => site.name)).toEqual([
        'Lindgren',
        `Beta (${added[1]?.slice(-4)})`,
        'Alpha',
        `Beta (${added[3]?.slice(-4)})`,
      ]);
      const first = await json('/api/v1/sites?limit=3');
      expect([first.sites?.map((site) => site.id), first.next]).toEqual([added.slice(0, 3), added[2]]);
      const rest = await json(`/api/v1/sites?limit=3&after=${first.next}`);
      expect([rest.sites?.map((site) => site.id), rest.next]).toEqual([added.slice(3), undefined]);
      expect((await json(`/api/v1/sites?after=${id()}`)).sites).toEqual([]);
    });

    it('counts what is wrong in all, and shows the most urgent of it, not too much of one home', async () => {
      const at = world.clock.now().wallMs;
      const bad = await home('Bad');
      await world.send(bad, ...Array.from({ length: 9 }, () => bad.entry('alert.raised', deviceDown(id(), at))));
      const other = await home('Other');
      await world.send(other, other.entry('alert.raised', deviceDown(NAS, at, { severity: 'critical' })));
      const { wrong, homes: count } = await world.desk.reader.homes.totals();
      expect([wrong, count]).toEqual([{ total: 10, homes: 2, acknowledged: 0 }, 3]);
      const { firing, more, moreElsewhere } = await world.desk.reader.homes.wrong();
      expect(firing.map(({ siteName }) => siteName)).toEqual(['Other', 'Bad', 'Bad', 'Bad', 'Bad', 'Bad']);
      expect([[...more], moreElsewhere]).toEqual([[[bad.site, 4]], { total: 0, homes: 0 }]);
    });
  });
});
