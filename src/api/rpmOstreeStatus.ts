import * as z from 'zod';
import type { Parsed } from '#base/report.ts';
import { decodeText } from './shape.ts';

/** A deployment in `rpm-ostree status --json`; `id` is `<osname>-<sha256>.<serial>`. */
interface RpmOstreeDeployment {
  readonly id: string;
  readonly osname: string;
  readonly booted: boolean;
}

/** `rpm-ostree.json` of a seed image, as far as an installer looks at it. */
export interface RpmOstreeStatus {
  readonly deployments: readonly RpmOstreeDeployment[];
}

const schema = z.object({
  deployments: z
    .array(z.object({ id: z.string(), osname: z.string().default(''), booted: z.boolean().default(false) }), {
      error: 'expected a list',
    })
    .default([]),
});

/** Reads the status; everything else in it is left out. */
export function parseRpmOstreeStatus(text: string): Parsed<RpmOstreeStatus> {
  return decodeText<RpmOstreeStatus>(text, { schema, unknownKeys: 'warning' });
}

/** All that rpm-ostree prints of a deployment without layered packages. */
export interface RpmOstreeDeploymentFacts extends RpmOstreeDeployment {
  readonly serial: number;
  readonly checksum: string;
  readonly version: string;
  /** Unix seconds of the commit. */
  readonly timestamp: number;
  readonly staged: boolean;
  /** Refspec; empty when the deployment has no origin. */
  readonly origin: string;
}

/** The status as rpm-ostree writes it, for hosts that do not have it (additions.md, part 2, 4). */
export function renderRpmOstreeStatus(deployments: readonly RpmOstreeDeploymentFacts[]): string {
  const rendered = deployments.map((d) => ({
    id: d.id,
    osname: d.osname,
    serial: d.serial,
    checksum: d.checksum,
    'base-checksum': null,
    version: d.version,
    timestamp: d.timestamp,
    booted: d.booted,
    staged: d.staged,
    origin: d.origin,
    'custom-origin': [],
    'container-image-reference': '',
    'requested-packages': [],
    'requested-base-removals': [],
    unlocked: 'none',
  }));
  return `${JSON.stringify({ deployments: rendered, transaction: null }, null, 2)}\n`;
}
