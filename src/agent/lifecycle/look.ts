/** What one look at all devices of a home answers, as a value and as a closed schema: it comes from another process, and the agent loads nothing else of the verdicts. */
import { z } from 'zod';
import { type VerdictMessage, verdictSchema } from '../../protocol/messages.ts';
import type { Track } from './tracks.ts';
import type { Now } from './verdict.ts';

/** Of one device of which something is known. */
export type Standing = { readonly device: string; readonly verdict?: VerdictMessage; readonly tracks: readonly Track[] };

/** `catalogue` names the one in use: another one may say other things. */
export type Look = { readonly catalogue: string; readonly now: Now; readonly standings: readonly Standing[] };

/** No device has so many ends; whoever writes so many facts of his own about one is told of the first. */
export const MOST_TRACKS = 24;

const trackSchema = z.object({
  device: z.string(),
  cause: z.enum(['support', 'cloud', 'replace', 'certificate', 'warranty', 'battery']),
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  ends: z.string().max(10).optional(),
  stage: z.union([z.literal(0), z.literal(365)]).optional(),
  exploited: z.literal(true).optional(),
  guards: z.literal(true).optional(),
  why: z.string().max(1024),
  more: z.string().max(4096),
});

/** What one look at all devices of a home answers. */
export const lookSchema = z.object({
  /** Names the catalogue in use: another one may say other things. */
  catalogue: z.string().max(80),
  now: z.object({ at: z.number(), isSure: z.boolean(), isDesks: z.literal(true).optional() }),
  standings: z.array(z.object({ device: z.string(), verdict: verdictSchema.optional(), tracks: z.array(trackSchema).max(MOST_TRACKS) })),
});
