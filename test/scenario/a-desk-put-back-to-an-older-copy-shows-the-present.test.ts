import { describe, expect, it, onTestFinished } from 'vitest';
import { fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { idOf } from '../builders/entries.ts';
import { Broker } from '../path/broker.ts';
import { DeskNode, emptyDesk } from '../path/desk.ts';
import { NO_FAULTS } from '../path/faults.ts';
import { HubNode } from '../path/hub.ts';
import { HubWitness } from '../path/hub-witness.ts';
import { differences } from '../path/judge.ts';
import { Machine, RIGHT_CLOCKS } from '../path/machine.ts';

const ROOMY = { rows: 60_000, bytes: 1 << 24, alertRows: 20_000 };
const SETTING = { sites: 1, heartbeatS: 30, changeEveryMs: 2_000, limits: ROOMY, isUpgraded: false };

/** A hub whose home changes every few seconds, and its desk; nothing fails of itself. */
async function path(seed: string) {
  const time = new VirtualClock();
  const random = seededRandom(seed);
  const broker = new Broker(time, fork(random), NO_FAULTS, { note() {}, delivered() {} });
  const desk = new DeskNode(new Machine(time, RIGHT_CLOCKS), broker, fork(random), NO_FAULTS, await emptyDesk());
  const witness = new HubWitness(time, SETTING.heartbeatS, () => {});
  const machine = new Machine(time, RIGHT_CLOCKS);
  const hub = new HubNode({ ...SETTING, site: idOf(900), machine, broker, random: fork(random) }, NO_FAULTS, witness);
  onTestFinished(() => {
    hub.close();
    desk.close();
  });
  desk.boot();
  hub.boot();
  const goOnFor = (seconds: number): Promise<void> => time.advance(seconds * 1_000);
  const isTold = (): string[] => differences({ hub, witness }, desk);
  /** The home stays as it is from now on. */
  const comeToRest = async (): Promise<void> => {
    witness.isHealing = true;
    await goOnFor(90);
  };
  return { desk, hub, witness, goOnFor, isTold, comeToRest };
}

describe('a desk whose database is put back to an older copy', () => {
  it('shows the home as it is within a minute and a half, though the hub never stopped and has nothing new to tell', async () => {
    const { desk, goOnFor, isTold, comeToRest } = await path('older copy');
    await goOnFor(30);
    desk.copy();
    await goOnFor(60);
    const lost = desk.restore();
    expect(lost.length).toBeGreaterThan(10);
    await comeToRest();
    expect(isTold()).toEqual([]);
  });

  it('learns it too where new entries come before the first heartbeat, and where it is started again twice', async () => {
    const { desk, goOnFor, isTold, comeToRest } = await path('entries first');
    await goOnFor(35);
    desk.copy();
    await goOnFor(20);
    desk.restore();
    await goOnFor(22);
    desk.process?.die();
    await comeToRest();
    expect(isTold()).toEqual([]);
  });

  it('never grants a number below one that the hub has used, though it does not know the numbers that it granted meanwhile', async () => {
    const { desk, hub, witness, goOnFor, isTold, comeToRest } = await path('granted twice');
    await goOnFor(20);
    desk.copy();
    for (let starts = 0; starts < 3; starts++) {
      hub.process?.die();
      await goOnFor(60);
    }
    desk.restore();
    hub.process?.die();
    await goOnFor(60);
    await comeToRest();
    const numbers = [...witness.entries.values()].map(({ ses }) => ses);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(isTold()).toEqual([]);
  });
});
