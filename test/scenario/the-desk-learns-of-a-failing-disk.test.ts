import { describe, expect, it } from 'vitest';
import type { Rebuilt } from '../../src/agent/rebuilt.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const TROUBLE = 'The disk of the hub is full.';

describe('a hub whose disk fails', () => {
  it('tells the desk once, asks people after five minutes, and takes it back when the disk is mended', async () => {
    const agent = await SimulatedAgent.start('disk', undefined, { heard: true });
    await agent.run(300);
    const before = agent.told().at(-1)?.pos;
    agent.storageTrouble = TROUBLE;
    await agent.run(400);
    agent.storageTrouble = undefined;
    await agent.run(60);
    const told = agent.alertsTold(before).filter(({ alert }) => alert.code === 'storage-failed');
    expect(told.map(({ kind }) => kind)).toEqual(['alert.raised', 'alert.cleared']);
    expect(told[0]?.alert).toMatchObject({ severity: 'error', text: TROUBLE });
    expect(told[0]!.alert.actionableAt - told[0]!.alert.raisedAt).toBe(300_000);
    expect(agent.view()).not.toHaveProperty('storeProblem', TROUBLE);
  });

  it('tells it through the trouble of a moment without asking anybody', async () => {
    const agent = await SimulatedAgent.start('moment', undefined, { heard: true });
    await agent.run(300);
    agent.storageTrouble = TROUBLE;
    await agent.run(60);
    expect(agent.view().storeProblem).toBe(TROUBLE);
    agent.storageTrouble = undefined;
    await agent.run(60);
    const [, cleared] = agent.alertsTold().filter(({ alert }) => alert.code === 'storage-failed');
    expect(cleared!.alert.clearedAt).toBeLessThan(cleared!.alert.actionableAt);
  });
});

describe('a hub whose database was made again', () => {
  it('tells the desk once, also over further restarts', async () => {
    const rebuilt: Rebuilt = {
      at: 1_700_000_000_000,
      why: 'SQLITE_CORRUPT: malformed',
      backupAt: 1_699_000_000_000,
      devices: 3,
      decisions: 2,
      entries: 1,
      isRead: true,
      cutTables: ['device'],
      isTold: false,
    };
    const agent = await SimulatedAgent.start('rebuilt', undefined, { heard: true });
    await agent.run(60);
    await agent.restart('second', `INSERT INTO meta VALUES ('rebuilt', '${JSON.stringify(rebuilt)}')`);
    await agent.run(60);
    await agent.restart('third');
    await agent.run(60);
    const told = agent.told().filter(({ body }) => (body as { code?: string }).code === 'storage-rebuilt');
    expect(told.map(({ kind }) => kind)).toEqual(['alert.raised']);
    expect(told[0]?.body).toMatchObject({
      text: expect.stringMatching(/3 devices, what people said of 2 of them.*\(device\): of that it has what the backup of 2023-11-03 had/),
    });
    expect(agent.store.load().rebuilt).toEqual({ ...rebuilt, isTold: true });
  });
});
