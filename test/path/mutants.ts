/** Rules of the path from the hub's card to the desk's database, each taken away in turn: a simulator that does not notice proves nothing. */
import type { Mutant } from '../months/mutants.ts';

const UPLINK = 'src/agent/outbox/uplink.ts';
const OUTBOX = 'src/agent/store/outbox-store.ts';
const BATCH = 'src/desk/ingest/batch.ts';
const SITES = 'src/desk/store/sites.ts';

export const PATH_MUTANTS: readonly Mutant[] = [
  {
    name: 'what the broker has counts as delivered',
    file: UPLINK,
    was: "void link.publish(upTopic(site, 'ev'), encodeEntry(entry), { qos: 1 });",
    becomes:
      "void link.publish(upTopic(site, 'ev'), encodeEntry(entry), { qos: 1 }).then((sent) => sent && outbox.acknowledge([entry.id]));",
  },
  {
    name: 'the desk acknowledges before it has committed',
    file: 'src/desk/ingest/ingest.ts',
    was: 'this.#counts.received++;',
    becomes: `this.#counts.received++;
    const early = decode(message);
    if (early.kind === 'entry') this.#send(early.site, 'ack', { v: 1, ids: [early.envelope.id], time: this.#deps.clock.now().wallMs });`,
  },
  {
    name: 'the desk takes an entry that comes again for another one',
    file: 'src/desk/ingest/apply.ts',
    was: 'id: envelope.id,',
    becomes: 'id: envelope.id + receivedAt,',
  },
  {
    name: 'the entry that came last is the newest',
    file: 'src/desk/store/guard.ts',
    was: '< (excluded.ses, excluded.pos)',
    becomes: '<> (-1, -1)',
  },
  {
    name: 'the hub numbers its sessions itself',
    file: OUTBOX,
    was: '    grant(ses) {',
    becomes: `    grant() {
      const ses = meta.get('session-start') === start ? session() : session() + 1;`,
  },
  {
    name: 'all starts of a hub have one session',
    file: SITES,
    was: 'const ses = Math.max(used + 1, (await largestSession(db, site)) + 1, sessionByClock(nowAt));',
    becomes: `const ses = (await largestSession(db, site)) || 1;
  if (ses) return ses;`,
  },
  {
    name: 'no snapshot follows a grant',
    file: OUTBOX,
    was: `meta.set('session-start', start);
        meta.set('snapshot-due', '1');`,
    becomes: "meta.set('session-start', start);",
  },
  {
    name: 'entries are told before what they tell is saved',
    file: 'src/agent/store/agent-store.ts',
    was: 'explained(() => save(change))',
    becomes: 'explained(() => { const told = outbox.append(change.entries); save({ ...change, entries: [] }); return told; })',
  },
  {
    name: 'what a full outbox drops is not told',
    file: OUTBOX,
    was: 'for (const [name, rows] of Map.groupBy(dropped, (row) => row.class)) tellGap(name, rows, at, clock);',
    becomes: '',
  },
  {
    name: 'nothing is sent again over the same connection',
    file: 'src/agent/outbox/send-window.ts',
    was: 'dueMs: nowMs + this.#retryDelay(sends)',
    becomes: 'dueMs: nowMs + 1e9',
  },
  {
    name: 'a broker is tried again at once, for ever',
    file: 'src/base/backoff.ts',
    was: 'return Math.max(this.#jitter(this.#failures++), this.#untilAllowed(nowMs));',
    becomes: 'return this.#limits.floorMs;',
  },
  {
    name: 'chance alone spaces the attempts to connect',
    file: 'src/base/backoff.ts',
    was: 'return Math.max(this.#jitter(this.#failures++), this.#untilAllowed(nowMs));',
    becomes: 'return this.#jitter(this.#failures++);',
  },
  {
    name: 'a hub is silent however lately it was heard',
    file: 'src/desk/presence.ts',
    was: 'silentMs > silenceLimitMs(presence) && ',
    becomes: '',
  },
  {
    name: 'a desk put back to an older copy asks for nothing',
    seed: 151,
    file: BATCH,
    was: 'else if (await this.#hasLost(site, message))',
    becomes: 'else if (false)',
  },
  {
    name: 'a grant that comes late takes the hub back',
    seed: 5018,
    file: OUTBOX,
    was: 'ses <= session()) return false;',
    becomes: 'ses === session()) return false;',
  },
  {
    name: 'heartbeats follow the wall clock',
    file: UPLINK,
    was: 'heart = every(clock, identity.heartbeatS * 1000, () => guarded(beat));',
    becomes: `let last = clock.now().wallMs;
    heart = every(clock, 1000, () => {
      if (clock.now().wallMs - last < identity.heartbeatS * 1000) return;
      last = clock.now().wallMs;
      guarded(beat);
    });`,
  },
  {
    name: 'the first estimate of the clock is the last',
    file: 'src/desk/ingest/occurrence.ts',
    was: 'if (anchorAt === null || sample.anchorAt <= anchorAt) return sample.anchorAt;',
    becomes: 'return sample.hubZeroAt;',
  },
  {
    name: 'no deed names the one before',
    file: 'src/desk/store/audit.ts',
    was: 'hashOf(last?.hash ?? CHAIN_START, whole)',
    becomes: 'hashOf(CHAIN_START, whole)',
  },
  {
    name: 'a ticket that becomes part of another leaves its alerts behind',
    file: 'src/desk/tickets/desk-work.ts',
    was: 'await moveAlerts(db, number, step.into);',
    becomes: '',
  },
];
