// lab/score: compares a scan (standard input) with the truth (file in argv) and prints JSON.
import fs from 'node:fs';

const truth = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
let scan = JSON.parse(fs.readFileSync(0).toString());
// A device has `ips` and `macs` (hearthbeat) or one `ip` and `mac` (anything else).
scan = (Array.isArray(scan) ? scan : scan.devices)
  .map((d) => ({ ...d, ips: d.ips ?? [d.ip].filter(Boolean), macs: (d.macs ?? [d.mac].filter(Boolean)).map((mac) => mac.toLowerCase()) }))
  .filter((d) => d.online !== false && d.state !== 'down' && !d.ips.includes(truth.hub.ip));
const norm = (s) =>
  String(s ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
const alike = (got, want) => {
  const a = norm(got),
    b = norm(want);
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a));
};
const real = truth.hosts.filter((h) => h.reachable),
  hits = new Map(),
  wrong = [];
for (const d of scan) {
  const h = real.find((x) => d.macs.includes(x.mac)) ?? real.find((x) => d.ips.includes(x.ip));
  if (!h) {
    wrong.push(d);
    continue;
  }
  hits.set(h.name, [...(hits.get(h.name) ?? []), d]);
}
const part = (list) => ({ found: list.filter((h) => hits.has(h.name)).length, of: list.length });
const fields = {};
const misses = {};
// Of the hosts that say something by themselves: what was not told.
const unsaid = {};
for (const f of ['vendor', 'kind', 'model', 'name']) {
  let right = 0,
    wrongs = 0,
    absent = 0;
  for (const h of real) {
    const e = h.expect;
    if (e.hostile || e[f] == null || !hits.has(h.name)) continue;
    const got = hits
      .get(h.name)
      .map((d) => d[f])
      .find((x) => x);
    if (!got) {
      absent++;
      if (h.source !== 'plain') (unsaid[f] ??= []).push(h.name);
    } else if ([e[f], ...(e[`${f}Also`] ?? [])].some((w) => alike(got, w))) right++;
    else {
      wrongs++;
      (misses[f] ??= []).push(`${h.name}: said "${String(got).slice(0, 60)}", is "${e[f]}"`);
    }
  }
  fields[f] = {
    right,
    wrong: wrongs,
    notSaid: absent,
    precision: right + wrongs ? +(right / (right + wrongs)).toFixed(3) : null,
    recall: right + wrongs + absent ? +(right / (right + wrongs + absent)).toFixed(3) : null,
  };
}
const found = real.filter((h) => hits.has(h.name));
console.log(
  JSON.stringify(
    {
      recall: +(found.length / real.length).toFixed(3),
      precision: scan.length ? +((scan.length - wrong.length) / scan.length).toFixed(3) : null,
      hosts: {
        all: part(real),
        real: part(real.filter((h) => h.source === 'real')),
        scripted: part(real.filter((h) => h.source === 'scripted')),
        plain: part(real.filter((h) => h.source === 'plain')),
        silentToPing: part(real.filter((h) => !h.answers.ping)),
      },
      missed: real.filter((h) => !hits.has(h.name)).map((h) => `${h.name} ${h.ip}`),
      ghosts: wrong.map((d) => d.ips[0] ?? d.macs[0]),
      counted_twice: [...hits].filter(([, l]) => l.length > 1).map(([n, l]) => `${n} x${l.length}`),
      fields,
      misses,
      unsaid,
    },
    null,
    1,
  ),
);
