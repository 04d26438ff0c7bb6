/** `hearthbeat notices test RECEIVER`: sends one notice that says it is a test, past the queue, and prints what the receiver answers. */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Settings } from '../../config/settings.ts';
import { linkedTo, type NoticePolicy, type Receiver } from '../../desk/notices/policy.ts';
import { deliver } from '../../desk/notices/receivers/deliver.ts';
import type { Verdict } from '../../desk/notices/receivers/receiver.ts';
import { mailNotice } from '../../platform/notice-mail.ts';
import { postNotice } from '../../platform/notice-post.ts';
import { loadNotices } from '../../platform/notices-file.ts';
import { loadSettings } from '../../platform/settings-file.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';

export async function noticesTest(context: CliContext, command: Command): Promise<number> {
  const flags = globalFlags(command);
  const { file } = command.opts<{ file?: string }>();
  const { settings } = loadSettings(flags.config, context.env);
  const policy = linkedTo(loadNotices(file ?? fileOf(settings), context.env), settings.desk.page.origin);
  const receiver = receiverOf(policy, String(command.args[0]));
  if (receiver.place.kind === 'web-push')
    throw new HearthbeatError(
      'HB_USAGE',
      `The browsers of ${receiver.name} belong to people of the desk.`,
      'Each tests his own: on his account page, under "Notices in your browsers".',
    );
  const at = systemClock.now().wallMs;
  const outgoing = {
    id: `msg_${newRandomId(systemRandom)}`,
    notice: { about: 'test', receiver: receiver.name, at },
    isFirst: true,
    at,
  } as const;
  const senders = { post: postNotice, mail: mailNotice };
  const verdict = await deliver(outgoing, receiver, policy, senders);
  // An incident would stay open, and be somebody's.
  if (verdict.outcome === 'taken' && receiver.place.kind === 'pagerduty')
    await deliver({ ...outgoing, notice: { ...outgoing.notice, isOver: true } }, receiver, policy, senders);
  const isFine = verdict.outcome === 'taken';
  if (flags.json)
    printJson(context, {
      ok: isFine,
      receiver: receiver.name,
      kind: receiver.place.kind,
      outcome: verdict.outcome,
      answer: verdict.answer,
    });
  else context.stdout.write(`${words(receiver, verdict)}\n`);
  return isFine ? EXIT.fine : EXIT.problems;
}

function fileOf(settings: Settings): string {
  if (settings.desk.notices !== undefined) return settings.desk.notices;
  throw new HearthbeatError(
    'HB_USAGE',
    'The settings name no file of notices (desk.notices).',
    'Give it: hearthbeat notices test <receiver> --file <file>',
  );
}

function receiverOf({ receivers }: NoticePolicy, name: string): Receiver {
  const receiver = receivers.get(name);
  if (receiver) return receiver;
  const there = [...receivers.keys()].join(', ') || 'none';
  throw new HearthbeatError('HB_NOT_FOUND', `There is no receiver ${name}.`, `Choose one of: ${there}`);
}

const OUTCOMES: Readonly<Record<Verdict['outcome'], string>> = {
  taken: 'took it',
  later: 'did not take it; the desk would try again',
  refused: 'refused it for good',
  barred: 'lets nobody in with these settings; the desk would try again, ever more seldom',
};

function words({ name, place }: Receiver, { outcome, answer }: Verdict): string {
  return `${name} (${place.kind}) ${OUTCOMES[outcome]}: ${answer}`;
}
