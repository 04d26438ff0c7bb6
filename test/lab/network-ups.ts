/** A real upsd of Network UPS Tools with its dummy driver in the namespace of a host of the lab: a UPS whose battery wants to be replaced. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually, type Lab } from './harness.ts';

const DAEMONS = '/lib/nut';
/** What usbhid-ups tells of an APC Back-UPS (networkupstools/nut#2388), eight years later. */
const VARIABLES = {
  'device.mfr': 'American Power Conversion',
  'device.model': 'Back-UPS RS 1200G',
  'device.type': 'ups',
  'ups.mfr': 'American Power Conversion',
  'ups.mfr.date': '2018/03/23',
  'ups.model': 'Back-UPS RS 1200G',
  'ups.status': 'ALARM OL RB',
  'ups.test.result': 'Done and error',
  'battery.charge': '100',
  'battery.date': '2001/09/25',
  'battery.mfr.date': '2018/03/23',
  'battery.runtime': '290',
  'battery.type': 'PbAc',
};

/** Its files are in `folder`; the lab ends both daemons with the host. */
export async function startNetworkUps(lab: Lab, host: string, folder: string): Promise<void> {
  const state = path.join(folder, 'run');
  mkdirSync(state, { recursive: true });
  const lines = Object.entries(VARIABLES).map(([name, value]) => `${name}: ${value}\n`);
  const files = {
    'ups.conf': '[rack]\n  driver = dummy-ups\n  port = rack.dev\n  mode = dummy-loop\n',
    'rack.dev': `${lines.join('')}TIMER 300\n`,
    'upsd.conf': 'LISTEN 0.0.0.0 3493\n',
    'upsd.users': '',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text, { mode: 0o640 });
  const start = (daemon: string, ...args: string[]): ChildProcess =>
    spawn('ip', ['netns', 'exec', `${lab.prefix}-${host}`, path.join(DAEMONS, daemon), '-D', '-u', 'root', ...args], {
      env: { ...process.env, NUT_CONFPATH: folder, NUT_STATEPATH: state },
      stdio: 'ignore',
    });
  start('dummy-ups', '-a', 'rack');
  await eventually('the driver of the UPS runs', 5_000, () => existsSync(path.join(state, 'dummy-ups-rack')));
  start('upsd');
}
