import { describe, expect, it } from 'vitest';
import {
  type ArpFacts,
  conclude,
  type Hop,
  type HopName,
  judgeArp,
  judgeGatewayDns,
  judgeInternet,
  judgeLink,
  judgeName,
  judgePing,
  judgePorts,
  judgeRoute,
  type Verdict,
  verdictWords,
} from '../../../../src/agent/diagnostics/trace.ts';

const lan = { name: 'eth0', mac: '02:00:00:00:00:01', address: '192.168.1.2', prefixLength: 24, ipv6: [], dnsServers: [] };
const ip = '192.168.1.20';
const mac = '00:11:32:00:00:20';
const other = '54:a7:03:00:00:99';
const answered = { outcome: 'answered', detail: 'x', rttMs: 0.44 } as const;
const silent = { outcome: 'silent', detail: 'ARP failed' } as const;
const unable = { outcome: 'unable', detail: 'EPERM' } as const;
const arp = (facts: Partial<ArpFacts> = {}) =>
  judgeArp({
    ip,
    answer: answered,
    entry: { mac, confirmedAgoMs: 0 },
    knownMacs: [mac],
    claimants: [],
    othersHeard: 7,
    isAsleep: false,
    ...facts,
  });
const gone = (facts: Partial<ArpFacts> = {}) => arp({ answer: silent, entry: {}, ...facts });
const anchor = (outcome: 'answered' | 'silent') => ({ anchor: 'dns://192.168.1.1', outcome, detail: 'no reply' });

/** The hops of a healthy device, with some of them replaced. */
function path(replaced: Partial<Record<HopName, Omit<Hop, 'name'>>> = {}): Hop[] {
  const healthy: Partial<Record<HopName, Omit<Hop, 'name'>>> = {
    link: judgeLink({ lan, hasLink: true }),
    route: judgeRoute(ip, lan),
    arp: arp(),
    ping: judgePing(answered),
    ports: judgePorts([{ port: 80, answer: 'open' }], answered, 0),
    name: judgeName({ mdns: 'nas.local' }),
  };
  return Object.entries({ ...healthy, ...replaced }).map(([name, judged]) => ({ name: name as HopName, ...judged }));
}

