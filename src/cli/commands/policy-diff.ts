/** `hearthbeat policy diff OLD NEW`: what a new version of the service policy changes, in words for those whom it binds. */
import type { Command } from 'commander';
import { type Change, changeWords, differenceOf, versionTrouble } from '../../desk/service/difference.ts';
import type { ServicePolicy } from '../../desk/service/policy.ts';
import { loadServicePolicy } from '../../platform/service-file.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';

export async function policyDiff(context: CliContext, command: Command): Promise<number> {
  const [old, newer] = [loadServicePolicy(String(command.args[0])), loadServicePolicy(String(command.args[1]))];
  const changes = differenceOf(old, newer);
  const trouble = versionTrouble(old, newer, changes);
  if (globalFlags(command).json)
    printJson(context, { ok: trouble === undefined, from: named(old), to: named(newer), changes, problem: trouble ?? null });
  else context.stdout.write(told(old, newer, changes));
  if (trouble !== undefined) context.stderr.write(`hearthbeat: ${trouble}\n`);
  return trouble === undefined ? EXIT.fine : EXIT.problems;
}

function named({ version, since }: ServicePolicy): { version: string; since: string } {
  return { version, since };
}

function told(old: ServicePolicy, newer: ServicePolicy, changes: readonly Change[]): string {
  if (changes.length === 0) return `Version ${newer.version} promises what version ${old.version} does.\n`;
  const lines = changes.map((change) => `  ${changeWords(change)}\n`).join('');
  return `From version ${old.version} to version ${newer.version}, which holds since ${newer.since}:\n${lines}`;
}
