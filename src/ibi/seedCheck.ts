import type { IBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { parseSeedClusterInfo, type SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_FORMAT, SEED_FORMAT_LABEL, SEED_INFO_LABEL } from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { errorsOf, type Problem, problem, renderProblem } from '#base/report.ts';
import type { RemoteImage } from '#system/registry.ts';
import { optionValues } from './kernelArguments.ts';

export interface SeedFacts {
  readonly config: IBIPrepareConfig;
  readonly image: RemoteImage;
  /** Of this machine, as in image configurations. */
  readonly architecture: string;
}

/** What this machine shows of its surroundings. */
export interface MachineFacts {
  readonly hasProxy: boolean;
  /** Of the running kernel. */
  readonly isFips: boolean;
}

/**
 * Whether this seed can be installed with this configuration, judged by what the registry says, before anything is
 * pulled or written. Failure `ibi/seed-does-not-fit` with every reason.
 */
export function checkSeed(facts: SeedFacts): SeedClusterInfo {
  const { labels } = facts.image;
  const format = labels[SEED_FORMAT_LABEL];
  if (format === undefined)
    throw doesNotFit(facts, [problem('seedImage', 'is not a seed image: it has no seed format label')]);
  if (format !== SEED_FORMAT) {
    throw doesNotFit(facts, [
      problem('seedImage', `has the seed format ${format}, this program installs format ${SEED_FORMAT}`),
    ]);
  }
  const info = parseSeedClusterInfo(labels[SEED_INFO_LABEL] ?? '');
  if (!info.ok) {
    const inside = errorsOf(info.report).map((p) =>
      problem(`seedImage label ${SEED_INFO_LABEL}`, renderProblem(p)),
    );
    throw doesNotFit(facts, inside);
  }
  const problems = seedProblems(facts, info.value);
  if (problems.length > 0) throw doesNotFit(facts, problems);
  return info.value;
}

function seedProblems({ config, image, architecture }: SeedFacts, info: SeedClusterInfo): Problem[] {
  const found: Problem[] = [];
  if (info.seed_cluster_ocp_version !== config.seedVersion) {
    found.push(
      problem('seedVersion', `is ${config.seedVersion}, but the seed is ${info.seed_cluster_ocp_version}`),
    );
  }
  if (image.architecture !== '' && image.architecture !== architecture) {
    found.push(problem('seedImage', `is for ${image.architecture}, this machine is ${architecture}`));
  }
  const label = /^\/dev\/disk\/by-partlabel\/(.+)$/.exec(info.container_storage_mountpoint_target)?.[1];
  if (!config.useContainersFolder && label !== undefined && label !== config.extraPartitionLabel) {
    const message = `is ${config.extraPartitionLabel}, but the seed mounts its container storage from ${label}`;
    found.push(problem('extraPartitionLabel', message));
  }
  return [...found, ...proxyProblems(config, info), ...fipsProblems(config, info)];
}

/** A clone has a proxy exactly if its seed has one (lifecycle-agent 11.2), which is too late to learn at its first boot. */
function proxyProblems({ expectProxy }: IBIPrepareConfig, { has_proxy }: SeedClusterInfo): Problem[] {
  if (expectProxy === undefined || expectProxy === has_proxy) return [];
  return [
    problem(
      'expectProxy',
      `is ${expectProxy}, but the seed's cluster has ${has_proxy ? 'a' : 'no'} proxy, and so must its clones`,
    ),
  ];
}

/** FIPS is decided when a cluster is installed; a kernel argument alone would only seem to change it. */
function fipsProblems(config: IBIPrepareConfig, { has_fips }: SeedClusterInfo): Problem[] {
  const isFips = (argument: string): boolean => argument.startsWith('fips=');
  const seed = has_fips ? 'was installed with FIPS' : 'was installed without FIPS';
  const given = optionValues(config.coreosInstallerArgs, '--append-karg').filter(isFips);
  const deleted = optionValues(config.coreosInstallerArgs, '--delete-karg').filter(isFips);
  const contradicts = [
    ...given.filter((argument) => argument !== (has_fips ? 'fips=1' : 'fips=0')),
    ...(has_fips ? deleted : []),
  ];
  return [
    ...(config.expectFips === undefined || config.expectFips === has_fips
      ? []
      : [problem('expectFips', `is ${config.expectFips}, but the seed's cluster ${seed}`)]),
    ...contradicts.map((argument) =>
      problem('coreosInstallerArgs', `change ${argument}, but the seed's cluster ${seed}`),
    ),
  ];
}

/** What may be wrong, but is no reason to refuse: the clone's own configuration comes later. */
export function seedDoubts(info: SeedClusterInfo, here: MachineFacts): string[] {
  return [
    ...(info.has_proxy === here.hasProxy
      ? []
      : [
          `the seed's cluster has ${info.has_proxy ? 'a' : 'no'} proxy and this machine has ${here.hasProxy ? 'one' : 'none'}: its configuration must ${info.has_proxy ? 'have' : 'not have'} one`,
        ]),
    ...(here.isFips && !info.has_fips
      ? ["this machine runs in FIPS mode, but the seed's cluster was installed without FIPS"]
      : []),
  ];
}

const doesNotFit = ({ config }: SeedFacts, problems: readonly Problem[]): Failure =>
  new Failure({
    code: 'ibi/seed-does-not-fit',
    message: `seed image ${config.seedImage} can't be installed: ${problems.map(renderProblem).join('; ')}`,
    hint: 'correct the configuration or name another seed image; the disk was not touched',
    facts: { problems },
  });
