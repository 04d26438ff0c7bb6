/**
 * A conversation with one SNMP agent: questions with fresh random ids, answers only to the question that is open, single objects and tables
 * read in few packets. Every loop is bounded by rows, by questions, and by names that must grow. Knows no MIB.
 */
import type { Random } from '../../base/random.ts';
import { compareOids } from './ber.ts';
import type { Asker } from './reader.ts';
import {
  type Answer,
  type CommunityVersion,
  ERROR,
  type Question,
  readCommunityMessage,
  type SnmpValue,
  writeCommunityMessage,
} from './snmp-message.ts';
import { type Engine, type EngineUser, readSecured, type SecuredAnswer, tellsTheTime, writeDiscovery, writeSecured } from './snmp-v3.ts';

export const SNMP_PORT = 161;

export type Session = {
  readonly version: '1' | '2c' | '3';
  /** Undefined when nothing right came. */
  ask(question: Omit<Question, 'requestId'>): Promise<Answer | undefined>;
  /** How many questions have come to nothing. */
  unanswered(): number;
};

/** What was read, and whether each question that this took was answered: what was not told then is not there. */
export async function readWhole<T>(session: Session, read: () => Promise<T>): Promise<{ readonly told: T; readonly isWhole: boolean }> {
  const before = session.unanswered();
  const told = await read();
  return { told, isWhole: session.unanswered() === before };
}

/** An agent that is silent twice is left alone: some drop one question that they do not like, and answer the others. */
const SILENCES = 2;
/** Of an agent that has answered before. */
const PATIENCE = { tries: 2, timeoutMs: 1_500 };
/** So many cells fit one Ethernet frame: texts beside numbers where there are several columns, bare numbers where there is one. */
const CELLS_PER_ANSWER = { ofOneColumn: 40, ofSeveral: 24 };
/** Version 1 gives a row a question; that many are worth it. */
const QUESTIONS_WITHOUT_BULK = 24;
const MAX_WITHDRAWN = 3;
/** A switch of 48 ports that hears 500 devices takes 50. Who makes it more, with tables that never end, has told enough. */
const MOST_QUESTIONS = 60;

export function communitySession(ask: Asker, random: Random, version: CommunityVersion, community: string): Session {
  return patient(version === 0 ? '1' : '2c', async (question, patience) => {
    const requestId = freshId(random);
    const read = (reply: Uint8Array): Answer | undefined => {
      const answer = readCommunityMessage(reply, version, community);
      return answer?.type === 'response' && answer.requestId === requestId ? answer : undefined;
    };
    const message = writeCommunityMessage(version, community, { ...question, requestId });
    return exchange(ask, message, read, patience);
  });
}

/** Who the agent is by its own word, unsigned; tells of agents that say nothing else without a user. */
export async function discoverEngine(ask: Asker, random: Random): Promise<Engine | undefined> {
  const id = freshId(random);
  const answer = await exchange(ask, writeDiscovery(id), (reply) => readSecured(reply, id, { name: '' }));
  return answer?.engine;
}

export function userSession(ask: Asker, random: Random, found: Engine, user: EngineUser): Session {
  let engine = found;
  const once = (question: Omit<Question, 'requestId'>, patience: Patience | undefined): Promise<SecuredAnswer | undefined> => {
    const requestId = freshId(random);
    const read = (reply: Uint8Array): SecuredAnswer | undefined => {
      const answer = readSecured(reply, requestId, user);
      return answer && Buffer.from(answer.engine.id).equals(engine.id) ? answer : undefined;
    };
    return exchange(ask, writeSecured({ ...question, requestId }, engine, user, random.bytes(8)), read, patience);
  };
  return patient('3', async (question, patience) => {
    let answer = await once(question, patience);
    if (answer !== undefined && tellsTheTime(answer)) {
      engine = answer.engine;
      answer = await once(question, patience);
    }
    return answer?.answer.type === 'response' ? answer.answer : undefined;
  });
}

type Patience = typeof PATIENCE;

/** The first question may go to a host without an agent: it is asked once. */
function patient(
  version: Session['version'],
  put: (question: Omit<Question, 'requestId'>, patience: Patience | undefined) => Promise<Answer | undefined>,
): Session {
  let answered = false;
  let silences = 0;
  let asked = 0;
  let unanswered = 0;
  return {
    version,
    ask: async (question) => {
      const isOver = silences >= SILENCES || asked++ >= MOST_QUESTIONS;
      const answer = isOver ? undefined : await put(question, answered ? PATIENCE : undefined);
      if (answer !== undefined) answered = true;
      else {
        unanswered++;
        if (!isOver) silences++;
      }
      return answer;
    },
    unanswered: () => unanswered,
  };
}

async function exchange<T>(
  ask: Asker,
  message: Uint8Array,
  read: (reply: Uint8Array) => T | undefined,
  patience?: Patience,
): Promise<T | undefined> {
  const reply = await ask.datagram(SNMP_PORT, message, { ...patience, accepts: (candidate) => read(candidate) !== undefined });
  return reply && read(reply);
}

