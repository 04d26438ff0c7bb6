// Which room may import which: the table of src/ARCHITECTURE.md, made executable. Each comment says what to do instead; it is what
// `npm run check` prints. Type-only imports count too. test/check proves that every rule bites.

const LATER_THAN = {
  discovery: 'inventory|health|topology|decay|lifecycle|alerts|outbox|commands',
  inventory: 'evidence|health|topology|decay|lifecycle|alerts|outbox|commands',
  evidence: 'health|topology|decay|lifecycle|alerts|outbox|commands',
  health: 'topology|decay|lifecycle|alerts|outbox|commands',
  topology: 'decay|lifecycle|alerts|outbox|commands',
  decay: 'evidence|lifecycle|alerts|outbox|commands',
  lifecycle: 'alerts|outbox|commands',
  alerts: 'outbox|commands',
};
const STAGES = Object.keys(LATER_THAN).join('|');

const EFFECTS = [
  '^(node:)?(dgram|fs|fs/promises|child_process|http|https|http2|tls|dns|dns/promises|worker_threads|cluster|readline|readline/promises)$',
  '(^|/)node_modules/(better-sqlite3|mqtt|multicast-dns|bonjour-service|node-ssdp|ping|aedes|systeminformation|@hono/node-server|pg|pino|nodemailer)/',
];

const earlierStages = Object.entries(LATER_THAN).map(([stage, later]) => ({
  name: `${stage}-does-not-import-later-stages`,
  comment: `A stage hands its result on as a value; agent/pipeline.ts passes it to the next. Move the shared type to agent/${stage}/ or to base/.`,
  severity: 'error',
  from: { path: `^src/agent/${stage}/` },
  to: { path: `^src/agent/(${later})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...earlierStages,
    {
      name: 'stages-see-no-store-and-no-composition',
      comment: 'A stage is a pure function. Take what it needs as an argument; agent/pipeline.ts loads and saves.',
      severity: 'error',
      from: { path: `^src/agent/(${STAGES})/` },
      to: { path: '^src/agent/(store/|diagnostics/|pipeline\\.ts|agent\\.ts)' },
    },
    {
      name: 'the-agent-only-counts-days',
      comment:
        'A year of weeks is folded by the process that looks at what ends, and by commands (platform/home-decay.ts): the agent keeps the memory of a day. Take what you need from decay/day.ts.',
      severity: 'error',
      from: { path: '^src/agent/(?!decay/|lifecycle/)' },
      to: { path: '^src/agent/decay/(?!day|port-counter|gaps|round-trips)' },
    },
    {
      name: 'base-imports-nothing-of-ours',
      comment: 'base/ holds plain values. What knows a room belongs in that room.',
      severity: 'error',
      from: { path: '^src/base/' },
      to: { path: '^src/(?!base/)' },
    },
    {
      name: 'protocol-imports-only-base',
      comment:
        'protocol/ is the contract: it must be readable without hub or desk. Describe the message here and convert in agent/outbox or desk/ingest.',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { path: '^src/(?!protocol/|base/)' },
    },
    {
      name: 'agent-and-desk-meet-only-in-protocol',
      comment: 'Hub and desk are two programs. Put what both must know into protocol/ (what is said) or base/ (plain values).',
      severity: 'error',
      from: { path: '^src/(agent|desk)/' },
      to: { path: '^src/(agent|desk)/', pathNot: '^src/$1/' },
    },
    {
      name: 'only-the-edge-imports-platform',
      comment:
        'Name what you need as an interface (agent/ports.ts, or beside the code that needs it), and let cli/ or a main.ts hand in the platform object.',
      severity: 'error',
      from: { path: '^src/(agent|desk|base|protocol|simulation|config)/', pathNot: '/main\\.ts$' },
      to: { path: '^src/platform/' },
    },
    {
      name: 'only-platform-has-effects',
      comment:
        'Sockets, files, processes, databases and brokers are opened in platform/ only. Put the call there behind an interface. (Types may be imported.)',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/|/main\\.ts$|^src/web/client/' },
      to: { path: EFFECTS, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-the-simulation',
      comment: 'The simulated home stands behind the same ports as the real one. Only the CLI (demo) and tests choose it.',
      severity: 'error',
      from: { path: '^src/(?!simulation/|cli/)' },
      to: { path: '^src/simulation/' },
    },
    {
      name: 'nothing-imports-the-cli',
      comment: 'The CLI is the outermost room. Move what you need inwards, and let the CLI call it.',
      severity: 'error',
      from: { path: '^src/(?!cli/)' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'the-program-knows-no-test',
      comment: 'What both need is program: move it to src/.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-barrels',
      comment: 'Import the file that defines the thing: an index.ts hides what depends on what, and makes cycles.',
      severity: 'error',
      from: {},
      to: { path: '^src/.*index\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other hide a third: move what both use (often a type) to a file of its own.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-development-packages-in-the-program',
      comment: 'The published package has only "dependencies". Move the package there, or do the work when building (scripts/).',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'every-import-resolves',
      comment: 'The file or package does not exist. A rule can only see what resolves.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
