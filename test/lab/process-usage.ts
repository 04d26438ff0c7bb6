/** What a process and its children have used so far, as Linux counts it in /proc: processor time, memory, bytes written. */
import { readFileSync } from 'node:fs';

export type Usage = {
  /** Of the process, of its children that ended and of those that live. */
  readonly cpuMs: number;
  /** Of that, what the process itself used. */
  readonly ownCpuMs: number;
  readonly rssMb: number;
  /** The most it ever was (VmHWM). */
  readonly peakRssMb: number;
  /** Of the children that live now. */
  readonly childrenRssMb: number;
  /** Bytes that it made the kernel write to a disk. */
  readonly writtenBytes: number;
};

/** Clock ticks are 10 ms for programs on every Linux (USER_HZ). */
const MS_PER_TICK = 10;
const BYTES_PER_MB = 1024 * 1024;

/** Throws when the process is gone. */
export function usageOf(pid: number): Usage {
  const own = cpuOf(pid);
  const children = childrenOf(pid);
  return {
    ownCpuMs: own.itselfMs,
    cpuMs: own.itselfMs + own.endedChildrenMs + sum(children.map((child) => child.cpuMs)),
    rssMb: statusMb(pid, 'VmRSS'),
    peakRssMb: statusMb(pid, 'VmHWM'),
    childrenRssMb: sum(children.map((child) => child.rssMb)),
    writtenBytes: Number(/^write_bytes: (\d+)/m.exec(read(pid, 'io'))?.[1]),
  };
}

/** proc(5): after the name in parentheses come the state and ten more fields, then utime, stime, cutime and cstime. */
function cpuOf(pid: number): { itselfMs: number; endedChildrenMs: number } {
  const fields = read(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number);
  return { itselfMs: (user + system) * MS_PER_TICK, endedChildrenMs: (childrenUser + childrenSystem) * MS_PER_TICK };
}

function childrenOf(pid: number): { cpuMs: number; rssMb: number }[] {
  const pids = read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return pids.flatMap((child) => {
    try {
      return [{ cpuMs: cpuOf(child).itselfMs, rssMb: statusMb(child, 'VmRSS') }];
    } catch {
      return []; // It ended since, and is counted with those that ended.
    }
  });
}

function statusMb(pid: number, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(read(pid, 'status'))?.[1];
  return (Number(kilobytes ?? 0) * 1024) / BYTES_PER_MB;
}

const read = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
