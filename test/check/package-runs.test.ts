import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SmallCopy } from './small-copy.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const { version, dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

let copy: SmallCopy;
let installed: string;

// Packed from a copy and unpacked under node_modules, as npm does it; its dependencies are those already installed here. The
// installation from the registry itself is part of `npm run check:fresh`.
beforeAll(async () => {
  copy = SmallCopy.ofTheProgram();
  await succeed(process.execPath, ['scripts/build.ts']);
  await succeed('npm', ['pack', '--ignore-scripts', '--loglevel=error']);
  installed = path.join(copy.folder, 'elsewhere/node_modules/hearthbeat');
  mkdirSync(installed, { recursive: true });
  await succeed('tar', ['-xzf', `hearthbeat-${version}.tgz`, '--strip-components=1', '-C', installed]);
  linkDependencies();
});
afterAll(() => copy?.remove());

test('the package has the program, its data and its licence, and nothing else', () => {
  const top = ['LICENSE', 'THIRD-PARTY-NOTICES.md', 'bin', 'config', 'dist', 'package.json'];
  expect(readdirSync(installed).sort()).toEqual(top);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => file.endsWith('.ts'))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      'dist/LICENSES.txt',
      'dist/cli/main.js',
      'dist/web/client/page.js',
      'dist/web/client/page.css',
      'bin/runtime.mjs',
    ]),
  );
});

test('the worker of the page is a script that is no module, as every browser takes it', () => {
  const worker = readFileSync(path.join(installed, 'dist/web/client/push-worker.js'), 'utf8');
  expect(() => new Script(worker)).not.toThrow();
});

test('every file of the package loads', async () => {
  const files = readdirSync(path.join(installed, 'dist/cli')).filter((file) => file.endsWith('.js'));
  const imports = files.map((file) => `import '${installed}/dist/cli/${file}';`).join('\n');
  const { code, output } = await copy.run(process.execPath, ['--input-type=module', '--eval', imports, '--', 'hearthbeat', '--version']);
  expect({ code, output }).toEqual({ code: 0, output: `${version}\n` });
});

test('the engine keeps the program with one byte a character', () => {
  const folder = path.join(installed, 'dist/cli');
  const wide = readdirSync(folder).filter(
    (file) => file.endsWith('.js') && /[^\0-\u00ff]/.test(readFileSync(path.join(folder, file), 'utf8')),
  );
  expect(wide).toEqual([]);
});

test('the command runs from the package', async () => {
  const { code, output } = await copy.run(process.execPath, [path.join(installed, 'bin/hearthbeat.mjs'), '--version']);
  expect({ code, output }).toEqual({ code: 0, output: `${version}\n` });
});

test('a mistake in the program leads back to its line in the source', async () => {
  rmSync(path.join(installed, 'dist/web/client/page.css'));
  const desk = [path.join(installed, 'bin/hearthbeat.mjs'), 'desk', '--config', emptySettings()];
  const { code, output } = await copy.run(process.execPath, desk);
  expect(code).toBe(70);
  const lines = readFileSync(path.join(ROOT, 'src/platform/web-assets.ts'), 'utf8').split('\n');
  const line = lines.findIndex((each) => each.includes('new URL(file, FOLDER)')) + 1;
  expect(output).toContain(`A mistake in the program at src/platform/web-assets.ts:${line}: ENOENT`);
});

test('the licence of every library that is in the files goes along with them', () => {
  const licences = readFileSync(path.join(installed, 'dist/LICENSES.txt'), 'utf8');
  for (const name of ['mqtt', 'zod', 'node-ssdp', 'commander'])
    expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
});

function emptySettings(): string {
  const file = path.join(copy.folder, 'desk.yaml');
  writeFileSync(file, `data: ${path.join(copy.folder, 'desk-data')}\n`);
  return file;
}

function linkDependencies(): void {
  const packages = path.dirname(installed);
  for (const name of Object.keys(dependencies)) {
    mkdirSync(path.dirname(path.join(packages, name)), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(packages, name));
  }
}

async function succeed(program: string, args: string[]): Promise<void> {
  const { code, output } = await copy.run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`);
}
