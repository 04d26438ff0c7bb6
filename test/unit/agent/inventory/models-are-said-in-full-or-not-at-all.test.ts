import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNamed, asWritten, isModel, modelOf } from '../../../../src/agent/inventory/model-names.ts';

const tables = new Map([['no-models', new Map([['edgeos', 'system']])]]);

describe('a model', () => {
  it.each([
    ['OmniStack', 'OmniStack LS 6200', 'OmniStack LS 6200'],
    ['Universal Device Server', 'Lantronix Universal Device Server UDS10\r\nMAC address 00204A123456', 'Universal Device Server UDS10'],
    ['Smart-UPS', 'Smart-UPS 1500, battery fine', 'Smart-UPS 1500'],
  ])('takes the number that stands beside it: %s', (model, text, full) => {
    expect(asWritten(model, { sysDescr: text })).toBe(full);
  });

  it.each([
    ['ex2200', 'Juniper-ex2200-c-12t-2g', 'ex2200-c-12t-2g'],
    ['5400', 'AXIS 5400+ TELNET Print Server', '5400+'],
    ['FRITZ!Box 7590', 'FRITZ!Box 7590 AX', 'FRITZ!Box 7590 AX'],
    ['TS-219P', 'QNAP NAS TS-219P II', 'TS-219P II'],
  ])('ends where its word ends, with the word that makes it another: %s', (model, text, full) => {
    expect(asWritten(model, { vendorClass: text })).toBe(full);
  });

  it.each([
    ['NetWare', 'Novell NetWare 5.70.08  October 3, 2008'],
    ['TigerSwitch', 'SMC TigerSwitch 10/100, revision F.02'],
    ['PowerConnect', 'Dell PowerConnect 24-Port'],
    ['Windows Server', 'Windows Server 2003'],
    ['ReadyNAS', 'ReadyNAS 404 Not Found'],
    ['ConnectUPS Web Card', 'ConnectUPS Web Card V436'],
    ['isilon', 'isilon-1 OneFS'],
    ['LQ-2190', 'LQ-2190-C9384C FTP server'],
    ['D785', 'snom D785-SIP 10.1.169.16'],
    ['DocCam', 'vaddio DocCam-54-10-EC-31-2A-19'],
    ['TC7200', 'SW_REV: TC7200-STD; MODEL: TC7200>>'],
  ])('takes no version, speed, count, year, error or number of its own: %s', (model, text) => {
    expect(asWritten(model, { banner: text })).toBe(model);
  });

  it('loses the MAC or serial number behind its own number', () => {
    expect(asWritten('CP-8841-SEP00112233', { subject: 'CN=CP-8841-SEP00112233' })).toBe('CP-8841');
    expect(asWritten('DS-2CD2032', { title: 'Hikvision DS-2CD2032' })).toBe('DS-2CD2032');
  });

  it('loses the version of the firmware behind it', () => {
    expect(asWritten('IP Verso 2.34.1.44.5', { server: '2N IP Verso 2.34.1.44.5' })).toBe('IP Verso');
    expect(asWritten('Gigabit Network Card v3', { sysDescr: 'Eaton Gigabit Network Card v3.0.5' })).toBe('Gigabit Network Card');
    expect(asWritten('TD-W8960N v5', { title: 'TD-W8960N v5' })).toBe('TD-W8960N v5');
    expect(asWritten('Indoor Touch 2.0', { server: '2N Indoor Touch 2.0' })).toBe('Indoor Touch 2.0');
  });

  it('that has a field of its own stays as it is, whatever the names of hosts say', () => {
    expect(asWritten('JuiceBox', { hostname: 'JuiceBox-1234', modelName: 'JuiceBox' })).toBe('JuiceBox');
  });

  it.each([
    ['Google Home', 'Google-Home-Mini', 'Google Home Mini'],
    ['Apple TV', 'AppleTV-4K', 'Apple TV 4K'],
    ['EdgeRouter', 'EdgeRouter-X', 'EdgeRouter X'],
    ['Squeezebox', 'squeezebox0004201a2b3c', 'Squeezebox'],
    ['Mi Box', 'MIBOX3', 'Mi Box'],
    ['Apple TV', 'Apple-TV-Max', 'Apple TV'],
    ['GL-MT', 'GL-MT300N-V2', undefined],
    ['Chromecast', 'Living-Room', 'Chromecast'],
  ])(
    'takes the word that makes it another from the name of its host, and is none where that name goes on: %s in %s',
    (model, hostname, named) => {
      expect(asNamed(model, { hostname })).toBe(named);
    },
  );

  it('is no kind of thing and no system by which hardware cannot be told', () => {
    expect(
      ['Gateway', 'Network Camera', 'Blu-ray Disc Player', 'Layer2-7', 'Systems', 'Media Render', 'EdgeOS'].filter((text) =>
        isModel(text, tables),
      ),
    ).toEqual([]);
    expect(['Sonos Port', 'Smart Modem', 'Access Gateway', 'RB750Gr3', 'VPN Gateway'].filter((text) => isModel(text, tables))).toHaveLength(
      5,
    );
  });

  it('is not its maker with the kind of thing behind, which many of its models are; a maker with one noun may be a product', () => {
    const said = (value: string, vendor: string, confidence = 0.7): unknown => modelOf([{ value, confidence }], vendor, {})?.value;
    expect(said('TOSHIBA Network Camera', 'Toshiba')).toBeUndefined();
    expect(said('D-Link Wireless Router', 'D-Link')).toBeUndefined();
    expect(said('Philips TV', 'Philips')).toBeUndefined();
    expect(said('Apple TV', 'Apple')).toBe('Apple TV');
    expect(said('Sonos Port', 'Sonos')).toBe('Sonos Port');
    expect(said('TOSHIBA Network Camera', 'Toshiba', 0.95)).toBe('TOSHIBA Network Camera');
  });

  it('is another product than the maker where the text tells one, and the maker itself where none is', () => {
    const maker = { value: 'Blackmagic', confidence: 0.53 };
    const product = { value: 'HyperDeck', confidence: 0.52 };
    const fields = { banner: 'Blackmagic HyperDeck Studio' };
    expect(modelOf([maker, product], 'Blackmagic Design', fields)?.value).toBe('HyperDeck');
    expect(modelOf([maker], 'Blackmagic Design', fields)?.value).toBe('Blackmagic');
    expect(modelOf([maker, { value: null, confidence: 0.9 }], 'Blackmagic Design', fields)?.value).toBeNull();
  });

  it.each(['-A', '-1', '-a', '-A1B2', ' A', ' ex2200', '+'])('is found in four kilobytes of %s without delay', (part) => {
    const startedAt = performance.now();
    asWritten('ex2200', { banner: `ex2200${part.repeat(4096 / part.length)}:` });
    asWritten('NetVanta', { banner: `NetVanta${part.repeat(4096 / part.length)}:` });
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  it('always begins with what the rule read, and grows by words that stand in the text', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'aB1- +.X/9'), maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom('NetVanta', 'ex2200', 'RV'), letters, (model, behind) => {
        const said = asWritten(model, { banner: `${model}${behind}` });
        return said.startsWith(model) && `${model}${behind}`.startsWith(said);
      }),
    );
  });
});
