import { SITE_MARK } from '#machines/processes.ts';
import { type Site, siteAt } from '#machines/site.ts';
import type { Host } from '#system/host.ts';

const DEFAULT_NAME = 'lab';
const DEFAULT_FOLDER = '/var/lib/sower';

/** One lab of this machine; several may be up side by side. */
export interface Lab {
  readonly name: string;
  /** Everything on disk of the lab lies below it; `down` removes it. */
  readonly folder: string;
  readonly site: Site;
  /** Every program started through it bears the lab's mark, so that `down` finds it also after a crash. */
  readonly host: Host;
}

export interface LabOptions {
  /** Default `lab`. */
  readonly name?: string | undefined;
  /** Folder of all labs; default /var/lib/sower. `SOWER_STATE` in the environment of the programs. */
  readonly stateFolder?: string | undefined;
}

/** Names the lab's places; touches nothing. Failure `machines/bad-name`. */
export function openLab(host: Host, options: LabOptions = {}): Lab {
  const name = options.name ?? DEFAULT_NAME;
  const folder = `${options.stateFolder ?? DEFAULT_FOLDER}/${name}`;
  return { name, folder, site: siteAt(name, folder), host: markedHost(host, name) };
}

function markedHost(host: Host, lab: string): Host {
  const mark = { [SITE_MARK]: lab };
  return {
    files: host.files,
    has: (program) => host.has(program),
    run: (argv, options) => host.run(argv, { ...options, env: { ...mark, ...options?.env } }),
    start: (argv, options) => host.start(argv, { ...options, env: { ...mark, ...options?.env } }),
    launch: (argv, options) => host.launch(argv, { ...options, env: { ...mark, ...options.env } }),
  };
}