/** 1 to 2^31 - 1: request-id and msgID are signed, and some agents do not like 0. */
function freshId(random: Random): number {
  const [a, b, c, d] = random.bytes(4);
  return ((a! & 0x7f) << 24) | (b! << 16) | (c! << 8) | d! || 1;
}

/**
 * The objects of `oids` that the agent has; undefined when it does not answer. A version 1 agent refuses a whole GET for one name it does
 * not know (RFC 1157, 4.1.2), so it is asked for what comes after each object's own name, which is its instance when it has one.
 */
export async function readObjects(session: Session, oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue> | undefined> {
  const wanted = new Map(oids.map((oid) => [session.version === '1' ? oid.slice(0, oid.lastIndexOf('.')) : oid, oid]));
  for (let withdrawn = 0; wanted.size > 0 && withdrawn <= MAX_WITHDRAWN; withdrawn++) {
    const names = [...wanted.keys()];
    const answer = await session.ask({ type: session.version === '1' ? 'next' : 'get', oids: names });
    if (answer === undefined) return undefined;
    if (answer.errorStatus === 0)
      return new Map(
        answer.varBinds.filter(({ oid, value }) => value !== undefined && oids.includes(oid)).map(({ oid, value }) => [oid, value]),
      );
    if (answer.errorStatus === ERROR.tooBig && oids.length > 1) return inHalves(session, oids);
    const refused = names[answer.errorIndex - 1];
    if (refused === undefined) break;
    wanted.delete(refused);
  }
  return new Map();
}

/** Halving ends at single objects, and at the session's end of patience. */
async function inHalves(session: Session, oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue> | undefined> {
  const middle = Math.ceil(oids.length / 2);
  const first = await readObjects(session, oids.slice(0, middle));
  const second = await readObjects(session, oids.slice(middle));
  return first === undefined && second === undefined ? undefined : new Map([...(first ?? []), ...(second ?? [])]);
}

/** One row: its index as dotted text, and its cells by the column's OID. */
export type Row = { readonly index: string; readonly cells: ReadonlyMap<string, SnmpValue> };

/** The first `limit` rows of a table, of the given columns. What the agent does not have is left out. */
export async function readTable(
  session: Session,
  columns: readonly string[],
  limit: number,
  cellsPerAnswer = columns.length === 1 ? CELLS_PER_ANSWER.ofOneColumn : CELLS_PER_ANSWER.ofSeveral,
): Promise<readonly Row[]> {
  const rows = new Map<string, Map<string, SnmpValue>>();
  const rowsPerAnswer = Math.floor(cellsPerAnswer / columns.length);
  // Twice what a full table takes: agents send half-filled answers, and liars one row at a time.
  const mostQuestions = session.version === '1' ? QUESTIONS_WITHOUT_BULK : 2 * Math.ceil(limit / rowsPerAnswer) + 2;
  let open = columns.map((column) => ({ column, last: column }));
  for (let asked = 0; open.length > 0 && rows.size < limit && asked < mostQuestions; asked++) {
    const repetitions = Math.min(limit - rows.size, rowsPerAnswer);
    const answer = await session.ask({ type: session.version === '1' ? 'next' : 'bulk', oids: open.map(({ last }) => last), repetitions });
    if (answer === undefined) break;
    if (answer.errorStatus === 0) open = advance(open, answer, rows, limit);
    // Version 1 says so when a column is the last of all (RFC 1157, 4.1.3).
    else if (answer.errorStatus === ERROR.noSuchName && open[answer.errorIndex - 1]) open = open.toSpliced(answer.errorIndex - 1, 1);
    else break;
  }
  return [...rows].map(([index, cells]) => ({ index, cells }));
}

type Walk = { readonly column: string; readonly last: string };

/** Takes the cells of one answer; goes on with the columns that came further and did not end. A name that does not grow ends its column. */
function advance(open: readonly Walk[], answer: Answer, rows: Map<string, Map<string, SnmpValue>>, limit: number): Walk[] {
  const last = open.map((walk) => walk.last);
  const ended = new Set<number>();
  for (const [i, { oid, value }] of answer.varBinds.entries()) {
    const at = i % open.length;
    const { column } = open[at]!;
    if (ended.has(at)) continue;
    if (!oid.startsWith(`${column}.`) || compareOids(oid, last[at]!) <= 0) {
      ended.add(at);
      continue;
    }
    last[at] = oid;
    if (value !== undefined) put(rows, limit, oid.slice(column.length + 1), column, value);
  }
  return open.flatMap(({ column, last: before }, at) => (ended.has(at) || last[at] === before ? [] : [{ column, last: last[at]! }]));
}

function put(rows: Map<string, Map<string, SnmpValue>>, limit: number, index: string, column: string, value: SnmpValue): void {
  const row = rows.get(index);
  if (row) row.set(column, value);
  else if (rows.size < limit) rows.set(index, new Map([[column, value]]));
}
