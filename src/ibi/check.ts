import type { SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_STORE_LABEL } from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { info, warn } from '#base/logger.ts';
import { type ContainerStorePlace, parseContainerStore } from '#system/containerStorePlace.ts';
import type { IbiContext } from './context.ts';
import { type DiskState, inputDigest, readDiskState } from './diskMarker.ts';
import { checkSeed, type MachineFacts, seedDoubts } from './seedCheck.ts';
import { openSeedSource, type SeedSource } from './seedSource.ts';
import { gatherTarget, type Target } from './target.ts';

/** All that is known before the disk is touched. */
export interface CheckedInstallation {
  readonly source: SeedSource;
  readonly seed: SeedClusterInfo;
  /** Known for seeds that say it. */
  readonly store: ContainerStorePlace | undefined;
  readonly target: Target;
  /** Of everything that decides what is installed. */
  readonly input: string;
  /** Whether an interrupted run of the same installation can be gone on with. */
  readonly resumes: boolean;
}

/** Asks the registry, looks at the machine, and changes nothing. Every reason not to install is a Failure here. */
export async function checkSeedImage(
  context: IbiContext,
): Promise<Pick<CheckedInstallation, 'source' | 'seed' | 'store' | 'input'>> {
  const { config, architecture, logger } = context;
  const source = await openSeedSource(context);
  const seed = checkSeed({ config, image: source.image, architecture });
  for (const doubt of seedDoubts(seed, await machineFacts(context))) warn(logger, doubt);
  const store = parseContainerStore(source.image.labels[SEED_STORE_LABEL]);
  return { source, seed, store, input: inputDigest(context, source.image.digest) };
}

async function machineFacts({ host, env }: IbiContext): Promise<MachineFacts> {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
  const fips = await host.files.readIfExists('/proc/sys/crypto/fips_enabled');
  return {
    hasProxy: proxies.some((name) => (env[name] ?? '') !== ''),
    isFips: fips?.toString('utf8').trim() === '1',
  };
}

/** The machine and the disk; see {@link checkSeedImage}. */
export async function checkMachine(
  context: IbiContext,
  checked: Pick<CheckedInstallation, 'source' | 'store' | 'input'>,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<Pick<CheckedInstallation, 'target' | 'resumes'>> {
  await checkPostScript(context);
  const target = await gatherTarget(context, {
    seedBytes: checked.source.image.layerBytes,
    store: checked.store,
    isDryRun,
  });
  const state = await readDiskState(context.host, target.disk.path, checked.input);
  return { target, resumes: resumes(context, state) };
}

function resumes({ config, options, logger }: IbiContext, state: DiskState): boolean {
  if (state === 'no-installation') return false;
  if (state === 'same-unfinished') {
    info(
      logger,
      `${config.installationDisk} holds an unfinished installation of the same seed: going on with it`,
    );
    return true;
  }
  if (options.startOver) {
    warn(logger, `the unfinished installation on ${config.installationDisk} is given up`);
    return false;
  }
  throw new Failure({
    code: 'ibi/other-installation-unfinished',
    message: `${config.installationDisk} holds an unfinished installation of another seed or configuration`,
    hint: 'finish it with its own configuration, or give it up with --start-over (LCA_IBI_START_OVER=yes); the disk was not touched',
  });
}

async function checkPostScript({ host, paths }: IbiContext): Promise<void> {
  const facts = await host.files.facts(paths.postScript);
  if (facts === undefined || (facts.mode & 0o111) !== 0) return;
  throw new Failure({
    code: 'ibi/post-script-not-executable',
    message: `${paths.postScript} has no execute permission`,
    hint: `run "chmod +x ${paths.postScript}" or remove it; the disk was not touched`,
  });
}
