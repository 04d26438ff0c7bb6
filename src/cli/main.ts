/** The `hearthbeat` command: arguments in, exit code out. Each verb is a file in commands/ and is loaded only when it is used. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type CliContext, EXIT } from './context.ts';
import { report } from './report.ts';

type Run = (context: CliContext, command: Command) => Promise<number>;

function main(): void {
  requireRecentNode();
  followLauncher();
  const context = createContext();
  const manner = { asJson: process.argv.includes('--json'), isDebugging: (process.env.HEARTHBEAT_DEBUG ?? '0') !== '0' };
  process.on('uncaughtException', (error) => process.exit(report(error, context, manner)));
  createProgram(context)
    .parseAsync(process.argv)
    .catch((error: unknown) => {
      process.exitCode = report(error, context, manner);
      leave();
    });
}

/** What is over does not live on for what is still open: out of file descriptors, each child that could not be started leaves pipes behind for good (Node 24, measured). */
const LEAVE_MS = 1_000;
const leave = (): void => void setTimeout(() => process.exit(), LEAVE_MS).unref();

/** A stop takes 4 s at most, for a farewell to a broker that does not answer. One that takes far longer is stuck, and what was committed is safe; systemd waits for 15 s. */
const STOP_MS = 14_000;

function giveUp(): never {
  process.stderr.write(`hearthbeat: the stop did not come to its end within ${STOP_MS / 1000} s; ended all the same.\n`);
  process.exit(EXIT.problems);
}

/** Older versions crash without a message when the database module is loaded. */
function requireRecentNode(): void {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  process.stderr.write(
    `hearthbeat: Node 24 or later is needed, this is ${process.version}. Install Node 24, or run it by bin/hearthbeat.mjs.\n`,
  );
  process.exit(EXIT.problems);
}

/** Where an older Node launched this one, the two live and die together: a launcher killed by `kill -9` leaves no agent behind. */
function followLauncher(): void {
  if (!process.env.HEARTHBEAT_LAUNCHER || !process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}

function createContext(): CliContext {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort(signal);
      setTimeout(giveUp, STOP_MS).unref();
    });
  }
  // A reader such as `head` that closes early is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.fine);
    throw error;
  });
  return { stdout: process.stdout, stderr: process.stderr, env: process.env, version: versionOfPackage(), signal: stopping.signal };
}

function versionOfPackage(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

function createProgram(context: CliContext): Command {
  const program = new Command('hearthbeat')
    .description('Finds the devices in a home, watches them, and tells a support desk: one cause, one message, with its evidence.')
    .version(context.version, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration file (YAML)')
    .option('-d, --data <folder>', 'folder for the databases')
    .option('--json', 'print the result as one JSON document')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => {},
    })
    .addHelpText(
      'after',
      `\nExit codes: 0 fine, 1 problems found, 2 wrong command line or configuration, 70 a mistake in the program.\nStart here: hearthbeat scan`,
    );

  for (const verb of VERBS) addVerb(program, verb, context);
  for (const [noun, description, verbs] of NOUNS) {
    const parent = program.command(noun).description(description);
    for (const verb of verbs) addVerb(parent, verb, context);
  }
  return program;
}

/** `load` brings the module only when the verb is used, so that `--help` and `scan` start quickly. */
type Verb = {
  readonly usage: string;
  readonly about: string;
  readonly options?: readonly Flag[];
  readonly load: (flags: Readonly<Record<string, unknown>>) => Promise<Run>;
  /** Not for people: neither in the help nor in completions. */
  readonly isHidden?: boolean;
  /** What may follow in place of its own arguments. */
  readonly verbs?: readonly Verb[];
};
type Flag = readonly [flags: string, about: string, standard?: string];

