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

/** What the caller wants beside the configuration. */
export interface IbiOptions {
  /** Where the course of the installation is written. */
  readonly resultFile: string;
  /** Told the result at the end; its path and query may be secret. */
  readonly callbackUrl?: string;
  /** Begin anew on a disk that holds an unfinished installation. */
  readonly startOver: boolean;
  /** A registry that sends nothing for so long is given up. */
  readonly registryTimeoutSeconds: number;
  /** Attempts in a row that bring nothing. */
  readonly registryAttempts: number;
  readonly toolVersion: string;
}

/** What every step of an installation works with. */
export interface IbiContext {
  readonly host: Host;
  readonly logger: Logger;
  readonly config: IBIPrepareConfig;
  readonly options: IbiOptions;
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
