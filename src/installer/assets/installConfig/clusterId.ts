import { warn } from '#base/logger.ts';
import { defineAsset, type GenerateContext } from '../../asset.ts';
import { randomText } from '../../random.ts';
import { configImageInstallConfig, requireInstallConfig } from '../imageBased/installConfig.ts';
import { installConfig } from './installConfig.ts';

export interface ClusterIdValue {
  readonly UUID: string;
  readonly InfraID: string;
}

const LONGEST_INFRA_ID = 27;
const SUFFIX_LENGTH = 5;
/** No vowels and nothing that looks like something else. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The identity of a new cluster. */
export const clusterId = defineAsset({
  name: 'Cluster ID',
  stateKey: '*installconfig.ClusterID',
  inputs: { installConfig },
  generate: ({ installConfig: { config } }, context) => newClusterId(config.metadata.name, context),
});

/** The same for a config ISO. */
export const configImageClusterId = defineAsset({
  name: 'Cluster ID',
  stateKey: '*configimage.ClusterID',
  inputs: { installConfig: configImageInstallConfig },
  generate: ({ installConfig: value }, context) =>
    newClusterId(requireInstallConfig(value).metadata.name, context),
});

function newClusterId(name: string, { random, logger }: GenerateContext): ClusterIdValue {
  const stem = infraIdStem(name);
  const most = LONGEST_INFRA_ID - SUFFIX_LENGTH - 1;
  if (name.length > most) {
    warn(
      logger,
      `Length of cluster name "${name}" is ${name.length} which is greater than the max ${most} allowed. The name will be truncated to "${stem}"`,
    );
  }
  return {
    UUID: randomUuid(random),
    InfraID: `${stem}-${randomText(random, SUFFIX_ALPHABET, SUFFIX_LENGTH)}`,
  };
}

/** The part of an infraID that comes from the cluster's name (spec/installer/05.1). */
export const infraIdStem = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .replaceAll(/-+/g, '-')
    .slice(0, LONGEST_INFRA_ID - SUFFIX_LENGTH - 1)
    .replace(/-+$/, '');

/** RFC 4122, version 4. */
function randomUuid(random: (octets: number) => Buffer): string {
  const bytes = Buffer.from(random(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
