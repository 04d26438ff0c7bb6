/** The API's own description, for programs that make clients of it. */
import { z } from 'zod';
import { call } from './call.ts';
import { type OpenApi, openApi } from './openapi.ts';
import type { Routes } from './routes.ts';

export const DESCRIBE_CALLS = {
  describe: call('describe', 'get /api/v1/openapi.json', {
    // It says nothing that is secret; but whoever is not let in has no use for it, and learns nothing here. `hearthbeat desk openapi` prints it without a desk.
    rule: 'signed-in',
    summary: 'This description',
    answer: z.record(z.string(), z.unknown()),
  }),
};

export function addDescription(routes: Routes): void {
  let made: OpenApi | undefined;
  routes.call(DESCRIBE_CALLS.describe, () => (made ??= openApi(routes.calls)));
}
