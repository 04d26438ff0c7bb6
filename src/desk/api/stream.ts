/** Tells open pages that something has changed in the homes that they may see. */
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Access } from '../access/access.ts';
import type { Changes } from '../changes.ts';
import { call, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { changeShape } from './shapes/desk.ts';

export type StreamDeps = { readonly clock: Clock; readonly changes: Changes; readonly access?: Access | undefined };

/** Proxies and browsers give up on a stream that says nothing. */
const PULSE_MS = 15_000;
const MAX_STREAMS = 500;
/** One who opens more takes them from others. */
const MAX_STREAMS_EACH = 40;

export const STREAM_CALLS = {
  stream: call('stream', 'get /api/v1/stream', {
    rule: 'see',
    summary: 'Tells of changes as they come (server-sent events)',
    about:
      'What changed is told at most once a second, by the ids of homes; what it is now is asked for. `hello` comes at once, `pulse` every 15 seconds: without one for 40 the stream is dead. It ends when whoever listens is let in no more.',
    answer: z.undefined(),
    refusals: [503],
    events: { hello: z.object({}), change: changeShape, pulse: z.object({}) },
  }),
};

/** It ends when whoever listens may not be here any more: at once where this desk did that, within a pulse where a command did. */
export function addStream(routes: Routes, { clock, changes, access }: StreamDeps): void {
  const open = new Map<string, number>();
  routes.call(STREAM_CALLS.stream, async (_, visit, { c, caller }) => {
    const { id, kind } = visit.who;
    const own = open.get(id) ?? 0;
    if (changes.listeners >= MAX_STREAMS || (kind !== 'local' && own >= MAX_STREAMS_EACH))
      return refuse(503, 'too-many-streams', 'Too many pages are open.');
    const listener = await visit.listener();
    return streamSSE(c, async (stream) => {
      open.set(id, (open.get(id) ?? 0) + 1);
      const send = (event: string, data: unknown): void =>
        void stream.writeSSE({ event, data: JSON.stringify(data) }).catch(() => stream.abort());
      const stop = changes.listen((news) => {
        const change = listener.concerning(news);
        if (change !== undefined) send('change', change);
      });
      let look = Promise.withResolvers<void>();
      const unwatch = access?.onChange(() => look.resolve());
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
      send('hello', {});
      try {
        while (!stream.aborted) {
          await Promise.race([ended, look.promise, new Promise<void>((resolve) => clock.setTimer(PULSE_MS, resolve))]);
          look = Promise.withResolvers();
          if (stream.aborted || !(await caller.again().catch(() => true))) break;
          await listener.look().catch(() => {});
          send('pulse', {});
        }
      } finally {
        stop();
        unwatch?.();
        open.set(id, (open.get(id) ?? 1) - 1);
        if (open.get(id) === 0) open.delete(id);
      }
    });
  });
}
