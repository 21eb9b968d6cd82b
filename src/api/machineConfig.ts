import * as z from 'zod';
import type { Parsed } from '#base/report.ts';
import { decodeText } from './shape.ts';

/** A MachineConfig (`/etc/machine-config-daemon/currentconfig`), as far as a seed and its installation need it. */
export interface MachineConfig {
  readonly kernelArguments: readonly string[];
  readonly fips: boolean;
  /** Files that the machine config daemon manages. */
  readonly filePaths: readonly string[];
}

const schema = z
  .object({
    spec: z
      .object({
        kernelArguments: z.array(z.string()).nullish(),
        fips: z.boolean().nullish(),
        config: z
          .object({
            storage: z.object({ files: z.array(z.object({ path: z.string() })).nullish() }).nullish(),
          })
          .nullish(),
      })
      .nullish(),
  })
  .transform(
    ({ spec }): MachineConfig => ({
      kernelArguments: spec?.kernelArguments ?? [],
      fips: spec?.fips ?? false,
      filePaths: (spec?.config?.storage?.files ?? []).map((file) => file.path),
    }),
  );

/** Reads a MachineConfig in JSON or YAML; everything else in it is left out. */
export function parseMachineConfig(text: string): Parsed<MachineConfig> {
  return decodeText(text, { schema, unknownKeys: 'warning' });
}
