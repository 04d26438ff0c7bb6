/** `hearthbeat alert list`: what is wrong now, newest first, and what is to be planned for; exit code 1 while anything is wrong. */

import { join } from 'node:path';
import type { Command } from 'commander';
import type { Alert } from '../../agent/alerts/alerts.ts';
import { createAgentStore } from '../../agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../agent/store/migrations.ts';
import { duration } from '../../base/duration.ts';
import { openDatabaseReadOnly } from '../../platform/sqlite.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { isToPlan } from '../../protocol/alert-catalogue.ts';
import { stageWords } from '../../web/lifecycle-words.ts';
import { noteStopped, readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { numbered } from '../find-alert.ts';
import { acknowledgedWords } from '../render/silence-words.ts';
import { clockTime, paint } from '../render/words.ts';

const HISTORY_ROWS = 200;

export async function alertList(context: CliContext, command: Command): Promise<number> {
  const known = await readAgentView(context, command);
  const { all, json } = command.optsWithGlobals<{ all?: boolean; json?: boolean }>();
  const byNumber = numbered(known.view.alerts).reverse();
  const firing = byNumber.map(({ alert }) => alert);
  const wrong = byNumber.filter(({ alert }) => !isToPlan(alert));
  const over = all ? clearedAlerts(known.dataFolder) : [];
  if (json || globalFlags(command).json) printJson(context, { running: known.running, firing, ...(all ? { over } : {}) });
  else {
    noteStopped(context, known);
    const textOf = (each: (typeof byNumber)[number]): string => firingText(each.n, each.alert, known.view.at, context);
    const toPlan = byNumber.filter(({ alert }) => isToPlan(alert));
    context.stdout.write(wrong.length === 0 ? 'Nothing is wrong.\n' : wrong.map(textOf).join('\n'));
    if (toPlan.length > 0) context.stdout.write(`\nTo plan for:\n${toPlan.map(textOf).join('\n')}`);
    if (over.length > 0) context.stdout.write(`\nOver:\n${over.map((alert) => overText(alert, known.view.at)).join('')}`);
  }
  return wrong.length > 0 ? EXIT.problems : EXIT.fine;
}

function clearedAlerts(dataFolder: string): readonly Alert[] {
  const db = openDatabaseReadOnly(join(dataFolder, 'agent.db'), AGENT_MIGRATIONS);
  try {
    return createAgentStore(db, { random: systemRandom, start: '' })
      .alerts.history(HISTORY_ROWS)
      .filter((alert) => alert.clearedAt !== undefined);
  } finally {
    db.close();
  }
}

function firingText(n: number, alert: Alert, now: number, context: CliContext): string {
  const severity = paint(
    alert.severity === 'critical' || alert.severity === 'error' ? ['bold', 'red'] : 'yellow',
    alert.severity,
    context.stdout,
    context.env,
  );
  const hold = now < alert.actionableAt ? `; the desk is asked to act at ${clockTime(alert.actionableAt, now)} if it lasts` : '';
  const seen = alert.acknowledged ? `\n  ${acknowledgedWords(alert.acknowledged, now)}` : '';
  const stage = stageWords(alert, now);
  const when = stage === undefined ? '' : `${stage}; told `;
  return `${n}  ${severity}  ${alert.title}\n  ${when}for ${duration(now - alert.raisedAt)} (since ${clockTime(alert.raisedAt, now)})${hold}${seen}\n  ${alert.text}\n`;
}

function overText(alert: Alert, now: number): string {
  const lasted = alert.clearedAt === alert.raisedAt ? '' : `, lasted ${duration((alert.clearedAt ?? now) - alert.raisedAt)}`;
  return `  ${clockTime(alert.raisedAt, now)}  ${alert.title}${lasted}\n`;
}
