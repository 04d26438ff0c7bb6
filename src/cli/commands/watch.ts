/**
 * `hearthbeat watch`: the house as the agent sees it, live. Full screen with keys in a terminal; elsewhere a log with one line for each thing
 * that happens, with --json one JSON document a line.
 */
import type { Command } from 'commander';
import { sleep } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { openTerminal, type Terminal } from '../../platform/terminal.ts';
import { type KnownView, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags } from '../context.ts';
import { afterKey, eventLine, FIRST_CHOICE, type Watched, watchScreen } from '../render/watch-screen.ts';
import { eventsBetween, type WatchEvent } from '../watch-events.ts';

const LOOK_EVERY_MS = 1_000;
const KEPT_EVENTS = 100;
const STOPPED = 'The agent does not run: this is what it saved last. Start it with `hearthbeat up` or the service manager.';

export async function watch(context: CliContext, command: Command): Promise<number> {
  const first = await readAgentView(context, command);
  const isLog = globalFlags(command).json === true || !context.stdout.isTTY;
  await (isLog ? keepLog(first, context, command) : keepScreen(first, context, command));
  return EXIT.fine;
}

/** Looks again and again until told to stop; what cannot be read now is a problem to show and no end. */
async function lookOn(
  read: () => Promise<KnownView>,
  signal: AbortSignal,
  onLook: (known: KnownView | undefined, problem?: string) => void,
): Promise<void> {
  for (;;) {
    await sleep(systemClock, LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      const known = await read();
      onLook(known, known.running ? undefined : STOPPED);
    } catch (error) {
      onLook(undefined, error instanceof HearthbeatError ? error.message : String(error));
    }
  }
}

async function keepLog(first: KnownView, context: CliContext, command: Command): Promise<void> {
  const { stdout, env, signal } = context;
  const asJson = globalFlags(command).json === true;
  const say = (event: WatchEvent, now: number): void =>
    void stdout.write(asJson ? `${JSON.stringify(event)}\n` : `${eventLine(event, now, { output: stdout, env })}\n`);
  let { view } = first;
  let problem = first.running ? undefined : STOPPED;
  context.stderr.write(`${problem ?? `Watching ${view.devices.length} devices. One line for each thing that happens; Ctrl-C ends it.`}\n`);
  await lookOn(
    () => readAgentView(context, command),
    signal,
    (known, trouble) => {
      if (trouble !== problem) context.stderr.write(`${trouble ?? 'The agent runs again.'}\n`);
      problem = trouble;
      if (!known) return;
      for (const event of eventsBetween(view, known.view)) say(event, known.view.at);
      view = known.view;
    },
  );
}

async function keepScreen(first: KnownView, context: CliContext, command: Command): Promise<void> {
  const { stdout, env } = context;
  const quitting = new AbortController();
  let watched: Watched = { view: first.view, problem: first.running ? undefined : STOPPED, events: [], choice: FIRST_CHOICE };
  let terminal: Terminal | undefined;
  const draw = (): void => terminal?.show(watchScreen(watched, terminal.size(), { output: stdout, env }));
  const onKey = (key: string): void => {
    if (['q', 'escape', 'ctrl+c', 'ctrl+d'].includes(key)) quitting.abort();
    watched = { ...watched, choice: afterKey(watched.choice, key, watched.view.devices.length) };
    draw();
  };
  terminal = openTerminal({ onKey, onResize: draw });
  // The output is a terminal and the input is none: nobody can press a key, and a log reads as well.
  if (!terminal) return keepLog(first, context, command);
  try {
    draw();
    await lookOn(
      () => readAgentView(context, command),
      AbortSignal.any([context.signal, quitting.signal]),
      (known, problem) => {
        const events = known ? eventsBetween(watched.view, known.view) : [];
        watched = { ...watched, view: known?.view ?? watched.view, problem, events: [...watched.events, ...events].slice(-KEPT_EVENTS) };
        draw();
      },
    );
  } finally {
    terminal.close();
  }
}
