import type { CryptoInventory } from '#api/cryptoInventory.ts';
import type { RecertConfig } from '#api/recertConfig.ts';
import { gather } from './gather.ts';
import type { RecertMeans } from './means.ts';
import { NeedleSearch } from './needleSearch.ts';
import { resolveOptions } from './options.ts';
import { type Proof, prove } from './prove.ts';
import { searchRawFiles } from './rawFiles.ts';

/**
 * Proves that nothing of another cluster is in this one, which is stopped: `inventory` is what `inspect` said about
 * the other one. `rawDirectories` are searched byte by byte, for example etcd's data directory.
 */
export async function proveAgainst(
  inventory: CryptoInventory,
  {
    config,
    means,
    rawDirectories,
  }: {
    config: RecertConfig;
    means: RecertMeans;
    rawDirectories: readonly string[];
  },
): Promise<Proof> {
  const { files } = means.host;
  const options = await resolveOptions(config, files);
  const needles = inventory.marks.map(({ what, bytes }) => ({ what, bytes: Buffer.from(bytes, 'base64') }));
  const access = await means.connect(config);
  const etcd = access?.etcd;
  try {
    const { renames } = await gather({ config, options, etcd, means });
    const keys = renames.encryption?.oldKeys ?? [];
    const { leftovers, defects } = await prove({ needles, keys, etcd, files, paths: options.paths });
    const raw = await searchRawFiles(files, rawDirectories, new NeedleSearch(needles));
    return { leftovers: [...leftovers, ...raw], defects };
  } finally {
    await access?.close();
  }
}
