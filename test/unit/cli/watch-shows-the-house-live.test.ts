import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentView } from '../../../src/agent/diagnostics/view.ts';
import { watch } from '../../../src/cli/commands/watch.ts';
import { textWidth } from '../../../src/cli/render/table.ts';
import { afterKey, FIRST_CHOICE, watchScreen } from '../../../src/cli/render/watch-screen.ts';
import { eventsBetween, type WatchEvent } from '../../../src/cli/watch-events.ts';
import { serveLocally } from '../../../src/platform/local-socket.ts';
import { SimulatedAgent } from '../../builders/simulated-agent.ts';

const INK = { output: { isTTY: false }, env: {} };
const SIZE = { columns: 100, rows: 30 };

let home: SimulatedAgent;
beforeEach(async () => {
  home = await (await SimulatedAgent.start('watch')).run(300);
});
afterEach(() => home.stop());

/** What the house looks like before and after something happened in it. */
async function around(happens: () => void, seconds: number): Promise<[AgentView, AgentView]> {
  const before = home.view();
  happens();
  await home.run(seconds);
  return [before, home.view()];
}

describe('what happened between two looks', () => {
  it('is each change of state with its reason, and each alert', async () => {
    const [before, after] = await around(() => home.home.control.unplug('NVR'), 30);
    const events = eventsBetween(before, after);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'state', from: 'up', to: 'down', text: expect.stringContaining('No answer to 7') }),
    );
    expect(events).toContainEqual(expect.objectContaining({ kind: 'alert', subject: expect.stringContaining('does not answer') }));
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  it('is what people say of alerts: a silence, its end, who sees to one', async () => {
    home.home.control.unplug('NVR');
    await home.run(30);
    const alert = home.view().alerts[0]!;
    const [quiet, acknowledged] = await around(() => {
      home.obeyAboutAlerts({ do: 'silence', forMs: 60_000, by: 'anna', because: 'new rack' });
      const seen = { by: 'Ben', at: home.clock.now().wallMs, note: 'on my way', where: 'desk' as const };
      home.obeyAboutAlerts({ do: 'acknowledge', key: alert.key, raisedAt: alert.raisedAt, acknowledged: seen });
    }, 1);
    expect(eventsBetween(quiet, acknowledged)).toMatchObject([
      { kind: 'acknowledged', subject: alert.title, text: 'Ben sees to it: on my way' },
      { kind: 'silenced', subject: 'the whole house', text: expect.stringContaining('by anna because new rack') },
    ]);
    const [before, after] = await around(() => {}, 60);
    expect(eventsBetween(before, after)).toMatchObject([{ kind: 'heard-again', subject: 'the whole house' }]);
  });

  it('is nothing where nothing happened', () => {
    expect(eventsBetween(home.view(), home.view())).toEqual([]);
  });
});

describe('the screen', () => {
  it('is as high and as wide as the terminal, whatever its size', () => {
    const view = home.view();
    const events = Array.from({ length: 40 }, (_, i): WatchEvent => ({ at: view.at, kind: 'new', subject: `Device ${i}`, text: 'found' }));
    for (const rows of [1, 5, 12, 30, 80]) {
      const lines = watchScreen({ view, events, choice: FIRST_CHOICE }, { columns: 60, rows }, INK);
      expect(lines).toHaveLength(rows);
      const table = lines.filter((line) => line.startsWith('192.168.'));
      expect(Math.max(0, ...table.map(textWidth))).toBeLessThanOrEqual(60);
    }
  });

  it('says what is silenced, and stays as high as the terminal', () => {
    for (const { id } of home
      .view()
      .devices.filter(({ personal }) => !personal)
      .slice(0, 4))
      home.obeyAboutAlerts({ do: 'silence', device: id, forMs: 60_000, by: 'anna' });
    const lines = watchScreen({ view: home.view(), events: [], choice: FIRST_CHOICE }, { columns: 60, rows: 12 }, INK);
    expect(lines.filter((line) => line.includes('silenced until'))).toHaveLength(2);
    expect(lines).toContain('and 2 more: hearthbeat silence list');
    expect(lines).toHaveLength(12);
  });

  it('shows only trouble when asked, and says so when there is none', async () => {
    const onlyTrouble = afterKey(FIRST_CHOICE, 't', 40);
    const calm = watchScreen({ view: home.view(), events: [], choice: onlyTrouble }, SIZE, INK).join('\n');
    expect(calm).toContain('Nothing is in trouble.');
    const [, after] = await around(() => home.home.control.unplug('NVR'), 30);
    const screen = watchScreen({ view: after, events: [], choice: onlyTrouble }, SIZE, INK).join('\n');
    expect(screen).toMatch(/192\.168\.50\.20 +down .*NVR/);
    expect(screen).toContain('1 alert');
    expect(screen).not.toContain('192.168.50.1 ');
  });

  it('scrolls by keys to the last device and not beyond', () => {
    const view = home.view();
    let choice = FIRST_CHOICE;
    for (let press = 0; press < 30; press++) choice = afterKey(choice, 'pagedown', view.devices.length);
    const lines = watchScreen({ view, events: [], choice }, { columns: 100, rows: 20 }, INK);
    expect(lines.at(-1)).toContain(`-${view.devices.length} of ${view.devices.length}`);
    expect(lines.filter((line) => line.startsWith('192.168.')).length).toBeGreaterThan(10);
    expect(afterKey(choice, 'home', view.devices.length).offset).toBe(0);
  });

  it('puts what is in trouble first in the order of states', async () => {
    const [, view] = await around(() => home.home.control.unplug('NVR'), 30);
    const lines = watchScreen({ view, events: [], choice: afterKey(FIRST_CHOICE, 's', 40) }, SIZE, INK);
    expect(lines.find((line) => line.startsWith('192.168.'))).toContain('down');
  });
});

describe('hearthbeat watch without a terminal', () => {
  it('writes one line for each thing that happens, goes on when the agent ends, and ends when told', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-watch-'));
    const socket = path.join(folder, 'agent.sock');
    const service = { answer: (asked: string) => (asked === '/view' ? home.view() : undefined), obey: () => undefined };
    let server = await serveLocally(socket, service);
    const [out, told, stopping] = [[] as string[], [] as string[], new AbortController()];
    const command = new Command('watch').option('--data <folder>').option('--json').option('--config <file>');
    command.parse(['node', 'x', '--data', folder, '--json'], { from: 'node' });
    const context = {
      stdout: { write: (text: string) => out.push(text) },
      stderr: { write: (text: string) => told.push(text) },
      env: {},
      version: 'test',
      signal: stopping.signal,
    };
    const ended = watch(context, command);
    await expect.poll(() => told.join(), { timeout: 5000 }).toContain('Watching');
    await server.close();
    await expect.poll(() => told.join(), { timeout: 5000 }).toContain('No agent has ever run');
    home.home.control.unplug('NVR');
    await home.run(30);
    server = await serveLocally(socket, service);
    await expect.poll(() => out.join(''), { timeout: 5000 }).toContain('"to":"down"');
    for (const line of out.join('').trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ at: expect.any(Number), kind: expect.any(String) });
    stopping.abort();
    expect(await ended).toBe(0);
    await server.close();
    rmSync(folder, { recursive: true });
  });
});
