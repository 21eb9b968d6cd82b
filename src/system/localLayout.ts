import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { LayoutStore } from '#formats/ociLayout.ts';

let serial = 0;

/** An OCI image layout in a directory, which is made when the first file is written. */
export function localLayout(directory: string): LayoutStore {
  const blobs = join(directory, 'blobs/sha256');
  return {
    async addBlob(content) {
      await mkdir(blobs, { recursive: true });
      const temporary = join(blobs, `.incoming-${process.pid}-${serial++}`);
      try {
        const { hex, size } = await writeHashing(temporary, content);
        await rename(temporary, join(blobs, hex));
        return { digest: `sha256:${hex}`, size };
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async *openBlob(digest) {
      yield* createReadStream(join(blobs, hexOf(digest)), { highWaterMark: 1024 * 1024 });
    },
    async writeText(name, text) {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, name), text);
    },
    readText: (name) => readFile(join(directory, name), 'utf8'),
  };
}

async function writeHashing(path: string, content: AsyncIterable<Buffer>) {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk); // goes on at the file's position
    }
  } finally {
    await file.close();
  }
  return { hex: hash.digest('hex'), size };
}

/** The digest comes out of a document that others wrote; it must not become a path. */
function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex !== undefined) return hex;
  throw new Failure({ code: 'system/oci-digest', message: `not a sha256 digest: ${digest}` });
}