function addVerb(parent: Command, { usage, about, options = [], load, isHidden = false, verbs = [] }: Verb, context: CliContext): void {
  const command = parent.command(usage, { hidden: isHidden }).description(about);
  for (const [flags, words, standard] of options) command.option(flags, words, standard);
  command.action(async () => {
    process.exitCode = await (await load(command.opts()))(context, command);
    if (context.signal.aborted) leave();
  });
  for (const verb of verbs) addVerb(command, verb, context);
}

const SPAN: readonly Flag[] = [
  ['--for <time>', 'how long: 30m, 2h, 1h30m; at most 24 h', '1h'],
  ['--because <words>', 'why, for whoever meets it'],
  ['--by <name>', 'who says so (default: who is logged in)'],
];

const HOMES: readonly Flag[] = [
  ['--role <role>', 'lead, agent, dealer, technician or homeowner'],
  ['--all', 'sees all homes (leads and agents)'],
  ['--dealer <name...>', 'sees the homes of which this is the dealer of record'],
  ['--site <id...>', 'sees these homes'],
];

/** Who is let in at the desk, and what programs can ask it. */
const DESK_VERBS: readonly Verb[] = [
  {
    usage: 'invite <sign-in-name>',
    about: 'make an account and print the link with which that person chooses a password',
    options: [
      ['--full-name <name>', 'who it is, as others read who did what'],
      ...HOMES,
      ['--days <n>', 'for so long (a technician: 1 to 31)'],
    ],
    load: async () => (await import('./commands/desk-accounts.ts')).deskInvite,
  },
  {
    usage: 'time <month>',
    about: 'the time that was worked on tickets in a month such as 2026-11, for invoices, as CSV or with --json',
    options: [['--dealer <name>', 'only of the homes of which this is the dealer of record']],
    load: async () => (await import('./commands/desk-time.ts')).deskTime,
  },
  {
    usage: 'statement',
    about:
      'what a month comes to, dealer by dealer: fees and his share, time worked, questions beyond the free ones; as CSV or with --json',
    options: [
      ['--month <month>', 'such as 2026-11'],
      ['--dealer <name>', 'only of the homes of which this is the dealer of record'],
      ['--csv', 'as CSV, which it is without --json'],
    ],
    load: async () => (await import('./commands/desk-time.ts')).deskStatement,
  },
  {
    usage: 'pack <ticket>',
    about: 'what is known of a ticket as one file of JSON, to be given to a vendor: without names, secrets and ways to reach people',
    options: [['--addresses', 'with the network addresses of devices']],
    load: async () => (await import('./commands/desk-pack.ts')).deskPack,
  },
  {
    usage: 'forget <site>',
    about: 'delete all that the desk keeps of a home: says what would go, and does it with --yes',
    options: [
      ['--reason <text>', "why, for the desk's own log; without names"],
      ['--yes', 'do it'],
    ],
    load: async () => (await import('./commands/desk-forget.ts')).deskForget,
  },
  {
    usage: 'accounts',
    about: 'who has an account, in which role and for which homes',
    load: async () => (await import('./commands/desk-accounts.ts')).deskAccounts,
  },
  {
    usage: 'link <sign-in-name>',
    about: 'print a link with which that person chooses another password',
    load: async () => (await import('./commands/desk-accounts.ts')).deskLink,
  },
  {
    usage: 'disable <sign-in-name>',
    about: 'let that person in no more, and end all sign-ins',
    load: async () => (await import('./commands/desk-accounts.ts')).deskDisable,
  },
  {
    usage: 'enable <sign-in-name>',
    about: 'let that person in again',
    load: async () => (await import('./commands/desk-accounts.ts')).deskEnable,
  },
  {
    usage: 'token',
    about: 'the tokens with which programs ask the API',
    load: async () => (await import('./commands/desk-accounts.ts')).deskTokens,
    verbs: [
      {
        usage: 'create <title>',
        about: 'make one and print it, once',
        options: [...HOMES, ['--days <n>', 'how long it lasts, at most 366', '90']],
        load: async () => (await import('./commands/desk-accounts.ts')).deskTokenCreate,
      },
      {
        usage: 'list',
        about: 'which there are, and when each was used last',
        load: async () => (await import('./commands/desk-accounts.ts')).deskTokens,
      },
      {
        usage: 'revoke <id>',
        about: 'have one open nothing any more',
        load: async () => (await import('./commands/desk-accounts.ts')).deskTokenRevoke,
      },
    ],
  },
  {
    usage: 'openapi',
    about: "print the description of the desk's API (OpenAPI 3.1), to make a client of",
    load: async () => (await import('./commands/desk-openapi.ts')).deskOpenApi,
  },
];

