import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceView } from '../../../src/agent/diagnostics/view.ts';
import { readTable } from '../../../src/cli/delimited-table.ts';
import { readImport } from '../../../src/cli/import-rows.ts';

const device = (id: string, more: Partial<DeviceView>): DeviceView =>
  ({ id, ips: [], macs: [], because: [], services: [], ...more }) as unknown as DeviceView;
const VAULT = device('vault', {
  name: 'Vault',
  macs: ['00:11:32:aa:bb:cc'],
  ips: ['192.168.1.5'],
  serial: '17C0PEN012345',
  corrected: { room: { value: 'Rack', at: 1 } },
});
const TV = device('tv', { name: 'Den', macs: ['38:8c:50:01:02:03'], ips: ['192.168.1.9'] });
const SPEAKER = device('speaker', { name: 'Den', macs: ['78:28:ca:01:02:03'], ips: ['192.168.1.10'] });
const HOME = [VAULT, TV, SPEAKER];

const read = (...lines: string[]) => readImport(lines.join('\n'), HOME);
const found = (...lines: string[]) => read(...lines).rows.map(({ device: { id }, set }) => ({ [id]: set }));

describe('a table', () => {
  it.each(['a,b\n1,"x, ""y"""\n', 'a;b\r\n1;x, "y"\r\n', '\uFEFFa\tb\n\n1\t"x, ""y"""'])('is read as spreadsheets write it: %j', (text) => {
    const [, row] = readTable(text);
    expect(row?.cells).toEqual(['1', 'x, "y"']);
  });

  it('counts lines also within quotes', () => {
    expect(readTable('a\n"1\n2"\n\n3').map(({ line }) => line)).toEqual([1, 2, 5]);
  });
});

describe('a row', () => {
  it.each([
    ['mac', '00-11-32-AA-BB-CC', 'vault'],
    ['MAC Address', '001132aabbcc', 'vault'],
    ['Serial No.', '17c0pen012345', 'vault'],
    ['ip', '192.168.1.9', 'tv'],
    ['Device', 'vault', 'vault'],
  ])('finds its device by %s %s', (column, cell, id) => {
    expect(found(`${column},Installed on`, `${cell},2019-05`)).toEqual([{ [id]: { installed: '2019-05' } }]);
  });

  it('believes a MAC more than an address that has moved or a name', () => {
    expect(found('name,ip,mac,room', 'Den,192.168.1.9,78:28:ca:01:02:03,Den')).toEqual([{ speaker: { room: 'Den' } }]);
  });

  it('is unknown where its MAC or serial number is of none here, whatever its name', () => {
    expect(read('name,mac,installed', 'Vault,00:11:32:00:00:00,2019').unplaced).toEqual([
      { line: 2, says: 'Vault, 00:11:32:00:00:00', why: 'no such device is known here' },
    ]);
    expect(read('name,serial,installed', 'Vault,OTHER12345,2019').unplaced).toHaveLength(1);
  });

  it('is unclear where it fits two', () => {
    expect(read('name,installed', 'Den,2019').unplaced).toMatchObject([{ line: 2, why: 'it fits 2 devices: add their MAC addresses' }]);
  });

  it.each([
    ['2019', '2019'],
    ['2019-05-31', '2019-05-31'],
    ['31.5.2019', '2019-05-31'],
    ['31/05/2019', '2019-05-31'],
    ['05/31/2019', '2019-05-31'],
    ['05/05/2019', '2019-05-05'],
  ])('reads the day %s', (cell, day) =>
    expect(found('name;warranty_until', `Vault;${cell}`)).toEqual([{ vault: { 'warranty-until': day } }]),
  );

  it('says nothing that was said before, and nothing in an empty cell', () => {
    expect(found('name,room,installed', 'Vault,Rack,')).toEqual([{ vault: {} }]);
  });
});

describe('a file', () => {
  it('tells all its problems with their lines, at once', () => {
    expect(
      read('mac,name,installed', '00:11:32:aa:bb:cc,,yesterday', 'nonsense,,2019', ',,2019', ',Vault,05/06/2019', '', ',Vault,2019')
        .problems,
    ).toEqual([
      { line: 2, problem: '"yesterday" is no date. Write 2019, 2019-05, 2019-05-31 or 31.05.2019.' },
      { line: 3, problem: '"nonsense" is no MAC address.' },
      { line: 4, problem: 'The row names no device.' },
      { line: 5, problem: '"05/06/2019" is no date. It could be read in two ways: write 2019-05-31.' },
    ]);
  });

  it('may not say two things of one device', () => {
    expect(read('name,mac,room', 'Vault,,Rack', 'x,00:11:32:aa:bb:cc,Attic').problems).toEqual([
      { line: 3, problem: 'It is the device of line 2, of which room is "Rack" there and "Attic" here.' },
    ]);
  });

  it.each([
    ['', 'The file is empty. Its first line names the columns: mac,installed,warranty_until'],
    ['colour,installed\nred,2019', 'No column names the device: one of mac, serial, ip, name.'],
    ['mac,colour\n,red', 'No column says anything of it: installed, warranty_until or room.'],
    ['mac,MAC address,room', 'Two columns are mac.'],
  ])('%j is refused with words that help', (text, problem) => {
    expect(readImport(text, HOME)).toMatchObject({ problems: [{ problem }], rows: [] });
  });

  it('names the columns that say nothing', () => expect(read('name,room,Invoice no', 'Vault,Attic,12').ignored).toEqual(['Invoice no']));

  it('of anything at all is read without a throw, and never says what is in no cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('mac', 'name', 'room', 'Vault', ',', ';', '"', '\n', '2019', ' ', 'x') }), (text) => {
        for (const { set } of read(text).rows)
          for (const value of Object.values(set)) expect(text.replaceAll('"', '')).toContain(value.split(' ')[0]);
      }),
    );
  });
});
