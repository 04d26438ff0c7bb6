/** A real SNMP agent (Net-SNMP) in the namespace of a host of the lab, that says what a test wants of the host's parts. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Lab } from './harness.ts';

type Rows = readonly (readonly (number | string)[])[];

/** A table of the agent: `columns` are the last arcs of its columns, `first` the index of its first row. */
export type PlayedTable = { readonly root: string; readonly columns: readonly number[]; readonly rows: Rows; readonly first?: number };

/** Its files are in `folder`; the lab ends it with the host. */
export function startNetworkAgent(lab: Lab, host: string, folder: string, system: readonly string[], tables: readonly PlayedTable[]): void {
  mkdirSync(folder, { recursive: true });
  const objects = tables.flatMap(({ root, columns, rows, first = 1 }) =>
    rows.flatMap((row, i) => row.map((value, at) => `override .${root}.${columns[at]}.${first + i} ${typed(value)}`)),
  );
  const lines = ['agentaddress udp:161', 'rocommunity public', `[snmp] persistentDir ${folder}`, '[snmpd]', ...system, ...objects];
  const file = path.join(folder, 'snmpd.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const daemon = ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', file, '-I', '-smux', '-p', path.join(folder, 'snmpd.pid')];
  spawn('ip', ['netns', 'exec', `${lab.prefix}-${host}`, ...daemon], { stdio: 'ignore' });
}

const typed = (value: number | string): string => (typeof value === 'number' ? `integer ${value}` : `octet_str "${value}"`);