const VERBS: readonly Verb[] = [
  {
    usage: 'scan',
    about: 'look at the LAN once and list every device (no agent, no root, no internet needed)',
    options: [
      ['--deep', 'then ask each device what it is, politely and without logging in'],
      ['--seconds <n>', 'how long to look at most (default: 7, with --deep 60)'],
      ['--interface <name...>', 'only these interfaces'],
      ['--large', 'also subnets above /22'],
    ],
    load: async () => (await import('./commands/scan.ts')).scan,
  },
  {
    usage: 'why <device>',
    about: 'the evidence behind the state of a device, in words',
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    usage: 'trace <device>',
    about: 'ask a device now, hop by hop, and say where the path to it breaks',
    load: async () => (await import('./commands/trace.ts')).trace,
  },
  {
    usage: 'watch',
    about: 'the house live, full screen; a log of what happens where the output is no terminal',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  {
    usage: 'silence [device]',
    about: 'raise no new alert about a device for a while; what fires already stays',
    options: [['--all', 'about the whole house, but what guards lives'], ...SPAN],
    load: async () => (await import('./commands/silence.ts')).silence,
    verbs: [
      {
        usage: 'list',
        about: 'what is silenced, until when, by whom and why',
        load: async () => (await import('./commands/silence.ts')).silenceList,
      },
      {
        usage: 'end [number-or-device]',
        about: 'end a silence now (--all: that of the whole house)',
        load: async () => (await import('./commands/silence.ts')).silenceEnd,
      },
    ],
  },
  {
    usage: 'maintenance',
    about: 'raise no new alert about the whole house while people work there: silence --all',
    options: SPAN,
    load: async () => (await import('./commands/silence.ts')).maintenance,
  },
  {
    usage: 'replay',
    about: 'what people would have been asked to act on lately, with these settings or with those of a file',
    options: [
      ['--days <n>', 'how far back, at most 31', '30'],
      ['--policy <file>', 'a settings file whose section policy is tried beside that of this home'],
    ],
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    usage: 'status',
    about: 'whether the agent runs, sees the LAN and reaches the desk',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    usage: 'doctor',
    about: 'try everything the agent needs on this machine and name the fix of what does not work',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    usage: 'agent',
    about: 'watch this LAN (what the service manager runs on a hub)',
    options: [
      ['--offline', 'start although the desk has never been reached'],
      ['--supervise', 'start it again when it ends, hangs or takes too much memory: for machines where systemd does not'],
    ],
    load: async ({ supervise }) =>
      supervise ? (await import('./commands/supervise.ts')).supervise : (await import('./commands/agent.ts')).agent,
  },
  {
    usage: 'desk',
    about: 'run the support desk on this machine: broker, store and page',
    options: [
      ['--register <site-id>', "let a hub in at the desk's own broker: print its new password once, and end"],
      ['--name <text>', 'what the desk calls that home (with --register)'],
    ],
    load: async () => (await import('./commands/desk.ts')).desk,
    verbs: DESK_VERBS,
  },
  {
    usage: 'backup [file]',
    about: 'everything that makes this hub this hub in one file, while the agent runs (default: ./hearthbeat-<date>.backup)',
    options: [['--automatic', 'to where the weekly ones are kept; forget the oldest of them']],
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    usage: 'restore <file>',
    about: 'make a blank hub the one that a backup is of',
    options: [['--force', 'put a hub that is there already aside']],
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    usage: 'up',
    about: 'everything on this machine: agent, broker, desk and page',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    usage: 'demo',
    about: 'play a day of a simulated home through the same agent and desk',
    options: [
      ['--speed <n>', 'how many times faster than life', '240'],
      ['--seed <text>', 'seed of the simulated home', 'home'],
    ],
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    usage: 'completion <shell>',
    about: 'print what makes bash, zsh or fish complete this command',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
];

const NOUNS: readonly (readonly [noun: string, about: string, verbs: readonly Verb[]])[] = [
  [
    'device',
    'the devices that the agent knows',
    [
      {
        usage: 'list',
        about: 'every device with its state',
        options: [['--state <state...>', 'only devices in these states']],
        load: async () => (await import('./commands/device-list.ts')).deviceList,
      },
      {
        usage: 'show <device>',
        about: 'all that is known of one device',
        load: async () => (await import('./commands/device-show.ts')).deviceShow,
      },
      {
        usage: 'name <device> <name>',
        about: 'call a device what you like',
        load: async () => (await import('./commands/device-orders.ts')).deviceName,
      },
      {
        usage: 'set <device> <what...>',
        about:
          'correct what is known of a device: kind=tv, model=, vendor=, room=, critical=yes, personal=no, behind=<switch>, installed=2019-05, warranty-until=2027, or any of them =unset',
        load: async () => (await import('./commands/device-orders.ts')).deviceSet,
      },
      {
        usage: 'import <file>',
        about:
          'take over install and warranty dates and rooms from a table (CSV); its columns: mac, serial, ip or name; installed, warranty_until, room',
        options: [['--dry-run', 'only say what would be changed']],
        load: async () => (await import('./commands/device-import.ts')).deviceImport,
      },
      {
        usage: 'merge <device> <other-device>',
        about: 'say that two devices are one',
        load: async () => (await import('./commands/device-orders.ts')).deviceMerge,
      },
      {
        usage: 'split <device> <identifier...>',
        about: 'say that some MACs of a device are another device, for good',
        load: async () => (await import('./commands/device-orders.ts')).deviceSplit,
      },
      {
        usage: 'undo <n>',
        about: 'take back an entry of the log',
        load: async () => (await import('./commands/device-orders.ts')).deviceUndo,
      },
      {
        usage: 'log [device]',
        about: 'who was found to be who, by whom and why',
        load: async () => (await import('./commands/device-log.ts')).deviceLog,
      },
    ],
  ],
  [
    'alert',
    'what is wrong',
    [
      {
        usage: 'list',
        about: 'the alerts that fire now',
        options: [['--all', 'also those that are over']],
        load: async () => (await import('./commands/alert-list.ts')).alertList,
      },
      {
        usage: 'ack <alert>',
        about: 'say that you see to an alert, by its number in the list, its key or words of its title; the desk is told',
        options: [
          ['--note <words>', 'what you are doing about it'],
          ['--by <name>', 'who sees to it (default: who is logged in)'],
          ['--planned-for <date>', 'until when what nears its end will be replaced (2027-03): no further stage of it is told before'],
        ],
        load: async () => (await import('./commands/alert-ack.ts')).alertAck,
      },
    ],
  ],
  [
    'lifecycle',
    'which devices are near their end, on what evidence, and what to do',
    [
      {
        usage: 'list',
        about: 'the devices that need something, the most urgent first',
        options: [
          ['--all', 'also those that are fine, and those of persons'],
          ['--csv', 'as a table for a spreadsheet'],
        ],
        load: async () => (await import('./commands/lifecycle-list.ts')).lifecycleList,
      },
      {
        usage: 'look',
        about: 'what the agent asks of a process of its own',
        isHidden: true,
        load: async () => (await import('./commands/lifecycle-look.ts')).lifecycleLook,
      },
      {
        usage: 'show <fact-or-device>',
        about: 'the verdict on a device with its source, or one fact of the catalogue',
        load: async () => (await import('./commands/lifecycle-show.ts')).lifecycleShow,
      },
      {
        usage: 'plan',
        about: 'what to replace when, as one page to print and to put before a client',
        options: [
          ['--for <home>', 'whose home it is (default: its name in the settings)'],
          ['--by <dealer>', 'in whose name the plan is made'],
          ['--logo <file>', 'a PNG, JPEG, WebP or SVG picture, at most 512 KiB'],
          ['--prices <file>', 'a table of two columns (CSV): device, price'],
          ['--years <n>', 'how far the plan looks ahead, 1 to 10', '5'],
          ['--out <file>', 'where the page is written; - for standard output', 'replacement-plan.html'],
        ],
        load: async () => (await import('./commands/lifecycle-plan.ts')).lifecyclePlan,
      },
      {
        usage: 'check <file>',
        about: 'whether a file of your own facts holds; every problem at once',
        load: async () => (await import('./commands/lifecycle-check.ts')).lifecycleCheck,
      },
      {
        usage: 'export',
        about: 'the catalogue for other programs',
        options: [['--format <name>', 'openeox (OASIS OpenEoX Core 1.0) or cyclonedx (1.6)']],
        load: async () => (await import('./commands/lifecycle-export.ts')).lifecycleExport,
      },
      {
        usage: 'update <file>',
        about: 'take a newer catalogue, one signed file; the old one stays where anything is wrong with it',
        options: [['--key <file>', 'the public key of who signed it, trusted on this hub from now on']],
        load: async () => (await import('./commands/lifecycle-update.ts')).lifecycleUpdate,
      },
      {
        usage: 'add <file>',
        about: 'add facts of your own on this hub; they stay through updates',
        load: async () => (await import('./commands/lifecycle-own.ts')).lifecycleAdd,
      },
      {
        usage: 'remove <fact>',
        about: 'take back a fact of your own, by its id',
        load: async () => (await import('./commands/lifecycle-own.ts')).lifecycleRemove,
      },
    ],
  ],
  [
    'policy',
    'what a desk promises its homes: plans, clocks, who may be called and billed',
    [
      {
        usage: 'check <file>',
        about: 'read a service policy and name every problem in it',
        load: async () => (await import('./commands/policy-check.ts')).policyCheck,
      },
      {
        usage: 'diff <old> <new>',
        about: 'what a new version changes, in words for those whom it binds',
        load: async () => (await import('./commands/policy-diff.ts')).policyDiff,
      },
      {
        usage: 'schema',
        about: 'print the JSON schema of the file, for editors',
        load: async () => (await import('./commands/policy-schema.ts')).policySchema,
      },
    ],
  ],
  [
    'notices',
    'whom a desk tells of tickets outside its page, and how',
    [
      {
        usage: 'check <file>',
        about: 'read a file of notices, with the secrets that it names, and name every problem in it',
        load: async () => (await import('./commands/notices-check.ts')).noticesCheck,
      },
      {
        usage: 'test <receiver>',
        about: 'send one notice that says it is a test, and print what the receiver answers',
        options: [['--file <file>', 'the file of notices (default: desk.notices of the settings)']],
        load: async () => (await import('./commands/notices-test.ts')).noticesTest,
      },
      {
        usage: 'schema',
        about: 'print the JSON schema of the file, for editors',
        load: async () => (await import('./commands/notices-schema.ts')).noticesSchema,
      },
    ],
  ],
  [
    'config',
    'the configuration file',
    [
      {
        usage: 'check',
        about: 'read the file and name every problem in it',
        load: async () => (await import('./commands/config-check.ts')).configCheck,
      },
      {
        usage: 'schema',
        about: 'print the JSON schema of the file, for editors',
        load: async () => (await import('./commands/config-schema.ts')).configSchema,
      },
    ],
  ],
];

main();
