import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askLocally, serveLocally } from '../../../src/platform/local-socket.ts';

test('what fails to answer says so to whoever asked, and answers the next', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'socket-'));
  const socket = path.join(folder, 'agent.sock');
  const broken = (): never => {
    throw new Error('the disk is gone');
  };
  const answer = (asked: string): unknown => (asked === '/view' ? broken() : { fine: true });
  const server = await serveLocally(socket, { answer, obey: broken });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  await expect(askLocally(socket, '/view')).rejects.toThrow('the disk is gone');
  await expect(askLocally(socket, '/order', { do: 'undo', row: 1 })).rejects.toThrow('the disk is gone');
  expect(await askLocally(socket, '/other')).toEqual({ fine: true });
});
