import type { Host } from '#system/host.ts';
import type { Asset, AssetTree } from './assets.ts';

/** Where the parts of a host's file system lie while it is off, as absolute paths here. */
export interface HostFolders {
  /** `/etc` of the deployment. */
  readonly etc: string;
  /** `/var` of the state root. */
  readonly var: string;
}

/** Files written at once; each of them waits for the disk. */
const PARALLEL = 32;

/** Lays a tree into a host that is off. Everything belongs to root unless the asset says otherwise. */
export async function installAssets(
  host: Pick<Host, 'files'>,
  assets: AssetTree,
  folders: HostFolders,
): Promise<void> {
  const placed = [...assets].map(([path, asset]) => ({ path: placeOf(path, folders), asset }));
  for (let i = 0; i < placed.length; i += PARALLEL) {
    await Promise.all(placed.slice(i, i + PARALLEL).map(({ path, asset }) => layAsset(host, path, asset)));
  }
}

function placeOf(path: string, folders: HostFolders): string {
  if (path.startsWith('/etc/')) return `${folders.etc}${path.slice('/etc'.length)}`;
  if (path.startsWith('/var/')) return `${folders.var}${path.slice('/var'.length)}`;
  throw new Error(`${path} is neither below /etc nor below /var`);
}

async function layAsset({ files }: Pick<Host, 'files'>, path: string, asset: Asset): Promise<void> {
  if (asset.kind === 'directory') {
    await files.makeDirectory(path, asset.mode);
    return;
  }
  const parent = path.slice(0, path.lastIndexOf('/'));
  await files.makeDirectory(parent);
  if (asset.kind === 'link') {
    await files.remove(path);
    await files.symlink(asset.target, path);
    return;
  }
  const { mode, uid = 0, gid = 0 } = asset;
  await files.write(path, asset.content, { mode, uid, gid });
}
