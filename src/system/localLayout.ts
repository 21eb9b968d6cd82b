import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Failure } from '#base/failure.ts';
import { hashing } from '#formats/hashing.ts';
import type { LayoutStore } from '#formats/ociLayout.ts';
import type { Files } from './host.ts';
import { localFiles } from './localFiles.ts';
import { temporaryNameOf } from './temporaryName.ts';

/** An OCI image layout in a directory of this machine, which is made when the first file is written. */
export const localLayout = (directory: string): LayoutStore => layoutOn(localFiles, directory);

/** The same on any host's files. */
export function layoutOn(files: Files, directory: string): LayoutStore {
  const blobs = `${directory}/blobs/sha256`;
  return {
    async addBlob(content) {
      await files.makeDirectory(blobs);
      const temporary = `${blobs}/${temporaryNameOf('incoming')}`;
      const hash = createHash('sha256');
      try {
        await pipeline(hashing(content, hash), files.writeStream(temporary));
        const hex = hash.digest('hex');
        const size = (await files.facts(temporary))?.size ?? 0;
        await files.rename(temporary, `${blobs}/${hex}`);
        return { digest: `sha256:${hex}`, size };
      } finally {
        await files.remove(temporary);
      }
    },
    async *openBlob(digest) {
      yield* files.readStream(`${blobs}/${hexOf(digest)}`);
    },
    async writeText(name, text) {
      await files.makeDirectory(directory);
      await files.write(`${directory}/${name}`, text);
    },
    readText: (name) => files.readText(`${directory}/${name}`),
  };
}

/** The digest comes out of a document that others wrote; it must not become a path. */
function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex !== undefined) return hex;
  throw new Failure({ code: 'system/oci-digest', message: `not a sha256 digest: ${digest}` });
}
