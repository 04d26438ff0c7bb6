/**
 * Runs inside a namespace of the lab for a test that is outside: tells every message under `hb1/` that the broker there passes on, and
 * fetches what it is asked for from the desk's page. One JSON document a line in both directions; ends with its standard input.
 */
import { createInterface } from 'node:readline';
import { connect } from 'mqtt';
import type { EarSettings } from './whole-path.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as EarSettings;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const { broker, username, password } = settings;
const client = connect(broker, { reconnectPeriod: 200, ...(username === undefined ? {} : { username, password }) });
// Refused while nothing listens yet: it tries again by itself.
client.on('error', () => {});
client.on('connect', () => client.subscribe('hb1/#', () => tell({ listening: true })));
client.on('message', (topic, payload, { retain }) => tell({ message: { at: Date.now(), topic, retain, text: payload.toString('utf8') } }));

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(JSON.parse(line) as { ask: number; path: string }))
  .on('close', () => process.exit(0));

async function answer({ ask, path }: { ask: number; path: string }): Promise<void> {
  try {
    const response = await fetch(new URL(path, settings.page));
    tell({ ask, status: response.status, body: await response.json() });
  } catch (error) {
    tell({ ask, problem: String(error) });
  }
}
