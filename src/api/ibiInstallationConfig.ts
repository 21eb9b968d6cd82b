import * as z from 'zod';
import type { Parsed, Report } from '#base/report.ts';
import { type ImageSource, imageSources, type ProxySettings, proxy } from './installConfig.ts';
import {
  anyMapping,
  decodeText,
  flag,
  mapping,
  mappingOrEmpty,
  optional,
  text,
  textList,
  textOrEmpty,
} from './shape.ts';

/** `image-based-installation-config.yaml`: what an installation ISO is made of. Absent texts are `''`. */
export interface ImageBasedInstallationConfig {
  /** Upstream verifies neither `apiVersion` nor `kind`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  /** JSON text. */
  readonly pullSecret: string;
  readonly sshKey: string;
  readonly seedImage: string;
  readonly seedVersion: string;
  readonly installationDisk: string;
  readonly extraPartitionStart: string;
  /** Empty: the default of the host. */
  readonly extraPartitionLabel: string;
  /** 0: the default of the host. */
  readonly extraPartitionNumber: number;
  /** PEM. */
  readonly additionalTrustBundle: string;
  /** nmstate, handed to the host as it is. */
  readonly networkConfig?: Readonly<Record<string, unknown>>;
  readonly imageDigestSources: readonly ImageSource[];
  readonly proxy?: ProxySettings;
  readonly coreosInstallerArgs: readonly string[];
  /** An Ignition config as JSON text. */
  readonly ignitionConfigOverride: string;
  readonly releaseRegistry: string;
  readonly shutdown: boolean;
  readonly skipDiskCleanup: boolean;
}

/** The shape of the document. */
export const installationConfigSchema = mapping({
  apiVersion: textOrEmpty,
  kind: textOrEmpty,
  metadata: mappingOrEmpty({ name: textOrEmpty }),
  pullSecret: textOrEmpty,
  sshKey: textOrEmpty,
  seedImage: textOrEmpty,
  seedVersion: textOrEmpty,
  installationDisk: textOrEmpty,
  extraPartitionStart: text.default('-40G'),
  extraPartitionLabel: text.default('var-lib-containers'),
  extraPartitionNumber: z
    .int({ error: 'expected a whole number' })
    .nonnegative('must not be negative')
    .default(5),
  additionalTrustBundle: textOrEmpty,
  networkConfig: optional(anyMapping),
  imageDigestSources: imageSources,
  proxy: optional(proxy),
  coreosInstallerArgs: textList,
  ignitionConfigOverride: textOrEmpty,
  releaseRegistry: textOrEmpty,
  shutdown: flag,
  skipDiskCleanup: flag,
});

/** Unknown fields are errors; `rules` are checked together with the shape. */
export function parseImageBasedInstallationConfig(
  source: string,
  rules: (config: ImageBasedInstallationConfig) => Report,
): Parsed<ImageBasedInstallationConfig> {
  return decodeText(source, { schema: installationConfigSchema, unknownKeys: 'error', rules });
}