describe('each hop is told in a sentence', () => {
  it.each([
    ['the link', judgeLink({ lan, hasLink: true }), 'ok', /^The hub is 192\.168\.1\.2\/24 on eth0, link up\.$/],
    ['a link without carrier', judgeLink({ lan, hasLink: false }), 'broken', /eth0 has no link/],
    ['no network', judgeLink({ lan: undefined, hasLink: undefined }), 'broken', /no network/],
    ['a neighbour', judgeRoute(ip, lan), 'ok', /own network/],
    ['an address elsewhere', judgeRoute('10.0.0.9', undefined), 'broken', /none of the hub's networks/],
    ['the hub itself', judgeRoute('192.168.1.2', lan), 'broken', /the hub itself/],
    ['the known MAC', arp(), 'ok', /^00:11:32:00:00:20 answers for 192\.168\.1\.20, the MAC that we know\.$/],
    ['a MAC that nobody knew', arp({ knownMacs: [] }), 'ok', /^00:11:32:00:00:20 answers for 192\.168\.1\.20\.$/],
    [
      'ARP that needs root',
      arp({ answer: unable, entry: { mac, confirmedAgoMs: 40_000 } }),
      'unable',
      /proved 40 s ago; to ask it anew needs root/,
    ],
    ['ARP that was never seen', arp({ answer: unable, entry: undefined }), 'unable', /EPERM/],
    ['ping', judgePing(answered), 'ok', /in 0\.4 ms/],
    ['no ping', judgePing(silent), 'silent', /many phones/],
    ['forbidden ping', judgePing(unable), 'unable', /EPERM.*doctor/],
    ['open ports', judgePorts([{ port: 80, answer: 'open' }], silent, 3), 'ok', /80 open, 3 more not tried, UDP unanswered/],
    ['ports of one that is silent', judgePorts([{ port: 80, answer: 'silent' }], silent, 0), 'silent', /80 silent, UDP unanswered/],
    ['no known port', judgePorts([], answered, 0), 'ok', /No port of it is known: UDP answered/],
    ['a port that was open', judgePorts([{ port: 80, answer: 'closed' }], answered, 0), 'broken', /80 refused/],
    [
      'two names',
      judgeName({ mdns: 'nas.local', dns: 'nas.lan' }),
      'ok',
      /^It calls itself nas\.local \(mDNS\), the router calls it nas\.lan/,
    ],
    ['no name', judgeName({}), 'silent', /many devices have none/],
    ['look-ups of the router', judgeGatewayDns(anchor('answered')), 'ok', /names/],
    ['the line', judgeInternet([anchor('answered'), anchor('silent')]), 'ok', /1 of 2/],
    [
      'a sign-in page',
      judgeInternet(
        [anchor('answered')],
        [{ place: 'tls://192.0.2.1:443', outcome: 'impostor', instead: 'a page of its own', detail: 'EPROTO' }],
      ),
      'broken',
      /not the internet: a page of its own/,
    ],
    ['no line wanted', judgeInternet([]), 'skipped', /anchors/],
  ])('%s', (_what, hop, outcome, summary) => {
    expect(hop).toMatchObject({ outcome, summary: expect.stringMatching(summary) });
    expect(hop.breaks === undefined).toBe(outcome !== 'broken');
  });
});

describe('the conclusion names the hop that broke, and what to do', () => {
  it.each<[string, Hop[], HopName | null, RegExp, RegExp | undefined]>([
    ['nothing', path(), null, /path is whole/, undefined],
    ['a firewall that only lets ports through', path({ ping: judgePing(silent) }), null, /path is whole/, undefined],
    ["the hub's cable", path({ link: judgeLink({ lan, hasLink: false }) }), 'link', /at the hub itself/, /Plug in/],
    ['another network', path({ route: judgeRoute(ip, undefined) }), 'route', /none of the hub's networks/, /scan/],
    ['a dead device', path({ arp: gone() }), 'arp', /nobody answers.*hears 7 other devices/, /its power/],
    ['a dead switch', path({ arp: gone({ othersHeard: 0 }) }), 'arp', /right behind the hub/, /switch/],
    ['sleep', path({ arp: gone({ isAsleep: true }) }), 'arp', /sleeps/, /Wake it/],
    ['another device', path({ arp: arp({ entry: { mac: other }, stranger: 'Rogue' }) }), 'arp', /answered by Rogue \(54:a7/, /merge/],
    ['two devices', path({ arp: arp({ claimants: [mac, other] }) }), 'arp', /Two devices use/, /another address/],
    [
      'all above ARP',
      path({ ping: judgePing(silent), ports: judgePorts([], silent, 0), name: judgeName({ dns: 'nas.lan' }) }),
      'ping',
      /firewall.*or the device hangs/,
      /restart/,
    ],
    [
      'what a user may not see',
      path({ arp: arp({ answer: unable }), ping: judgePing(silent), ports: judgePorts([], silent, 0) }),
      'arp',
      /cannot be told by this user/,
      /sudo/,
    ],
    [
      'a service',
      path({ ports: judgePorts([{ port: 554, answer: 'closed' }], answered, 0) }),
      'ports',
      /port 554, which it had open/,
      /Restart/,
    ],
    [
      'the name server',
      path({ dns: judgeGatewayDns(anchor('silent')), internet: judgeInternet([anchor('answered')]) }),
      'dns',
      /no names/,
      /9\.9\.9\.9/,
    ],
    [
      'the line, although names fail with it',
      path({ dns: judgeGatewayDns(anchor('silent')), internet: judgeInternet([anchor('silent')]) }),
      'internet',
      /behind the router/,
      /modem/,
    ],
    [
      'two services',
      path({
        ports: judgePorts(
          [80, 554].map((port) => ({ port, answer: 'closed' })),
          answered,
          0,
        ),
      }),
      'ports',
      /ports 80, 554, which it had open, are not/,
      /Restart/,
    ],
  ])('%s', (_what, hops, breaksAt, sentence, advice) => {
    const conclusion = conclude(hops);
    expect(conclusion).toMatchObject({ breaksAt, sentence: expect.stringMatching(sentence) });
    if (advice) expect(conclusion.advice).toMatch(advice);
    else expect(conclusion.advice).toBeUndefined();
  });
});

describe('the verdict of the agent is told beside it', () => {
  const now = 1_000_000;
  const verdict: Verdict = { state: 'down', since: now - 60_000, reason: 'Silent.', detectWithinMs: 12_000, isLive: true };
  const whole = conclude(path());
  const dead = conclude(path({ arp: gone() }));

  it.each([
    ['a device that came back', verdict, whole, 'The agent says: down for 60 s. Silent. It will be up again at the next question.'],
    ['a device that is down', verdict, dead, 'The agent says: down for 60 s. Silent.'],
    [
      'a device that just died',
      { ...verdict, state: 'up' as const, reason: 'Answers.' },
      dead,
      'The agent says: up for 60 s. Answers. It notices silence within 12 s.',
    ],
    [
      'a device whose address another one took',
      { ...verdict, state: 'up' as const, reason: 'Answers.' },
      conclude(path({ arp: arp({ entry: { mac: other } }) })),
      'The agent says: up for 60 s. Answers.',
    ],
    ['what was saved', { ...verdict, isLive: false }, whole, 'The agent does not run; it said last: down for 60 s. Silent.'],
  ])('%s', (_what, told, conclusion, words) => {
    expect(verdictWords(told, conclusion, now)).toBe(words);
  });
});
