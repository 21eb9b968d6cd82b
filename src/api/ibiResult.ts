import * as z from 'zod';
import type { Parsed } from '#base/report.ts';
import { decodeText, mapping, optional, text } from './shape.ts';

/**
 * How an installation by `lca-cli ibi` goes (`--result-file`, `--callback-url`; ours, the original has no such
 * document). The file is written anew with every stage. It holds no secrets and no output of other programs.
 */
export interface IbiResult {
  readonly version: 1;
  readonly outcome: 'running' | 'failed' | 'succeeded';
  readonly tool_version: string;
  /** By digest as soon as the registry has told it. */
  readonly seed_image: string;
  readonly seed_digest: string;
  readonly seed_version: string;
  /** As configured. */
  readonly installation_disk: string;
  /** True when it went on with what an interrupted run had left. */
  readonly resumed: boolean;
  /** RFC 3339. */
  readonly started_at: string;
  readonly updated_at: string;
  readonly seconds: number;
  readonly stages: readonly IbiStage[];
  /** Images that are in the new system's store, and those that are not. */
  readonly precache?: { readonly total: number; readonly pulled: number; readonly failed: readonly string[] };
  readonly failure?: { readonly code: string; readonly message: string; readonly hint: string };
}

export interface IbiStage {
  readonly name: string;
  readonly outcome: 'ran' | 'already-done' | 'failed';
  readonly seconds: number;
  /** Moved by the stage, where that is known. */
  readonly bytes?: number;
}

const schema = mapping({
  version: z.literal(1),
  outcome: z.enum(['running', 'failed', 'succeeded']),
  tool_version: text,
  seed_image: text,
  seed_digest: text,
  seed_version: text,
  installation_disk: text,
  resumed: z.boolean(),
  started_at: text,
  updated_at: text,
  seconds: z.number(),
  stages: z.array(
    mapping({
      name: text,
      outcome: z.enum(['ran', 'already-done', 'failed']),
      seconds: z.number(),
      bytes: optional(z.number()),
    }),
  ),
  precache: optional(mapping({ total: z.number(), pulled: z.number(), failed: z.array(text) })),
  failure: optional(mapping({ code: text, message: text, hint: text })),
});

export const parseIbiResult = (source: string): Parsed<IbiResult> =>
  decodeText<IbiResult>(source, { schema, unknownKeys: 'error' });

export const renderIbiResult = (result: IbiResult): string => `${JSON.stringify(result, null, 2)}\n`;
