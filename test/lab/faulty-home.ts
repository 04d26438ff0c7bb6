/**
 * A home of plain hosts with its agent, a broker and the desk beyond the router, and somebody at the desk who looks every two seconds: what
 * were people asked to act on? Judges nothing: that is for the tests.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceView } from '../../src/agent/diagnostics/view.ts';
import type { AlertView } from '../../src/desk/views.ts';
import type { AlertCode } from '../../src/protocol/alert-catalogue.ts';
import type { HealthState } from '../../src/protocol/messages.ts';
import { eventually, type Lab, startLab } from './harness.ts';
import { askProgram, type Ear, listenOutside, OUTSIDE_BROKER, optionsFor, type Program, startProgram } from './whole-path.ts';

export type FaultyHome = {
  readonly lab: Lab;
  readonly ear: Ear;
  /** The agent that runs now. */
  agent(): Program;
  /** Starts it again after its end. */
  startAgent(): void;
  devices(): Promise<readonly DeviceView[]>;
  /** What the desk's page showed at some time since then as waiting for somebody, for longer than a glance; each occurrence once. */
  asked(since: number): AlertCode[];
  /** The alerts of the hub, by its own account, that outlived their hold; those that it raised at all are `ear.raised`. */
  visits(since: number): AlertCode[];
  states(since: number): HealthState[];
  /** Everything that was told since then, for when it is not what was expected. */
  story(since: number): string;
  close(): Promise<void>;
};

const LOOK_MS = 2_000;
const LEARNT_WITHIN_MS = 120_000;

/** Resolves when all of `watched` have been up for a while and the desk knows them. */
export async function startFaultyHome(
  folder: string,
  hosts: number,
  table: string,
  arrange: (lab: Lab) => Promise<void>,
): Promise<FaultyHome> {
  const lab = await startLab({ hosts, table });
  await arrange(lab);
  const deskOptions = optionsFor(folder, 'desk', { desk: { access: 'local', broker: { urls: [OUTSIDE_BROKER] } } });
  const options = optionsFor(folder, 'agent', { uplink: { brokers: [OUTSIDE_BROKER] } });
  const desk = startProgram(lab, 'wan', ['desk', ...deskOptions]);
  let agent = startProgram(lab, 'hub', ['agent', ...options]);
  const ear = listenOutside(lab);
  const look = lookAtDesk(ear);
  const devices = async (): Promise<readonly DeviceView[]> =>
    (await askProgram<{ devices?: DeviceView[] }>(lab, ['device', 'list', ...options])).devices ?? [];
  await eventually('everything is up', LEARNT_WITHIN_MS, async () => {
    await sleep(1_000);
    const known = await devices();
    return known.length > hosts && known.every(({ state }) => state === 'up');
  });
  // Links are judged, and the digest of new devices is out.
  await sleep(75_000);
  return {
    lab,
    ear,
    agent: () => agent,
    startAgent() {
      agent = startProgram(lab, 'hub', ['agent', ...options]);
    },
    devices,
    asked: (since) => look.asked.flatMap(({ code, actionableAt }) => (actionableAt >= since ? [code] : [])),
    visits: (since) => visits(ear, since),
    states: (since) => ear.bodies('device.state', since).map(({ state }) => state),
    story: (since) =>
      ear
        .entries()
        .flatMap(({ k, ts, d }) => {
          const { code, title, state, reason } = d as Partial<Record<string, string>>;
          return ts >= since && /alert|state/.test(k)
            ? [`${new Date(ts).toISOString().slice(11, 19)} ${k} ${title ?? state} (${code ?? reason})`]
            : [];
        })
        .join('\n'),
    async close() {
      look.stop();
      await Promise.all([ear.stop(), agent.end('SIGKILL'), desk.end('SIGKILL')]);
      await lab.down();
    },
  };
}

/** `asked` grows: an alert that still waits for somebody when it is seen so for the second time. */
function lookAtDesk(ear: Ear): { readonly asked: AlertView[]; stop(): void } {
  const asked: AlertView[] = [];
  const seen = new Map<string, number>();
  const look = async (): Promise<void> => {
    for (const alert of await ear.alerts('?firing=true')) {
      if (alert.code === 'device-new' || alert.stage !== undefined || alert.actionableAt > Date.now()) continue;
      const occurrence = `${alert.key} ${alert.raisedHubAt}`;
      const times = (seen.get(occurrence) ?? 0) + 1;
      seen.set(occurrence, times);
      if (times === 2) asked.push(alert);
    }
  };
  // A desk that is busy is looked at again.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  return { asked, stop: () => clearInterval(timer) };
}

function visits(ear: Ear, since: number): AlertCode[] {
  const cleared = ear.bodies('alert.cleared');
  return ear.raised(since).flatMap(({ key, code, raisedAt, actionableAt }) => {
    const { clearedAt = Date.now() } = cleared.find((end) => end.key === key && end.raisedAt === raisedAt) ?? {};
    return clearedAt >= actionableAt ? [code] : [];
  });
}
