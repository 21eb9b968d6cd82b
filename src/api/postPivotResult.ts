import * as z from 'zod';
import type { Parsed } from '#base/report.ts';
import { decodeText, mapping, optional, text, textList } from './shape.ts';

/**
 * How far a host's first boot has come (`/var/lib/lca/post-pivot-result.json`, ours; the original has no such file).
 * It is written anew with every stage and holds no secrets.
 */
export interface PostPivotResult {
  readonly version: 1;
  /**
   * `failed`: another attempt follows by itself; `given-up`: none does; `finishing`: the cluster runs, only leftovers
   * of the work itself are still there.
   */
  readonly outcome: 'running' | 'failed' | 'given-up' | 'finishing' | 'succeeded';
  /** The how manieth attempt this is, from 1. */
  readonly attempt: number;
  readonly cluster_name: string;
  readonly base_domain: string;
  readonly cluster_id: string;
  readonly hostname: string;
  readonly node_ips: readonly string[];
  /** RFC 3339; of the attempt that the stages belong to. */
  readonly started_at: string;
  readonly updated_at: string;
  /** Of a failed attempt: the next one begins then. */
  readonly next_attempt_at?: string;
  /** The step that runs, or ran last. */
  readonly step?: string;
  /** From when the attempt saw its configuration until the kubelet was started. */
  readonly seconds_to_kubelet?: number;
  readonly stages: readonly PostPivotStage[];
  readonly failure?: PostPivotFailure;
}

interface PostPivotStage {
  readonly name: string;
  readonly outcome: 'ran' | 'already-done' | 'failed';
  readonly seconds: number;
}

interface PostPivotFailure {
  readonly code: string;
  readonly message: string;
  /** The next step for a person. */
  readonly hint: string;
}

const schema = mapping({
  version: z.literal(1),
  outcome: z.enum(['running', 'failed', 'given-up', 'finishing', 'succeeded']),
  attempt: z.number(),
  cluster_name: text,
  base_domain: text,
  cluster_id: text,
  hostname: text,
  node_ips: textList,
  started_at: text,
  updated_at: text,
  next_attempt_at: optional(text),
  step: optional(text),
  seconds_to_kubelet: optional(z.number()),
  stages: z.array(
    mapping({ name: text, outcome: z.enum(['ran', 'already-done', 'failed']), seconds: z.number() }),
  ),
  failure: optional(mapping({ code: text, message: text, hint: text })),
});

export const parsePostPivotResult = (source: string): Parsed<PostPivotResult> =>
  decodeText<PostPivotResult>(source, { schema, unknownKeys: 'error' });

export const renderPostPivotResult = (result: PostPivotResult): string =>
  `${JSON.stringify(result, null, 2)}\n`;
