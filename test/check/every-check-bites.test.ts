import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallCopy } from './small-copy.ts';

const CLEAN = {
  'src/cli/main.ts': "import { greeting } from '../base/greeting.ts';\n\nprocess.stdout.write(greeting('hub'));\n",
  'src/base/greeting.ts': 'export function greeting(name: string): string {\n  return name.toUpperCase();\n}\n',
};

let copy: SmallCopy;
beforeEach(() => {
  copy = SmallCopy.withChecks(CLEAN);
});
afterEach(() => copy.remove());

test('a clean project passes the checks of code, imports and words', async () => {
  const { code, output } = await copy.check('lint', 'types', 'imports', 'words', 'lock');
  expect(output).not.toContain('FAILED');
  expect(code).toBe(0);
});

test('a check that does not exist is refused', async () => {
  expect(await copy.check('spelling')).toMatchObject({ code: 2 });
});

test('the format is checked', async () => {
  copy.write('src/base/greeting.ts', 'export function greeting( name : string ) { return name }\n');
  await fails('lint', 'src/base/greeting.ts format');
});

test('the linter runs, and its warnings count', async () => {
  copy.write('src/base/greeting.ts', `${CLEAN['src/base/greeting.ts']}\nconst forgotten = 1;\n`);
  await fails('lint', 'noUnusedVariables');
});

test('types are checked', async () => {
  copy.write('src/base/greeting.ts', 'export const greeting = (name: string): number => name;\n');
  await fails('types', 'TS2322');
});

test('a file that nothing imports is found', async () => {
  copy.write('src/base/orphan.ts', 'export const orphan = 1;\n');
  await fails('unused', 'src/base/orphan.ts');
});

test('an export that nothing uses is found', async () => {
  copy.write('src/base/greeting.ts', `${CLEAN['src/base/greeting.ts']}\nexport const unwanted = 1;\n`);
  await fails('unused', 'unwanted');
});

describe('imports', () => {
  const injected: Record<string, { from: string; imports: string }> = {
    'base-imports-nothing-of-ours': { from: 'src/base/a.ts', imports: '../protocol/x.ts' },
    'protocol-imports-only-base': { from: 'src/protocol/a.ts', imports: '../agent/ports.ts' },
    'discovery-does-not-import-later-stages': { from: 'src/agent/discovery/a.ts', imports: '../inventory/x.ts' },
    'inventory-does-not-import-later-stages': { from: 'src/agent/inventory/a.ts', imports: '../health/x.ts' },
    'evidence-does-not-import-later-stages': { from: 'src/agent/evidence/a.ts', imports: '../health/x.ts' },
    'health-does-not-import-later-stages': { from: 'src/agent/health/a.ts', imports: '../alerts/x.ts' },
    'topology-does-not-import-later-stages': { from: 'src/agent/topology/a.ts', imports: '../alerts/x.ts' },
    'decay-does-not-import-later-stages': { from: 'src/agent/decay/a.ts', imports: '../lifecycle/x.ts' },
    'the-agent-only-counts-days': { from: 'src/agent/c.ts', imports: './decay/house.ts' },
    'lifecycle-does-not-import-later-stages': { from: 'src/agent/lifecycle/a.ts', imports: '../alerts/x.ts' },
    'alerts-does-not-import-later-stages': { from: 'src/agent/alerts/a.ts', imports: '../outbox/x.ts' },
    'stages-see-no-store-and-no-composition': { from: 'src/agent/health/b.ts', imports: '../store/x.ts' },
    'agent-and-desk-meet-only-in-protocol': { from: 'src/desk/a.ts', imports: '../agent/ports.ts' },
    'only-the-edge-imports-platform': { from: 'src/agent/a.ts', imports: '../platform/x.ts' },
    'only-platform-has-effects': { from: 'src/agent/discovery/b.ts', imports: 'node:dgram' },
    'nothing-imports-the-simulation': { from: 'src/agent/b.ts', imports: '../simulation/x.ts' },
    'nothing-imports-the-cli': { from: 'src/desk/b.ts', imports: '../cli/main.ts' },
    'the-program-knows-no-test': { from: 'src/desk/c.ts', imports: '../../test/x.ts' },
    'no-barrels': { from: 'src/desk/d.ts', imports: './store/index.ts' },
    'no-cycles': { from: 'src/desk/e.ts', imports: './f.ts' },
    'no-development-packages-in-the-program': { from: 'src/desk/g.ts', imports: 'fast-check' },
    'every-import-resolves': { from: 'src/desk/h.ts', imports: './nowhere.ts' },
  };

  test('every rule catches what it forbids, in the file that does it, and says what to do instead', async () => {
    for (const { from, imports } of Object.values(injected)) copy.write(from, `import '${imports}';\n`);
    const targets = ['protocol/x', 'platform/x', 'simulation/x', 'desk/store/index'];
    const stages = ['inventory', 'health', 'lifecycle', 'alerts', 'outbox', 'store'].map((stage) => `agent/${stage}/x`);
    for (const target of [...targets, ...stages, 'agent/ports', 'agent/decay/house'])
      copy.write(`src/${target}.ts`, 'export const x = 1;\n');
    copy.write('test/x.ts', 'export const x = 1;\n');
    copy.write('src/desk/f.ts', "import './e.ts';\n");

    const { code, output } = await copy.check('imports');
    for (const [rule, { from }] of Object.entries(injected)) expect(output).toMatch(new RegExp(`^${from} -> .*\\n  ${rule}: .{20,}`, 'm'));
    expect(code).toBe(1);
  });

  test('a rule without an injection here does not exist', async () => {
    const { default: config } = await import('../../.dependency-cruiser.cjs');
    expect(config.forbidden?.map((rule) => rule.name).sort()).toEqual(Object.keys(injected).sort());
  });

  test('an import of a type alone counts too', async () => {
    copy.write('src/protocol/x.ts', 'export type X = 1;\n');
    copy.write('src/base/a.ts', "import type { X } from '../protocol/x.ts';\n\nexport const x: X = 1;\n");
    await fails('imports', 'base-imports-nothing-of-ours');
  });

  test('reading no file is not a pass: dependency-cruiser does that when TypeScript 6 is missing', async () => {
    copy.linkPackagesWithout('typescript', 'dependency-cruiser');
    await fails('imports', 'dependency-cruiser did not read 2 files');
  });
});

test('a lock file that npm ci would refuse is found', async () => {
  const name = 'left-out-linux-x64-musl';
  copy.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { optionalDependencies: { [name]: '1.0.0' } } } }));
  await fails('lock', name);
});

test('notices that do not list what the lock file has are found', async () => {
  copy.write('THIRD-PARTY-NOTICES.md', '# nothing\n');
  await fails('lock', 'THIRD-PARTY-NOTICES.md does not list');
});

async function fails(check: string, because: string): Promise<void> {
  const { code, output } = await copy.check(check);
  expect(output).toContain(because);
  expect(output).toContain(`FAILED  ${check}`);
  expect(code).toBe(1);
}
