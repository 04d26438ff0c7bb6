import { describe, expect, it } from 'vitest';
import { deviceTable, type ListedDevice } from '../../../src/cli/render/device-table.ts';
import { cut, tableLines, textWidth } from '../../../src/cli/render/table.ts';

const plain = (text: string): string => text;
const cells = (...texts: string[]) => texts.map((text) => ({ text }));

describe('a table', () => {
  const columns = [{ title: 'IP' }, { title: 'NAME', atLeast: 6 }, { title: 'MAC', rank: 1 }, { title: 'SEEN BY', rank: 2 }];
  const rows = [
    cells('192.168.1.30', 'Kitchen speaker', '78:28:ca:1a:2b:3c', 'arp mdns'),
    cells('192.168.1.4', '', 'b0:a7:37:5d:10:7e', 'arp'),
  ];

  it('keeps everything where the width is unlimited, and ends no line with blanks', () => {
    expect(tableLines(columns, rows, Number.POSITIVE_INFINITY, plain)).toEqual([
      'IP            NAME             MAC                SEEN BY',
      '192.168.1.30  Kitchen speaker  78:28:ca:1a:2b:3c  arp mdns',
      '192.168.1.4                    b0:a7:37:5d:10:7e  arp',
    ]);
  });

  it('leaves out columns by rank, then cuts the widest', () => {
    expect(tableLines(columns, rows, 40, plain)).toEqual(
      ['IP            NAME     MAC', '192.168.1.30  Kitche…  78:28:ca:1a:2b:3c', '192.168.1.4            b0:a7:37:5d:10:7e'].map(
        (line) => line,
      ),
    );
    expect(tableLines(columns, rows, 24, plain)).toEqual(['IP            NAME', '192.168.1.30  Kitchen s…', '192.168.1.4']);
  });

  it.each([10, 24, 36, 40, 57, 80])('is never wider than %d cells where its narrowest columns fit', (width) => {
    const lines = tableLines(columns, rows, width, plain);
    if (width >= 20) expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
    expect(lines).toHaveLength(3);
  });

  it('counts wide characters as two cells, and cuts before the one that does not fit', () => {
    expect(textWidth('寝室')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
    expect(cut('寝室のテレビ', 6)).toBe('寝室…');
    expect(tableLines([{ title: 'NAME' }, { title: 'IP' }], [cells('寝室', '1'), cells('Bath', '2')], 80, plain)).toEqual([
      'NAME  IP',
      '寝室  1',
      'Bath  2',
    ]);
  });
});

describe('the table of devices', () => {
  const device = (part: Partial<ListedDevice>): ListedDevice => ({ ips: [], macs: [], seenBy: [], isGateway: false, state: 'up', ...part });
  const devices = [
    device({
      ips: ['192.168.1.100'],
      name: 'Kitchen',
      vendor: 'Sonos',
      model: 'One',
      kind: 'speaker',
      macs: ['78:28:ca:1a:2b:3c'],
      seenBy: ['neighbour', 'mdns'],
    }),
    device({ ips: ['192.168.1.9'], macs: ['62:1e:9a:4f:12:ad'], seenBy: ['neighbour'] }),
    device({ ips: ['192.168.1.1'], vendor: 'TP-Link', isGateway: true, macs: ['54:a7:03:00:00:01'], seenBy: ['neighbour', 'icmp'] }),
  ];

  it('is sorted by address as a number, and says what is private and what is the gateway', () => {
    const lines = deviceTable(devices, { write: () => {} }, {});
    expect(lines.slice(1).map((line) => line.split(/\s{2,}/))).toEqual([
      ['192.168.1.1', '(gateway)', 'TP-Link', '54:a7:03:00:00:01', 'arp ping'],
      ['192.168.1.9', '(private)', '62:1e:9a:4f:12:ad', 'arp'],
      ['192.168.1.100', 'Kitchen', 'Sonos', 'One', 'speaker', '78:28:ca:1a:2b:3c', 'arp mdns'],
    ]);
  });

  it('colours only for a terminal that wants it', () => {
    const terminal = { write: () => {}, isTTY: true, columns: 140 };
    expect(deviceTable(devices, terminal, {}).join()).toContain('\u001b[');
    expect(deviceTable(devices, terminal, { NO_COLOR: '1' }).join()).not.toContain('\u001b[');
    expect(deviceTable(devices, { write: () => {} }, {}).join()).not.toContain('\u001b[');
  });

  it('shows state and age where they are known', () => {
    const [, row] = deviceTable([device({ ips: ['192.168.1.1'], state: 'down' })], { write: () => {} }, {}, () => '5 min');
    expect(row).toBe('192.168.1.1  down   5 min');
  });
});
