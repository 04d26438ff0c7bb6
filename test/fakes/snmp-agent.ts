/**
 * An SNMP agent in memory, versions 1 and 2c, behind an Asker: answers from a table, as well or as badly as a test wants. What it writes is
 * compared with real agents in test/lab/snmp-agents.test.ts.
 */
import {
  compareOids,
  element,
  elementAt,
  elementsOf,
  integer,
  integerOf,
  listOf,
  octets,
  oid,
  oidOf,
  sequence,
  TAG,
} from '../../src/agent/evidence/ber.ts';
import type { Asker } from '../../src/agent/evidence/reader.ts';

type Value = number | string | Uint8Array | { readonly oid: string } | { readonly ticks: number };
type VarBind = readonly [name: string, value: Buffer];

export type Asked = {
  readonly type: 'get' | 'next' | 'bulk';
  readonly version: number;
  readonly requestId: number;
  readonly names: readonly string[];
};

export type AgentHabits = {
  readonly objects?: Readonly<Record<string, Value>>;
  readonly community?: string;
  readonly versions?: readonly number[];
  /** More objects than this in one question are tooBig. */
  readonly mostObjects?: number;
  /** Instead of the right answer; undefined is silence. */
  readonly answers?: (asked: Asked, right: Buffer) => Buffer | undefined;
};

const TYPES = { 160: 'get', 161: 'next', 165: 'bulk' } as const;
const END_OF_VIEW = element(0x82);

/** `packets` counts every try, `sent` the octets. */
export function agentBehindAsker(habits: AgentHabits): { ask: Asker; asked: readonly Asked[]; packets: () => number } {
  const asked: Asked[] = [];
  let packets = 0;
  const ask = {
    datagram: async (_port, payload, { tries = 1, accepts } = {}) => {
      for (let left = tries; left > 0; left--) {
        packets++;
        const reply = answer(habits, payload, asked);
        if (reply && accepts?.(reply) !== false) return reply;
      }
      return undefined;
    },
  } satisfies Partial<Asker>;
  return { ask: ask as unknown as Asker, asked, packets: () => packets };
}

function answer(habits: AgentHabits, payload: Uint8Array, heard: Asked[]): Buffer | undefined {
  const { objects = {}, community = 'public', versions = [1], mostObjects = 99, answers } = habits;
  const [version, told, pdu] = elementsOf(payload, elementAt(payload, 0, payload.length)!, [TAG.integer, undefined, undefined]) ?? [];
  if (!version || !told || !pdu || !versions.includes(integerOf(payload, version)!)) return undefined;
  if (Buffer.from(payload.subarray(told.from, told.to)).toString() !== community) return undefined;
  const [id, , repetitions, list] = elementsOf(payload, pdu, [TAG.integer, TAG.integer, TAG.integer, TAG.sequence])!;
  const names = listOf(payload, list!, TAG.sequence, 99)!.map((pair) => oidOf(payload, elementAt(payload, pair.from, pair.to)!)!);
  const asked: Asked = {
    type: TYPES[pdu.tag as keyof typeof TYPES],
    version: integerOf(payload, version)!,
    requestId: integerOf(payload, id!)!,
    names,
  };
  heard.push(asked);
  const right =
    names.length > mostObjects
      ? response(asked, [], { community, status: 1 })
      : rightAnswer(asked, integerOf(payload, repetitions!)!, objects, community);
  return answers ? answers(asked, right) : right;
}

function rightAnswer(asked: Asked, repetitions: number, objects: Readonly<Record<string, Value>>, community: string): Buffer {
  const names = Object.keys(objects).sort(compareOids);
  const after = (name: string): string | undefined => names.find((candidate) => compareOids(candidate, name) > 0);
  const bind = (name: string, found: string | undefined): VarBind =>
    found === undefined ? [name, END_OF_VIEW] : [found, encoded(objects[found]!)];
  if (asked.type === 'bulk') {
    const rows: VarBind[][] = [];
    for (let i = 0; i < repetitions; i++)
      rows.push((rows.at(-1)?.map(([name]) => name) ?? asked.names).map((name) => bind(name, after(name))));
    return response(asked, rows.flat(), { community });
  }
  const found = asked.names.map((name) => (asked.type === 'next' ? after(name) : name in objects ? name : undefined));
  const missing = found.indexOf(undefined);
  if (asked.version === 0 && missing >= 0) return response(asked, [], { community, status: 2, index: missing + 1 });
  return response(
    asked,
    asked.names.map((name, i) => bind(name, found[i])),
    { community },
  );
}

/** What an agent writes; a test lies by changing `asked`. */
export function response(
  { version, requestId }: Pick<Asked, 'version' | 'requestId'>,
  varBinds: readonly VarBind[],
  { community = 'public', status = 0, index = 0 } = {},
): Buffer {
  const list = sequence(...varBinds.map(([name, value]) => sequence(oid(name), value)));
  return sequence(integer(version), octets(community), element(0xa2, integer(requestId), integer(status), integer(index), list));
}

export function encoded(value: Value): Buffer {
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'string' || value instanceof Uint8Array) return octets(value);
  return 'oid' in value ? oid(value.oid) : element(TAG.ticks, integer(value.ticks).subarray(2));
}
