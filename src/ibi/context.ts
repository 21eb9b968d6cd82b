import type { IBIPrepareConfig } from '#api/ibiConfiguration.ts';
import type { Logger } from '#base/logger.ts';
import type { StepObserver } from '#base/step.ts';
import type { Host } from '#system/host.ts';
import type { RegistryAccess } from '#system/registry.ts';

/** Files of the live system that an installation reads and writes. */
export interface IbiPaths {
  /** Registry credentials; need not exist. */
  readonly authfile: string;
  /** Run when it exists. */
  readonly postScript: string;
  /** Copies of the seed's image list and manifest are left here for the post script. */
  readonly workDirectory: string;
  readonly precacheStatus: string;
  /** Another registries.conf than the system's. */
  readonly registriesConf: string | undefined;
}

/** Where the original has them; absolute, so that the working directory does not matter (lifecycle-agent 20, D7). */
export function ibiPaths(workDirectory: string, registriesConf: string | undefined): IbiPaths {
  return {
    authfile: `${workDirectory}/pull-secret.json`,
    postScript: `${workDirectory}/post.sh`,
    workDirectory,
    precacheStatus: '/var/lib/lca/workspace/precache_status.json',
    registriesConf,
  };
}

/** What every step of an installation works with. */
export interface IbiContext {
  readonly host: Host;
  readonly logger: Logger;
  readonly config: IBIPrepareConfig;
  readonly paths: IbiPaths;
  readonly observer?: StepObserver;
  readonly now: () => Date;
  /** Monotonic seconds. */
  readonly clock: () => number;
  /** 16 random bytes for the machine-id. */
  readonly randomBytes: (size: number) => Buffer;
  /** As in image configurations: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Credentials are left out where the file is absent: skopeo and podman refuse a named file that does not exist. */
export async function registryAccess({ host, paths }: IbiContext): Promise<RegistryAccess> {
  return {
    ...((await host.files.exists(paths.authfile)) && { authfile: paths.authfile }),
    ...(paths.registriesConf !== undefined && { registriesConf: paths.registriesConf }),
  };
}
