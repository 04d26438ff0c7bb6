import { expect, test } from 'vitest';
import { findingsIn, RULES } from '../../scripts/source-rules.ts';

// Pieces are joined here, so that this file does not break the rules itself.
const HOST = ['registry', 'example', 'org'].join('.');
const MACHINE_PATH = ['', 'home', 'ann', 'hearthbeat'].join('/');
const NEIGHBOUR = ['..', 'shared', 'lab'].join('/');

/** What each rule must catch, and what looks like it and is fine. */
const EXAMPLES: Record<string, { file: string; caught: string[]; fine: string[] }> = {
  'no-clock-outside-platform': {
    file: 'src/agent/health/judge.ts',
    caught: ['const at = Date.now();', 'const at = new Date();', 'performance.now()', 'process.hrtime.bigint()'],
    fine: ['new Date(at.wallMs)', '// Date.now() would step', '/* performance.now() */', 'clock.now()'],
  },
  'no-timer-outside-platform': {
    file: 'src/agent/agent.ts',
    caught: [
      'setTimeout(run, 5)',
      'setInterval(run, 5)',
      'setImmediate(run)',
      "import { setTimeout as sleep } from 'node:timers/promises';",
    ],
    fine: ['clock.setTimer(5, run)'],
  },
  'no-randomness-outside-platform': {
    file: 'src/base/ids.ts',
    caught: ['Math.random()', 'crypto.randomUUID()', "import { randomBytes } from 'node:crypto';", 'crypto.getRandomValues(bytes)'],
    fine: ['random.bytes(16)', "import { createHash } from 'node:crypto';"],
  },
  'no-socket-outside-platform': {
    file: 'src/agent/discovery/fetch-plan.ts',
    caught: [
      "import net from 'node:net';",
      "import { connect } from 'node:net';",
      "import { isIP, connect } from 'node:net';",
      'await fetch(url)',
    ],
    fine: [
      "import { isIP } from 'node:net';",
      "import { BlockList, isIPv6 } from 'node:net';",
      "import type { Socket } from 'node:net';",
      'this.fetch(url)',
      'readonly app: { fetch(request: Request): Response };',
    ],
  },
  'no-registry-host': { file: 'README.md', caught: [`npm install --registry https://${HOST}/`], fine: ['the npm registry'] },
  'no-address-in-the-lock-file': {
    file: 'package-lock.json',
    caught: ['"resolved": "https://packages.example/ping-1.0.0.tgz"'],
    fine: ['"resolved": "vendor/ip"'],
  },
  'no-path-of-one-machine': {
    file: 'docs/guide.md',
    caught: [`cd ${MACHINE_PATH}`, `see ${NEIGHBOUR}`],
    fine: ['cd hearthbeat', '/etc/hearthbeat/agent.yaml', 'https://example.org/home/page', '/var/lib/hearthbeat'],
  },
};

test('every rule has examples', () => {
  expect(RULES.map((rule) => rule.name)).toEqual(Object.keys(EXAMPLES));
});

test.each(Object.entries(EXAMPLES))('%s catches what it must and nothing that is fine', (rule, { file, caught, fine }) => {
  const rulesBroken = (text: string) =>
    findingsIn(file, `// first line\n${text}\n`).map((finding) => `${finding.rule} line ${finding.line}`);
  for (const text of caught) expect(rulesBroken(text), text).toContain(`${rule} line 2`);
  for (const text of fine) expect(rulesBroken(text), text).toEqual([]);
});

test('the platform and a main.ts may do what others may not', () => {
  for (const file of ['src/platform/system-clock.ts', 'src/cli/main.ts'])
    expect(findingsIn(file, 'Date.now(); Math.random(); setTimeout(f, 1);')).toEqual([]);
});

test('a word that names this machine is found in any file', () => {
  const [finding] = findingsIn('config/agent.yaml', 'a: 1\nb: hub-of-ann\n', ['hub-of-ann']);
  expect(finding).toMatchObject({ file: 'config/agent.yaml', line: 2, rule: 'no-name-of-this-machine' });
});
