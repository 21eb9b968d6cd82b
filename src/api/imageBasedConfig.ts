import type { Parsed, Report } from '#base/report.ts';
import {
  anyMapping,
  decodeText,
  mapping,
  mappingOrEmpty,
  optional,
  textList,
  textMapping,
  textOrEmpty,
} from './shape.ts';

/** `image-based-config.yaml`: what a clone has of its own beside its install-config. Absent texts are `''`. */
export interface ImageBasedConfig {
  /** Upstream verifies neither `apiVersion` nor `kind`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly hostname: string;
  readonly additionalNTPSources: readonly string[];
  /** nmstate, handed to the host as it is. */
  readonly networkConfig?: Readonly<Record<string, unknown>>;
  readonly releaseRegistry: string;
  /** Snake case on purpose. Empty: one is made. */
  readonly cluster_id: string;
  readonly infra_id: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
}

/** The shape of the document. */
export const imageBasedConfigSchema = mapping({
  apiVersion: textOrEmpty,
  kind: textOrEmpty,
  metadata: mappingOrEmpty({ name: textOrEmpty, namespace: textOrEmpty }),
  hostname: textOrEmpty,
  additionalNTPSources: textList,
  networkConfig: optional(anyMapping),
  releaseRegistry: textOrEmpty,
  cluster_id: textOrEmpty,
  infra_id: textOrEmpty,
  nodeLabels: textMapping,
});

/** Unknown fields are errors; `rules` are checked together with the shape. */
export function parseImageBasedConfig(
  source: string,
  rules: (config: ImageBasedConfig) => Report,
): Parsed<ImageBasedConfig> {
  return decodeText(source, { schema: imageBasedConfigSchema, unknownKeys: 'error', rules });
}
