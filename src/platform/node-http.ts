/**
 * Node's HTTP for programs that must stay small. `import ... from 'node:http'` reads every export of the module to link it, also `WebSocket`,
 * whose getter loads the whole of undici: 3 MB of memory (Node 24.21, measured) for nothing that the agent uses.
 */
export const http = process.getBuiltinModule('node:http');
