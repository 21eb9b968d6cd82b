import type { IBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { parseSeedClusterInfo, type SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_FORMAT, SEED_FORMAT_LABEL, SEED_INFO_LABEL } from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { errorsOf, type Problem, problem, renderProblem } from '#base/report.ts';
import type { RemoteImage } from '#system/registry.ts';

export interface SeedFacts {
  readonly config: IBIPrepareConfig;
  readonly image: RemoteImage;
  /** Of this machine, as in image configurations. */
  readonly architecture: string;
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
  return found;
}

const doesNotFit = ({ config }: SeedFacts, problems: readonly Problem[]): Failure =>
  new Failure({
    code: 'ibi/seed-does-not-fit',
    message: `seed image ${config.seedImage} can't be installed: ${problems.map(renderProblem).join('; ')}`,
    hint: 'correct the configuration or name another seed image; the disk was not touched',
    facts: { problems },
  });
