/** How the desk is, and who asks, over HTTP. */
import { PERMISSIONS } from '../access/roles.ts';
import { call } from './call.ts';
import type { Routes } from './routes.ts';
import { meShape, statusShape } from './shapes/desk.ts';

export const DESK_CALLS = {
  status: call('status', 'get /api/v1/status', {
    rule: 'signed-in',
    summary: 'Whether the desk can be relied on',
    answer: statusShape,
  }),
  me: call('me', 'get /api/v1/me', {
    rule: 'signed-in',
    summary: 'Who asks, and what he may do',
    answer: meShape,
  }),
};

export function addDesk(routes: Routes): void {
  routes.call(DESK_CALLS.status, (_, visit) => {
    const { counts, ...rest } = visit.frame().status;
    return visit.may('desk') ? { ...rest, counts } : rest;
  });
  routes.call(DESK_CALLS.me, (_, { who, may }) => ({
    kind: who.kind,
    ...(who.name === undefined ? {} : { name: who.name }),
    role: who.role,
    may: PERMISSIONS.filter(may),
    sees: who.scope === 'all' ? ('all' as const) : ('some' as const),
  }));
}
