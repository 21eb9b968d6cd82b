import { gzipSync } from 'node:zlib';
import { Failure } from '#base/failure.ts';
import { renderCpio } from '#formats/cpio.ts';
import { findEmbedArea, type Overwrite, planEmbedding } from '#formats/embedArea.ts';
import type { Files } from '#system/host.ts';
import type { AssetLiveIso } from './asset.ts';

/** How a live ISO of the target directory is made of the base image. */
export interface LiveIsoPlan {
  readonly path: string;
  readonly mode: number;
  /** Absolute path of the base image. */
  readonly base: string;
  readonly overwrite: Overwrite;
}

/** Looks for the embed area of the base image, and whether the config fits. @throws Failure of formats/embedArea.ts */
export async function planLiveIso(iso: AssetLiveIso, base: string, files: Files): Promise<LiveIsoPlan> {
  try {
    const area = await findEmbedArea({ read: (offset, length) => files.readAt(base, offset, length) });
    const overwrite = planEmbedding(area, renderIgnitionArchive(iso.ignition));
    return { path: iso.path, mode: iso.mode, base, overwrite };
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const message = `failed to create reader for RHCOS base ISO: ${base}: ${cause.message}`;
    throw new Failure({ code: cause.code, message, ...(cause.hint !== undefined && { hint: cause.hint }) });
  }
}

/** What the live system's kernel unpacks beside its initramfs; Ignition looks there for `config.ign`. */
export function renderIgnitionArchive(config: string): Buffer {
  const packed = gzipSync(renderCpio([{ path: 'config.ign', mode: 0o100644, content: Buffer.from(config) }]));
  return Buffer.concat([packed, Buffer.alloc(-packed.length & 3)]);
}
