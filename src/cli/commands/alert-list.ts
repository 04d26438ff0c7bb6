/** `hearthbeat alert list`: what is wrong now, newest first, and what is to be planned for; exit code 1 while anything is wrong. */

import type { Command } from 'commander';
import type { Alert } from '../../agent/alerts/alerts.ts';
import { duration } from '../../base/duration.ts';
import { isToPlan } from '../../protocol/alert-catalogue.ts';
import { stageWords } from '../../web/lifecycle-words.ts';
import { noteStopped, readAgentView, readSaved } from '../agent-view.ts';
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
  return readSaved(dataFolder, ({ alerts }) => alerts.history(HISTORY_ROWS)).filter(({ clearedAt }) => clearedAt !== undefined);
}

function firingText(n: number, alert: Alert, now: number, context: CliContext): string {
  const severity = paint(
    alert.severity === 'critical' || alert.severity === 'error' ? ['bold', 'red'] : 'yellow',
    alert.severity,
    context.stdout,
    context.env,
  );
  const seen = alert.acknowledged ? `\n  ${acknowledgedWords(alert.acknowledged, now)}` : '';
  const stage = stageWords(alert, now);
  const when = stage === undefined ? '' : `${stage}; told `;
  return `${n}  ${severity}  ${alert.title}\n  ${when}for ${duration(now - alert.raisedAt)} (since ${clockTime(alert.raisedAt, now)})${holdWords(alert, now)}${seen}\n  ${alert.text}\n`;
}

function holdWords({ held, actionableAt }: Alert, now: number): string {
  if (!held) return '';
  return now < actionableAt
    ? `; the desk is asked to act at ${clockTime(actionableAt, now)} if it lasts`
    : '; the desk is not asked to act yet: the hub could not look for long enough';
}

function overText(alert: Alert, now: number): string {
  const lasted = alert.clearedAt === alert.raisedAt ? '' : `, lasted ${duration((alert.clearedAt ?? now) - alert.raisedAt)}`;
  return `  ${clockTime(alert.raisedAt, now)}  ${alert.title}${lasted}\n`;
}
