// Finds the Node.js that hearthbeat runs on and hands a command over to it. Plain JavaScript for Node 20 or later, because it
// runs before the right Node is known. It installs nothing: that is scripts/setup.mjs.
// @ts-check
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';

/** Node 24 runs TypeScript files directly. Older ones do not, and below 22 the SQLite driver crashes without a message. */
export const OLDEST_MAJOR = 24;

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']);

export const ownNodeIsRecent = Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR;

/**
 * Makes the JavaScript engine fit a small hub that mostly waits; to be called before anything is loaded. Measured with 250 devices
 * (`npm run bench:agent`): 178 MB become 128 by the young generation and 116 without the compilers, for the same processor time.
 * These are flags that the engine reads anew each time, so that they work in a process that has started.
 */
export function keepEngineSmall() {
  // The young generation doubles up to 3 x 16 MB, and the agent fills it with sightings and probes that are long over.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Nothing in the agent runs hot enough to earn back what the optimising compilers and their code take.
  setFlagsFromString('--no-opt');
  setFlagsFromString('--no-maglev');
  // The plain one earns its 2 MB, a fifth of the time of what runs often; what ran at the start only gives its code back: 0.6 MB.
  setFlagsFromString('--flush-baseline-code');
  // The old generation grows by a third at most before it is cleaned, instead of by half and more: 137 MB become 119 (median).
  setFlagsFromString('--optimize-for-size');
  // And by a twentieth where that is more than 2 MB: another 2 MB, for no processor time that could be measured.
  setFlagsFromString('--heap-growing-percent=5');
  // But to reduce memory, which the flag for size asks of each cleaning, the engine lets it grow by 8 MB at least. Cleaning begins at two
  // fifths of that: 6 MB less at most, for a cleaning of 50 ms every 20 seconds.
  setFlagsFromString('--incremental-marking-hard-trigger=40');
  // Expressions that run now and then stay small bytecode: half a megabyte less, for no processor time that could be measured.
  setFlagsFromString('--regexp-tier-up-ticks=20');
}

/** Where the Node that `.tooling` brings along is, whether installed or not. @param {string} root the project's folder */
export function broughtAlongNode(root) {
  return path.join(root, '.tooling/node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');
}

/** The Node to use: this one when it is recent enough, else the one brought along; undefined when there is none. @param {string} root */
export function findRuntime(root) {
  if (ownNodeIsRecent) return process.execPath;
  const brought = broughtAlongNode(root);
  return isExecutable(brought) ? brought : undefined;
}

/**
 * Runs a program with this process's input, output and signals, and resolves to its exit code (128 + n after signal n, as shells
 * report it). Rejects when the program cannot be started.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function handOver(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    if (!(signal === 'SIGINT' && terminalInterruptsUsAll())) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}

/**
 * Options for a Node program that must not outlive this process, even when this one is killed with SIGKILL: a channel that carries
 * nothing, whose end tells the program (see followLauncher in src/cli/main.ts). Not for anything but Node: others would pass it on.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {import('node:child_process').SpawnOptions}
 */
export function tied(env = process.env) {
  return { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: { ...env, HEARTHBEAT_LAUNCHER: String(process.pid) } };
}

/**
 * Ctrl-C reaches every process of the terminal's foreground group, so the child already has it. Passing it on would make one
 * Ctrl-C look like two, and the second means "stop at once".
 */
function terminalInterruptsUsAll() {
  try {
    // proc(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const [, , group, , , foregroundGroup] = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return group === foregroundGroup;
  } catch {
    return Boolean(process.stdin.isTTY);
  }
}

/** @param {NodeJS.Signals | null} signal */
function signalNumber(signal) {
  return signal ? osConstants.signals[signal] : 0;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return existsSync(file);
  } catch {
    return false;
  }
}
