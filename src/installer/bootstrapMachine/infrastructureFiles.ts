import { join } from 'node:path';
import * as z from 'zod';
import { Failure } from '#base/failure.ts';
import type { Files } from '#system/host.ts';
import type { BootstrappedCluster } from './virsh.ts';

/** Files of the target directory that say what is to be made; names and members are upstream's (spec/installer/07.5). */
export const CLUSTER_VARIABLES = 'terraform.tfvars.json';
export const PLATFORM_VARIABLES = 'terraform.platform.auto.tfvars.json';

const clusterVariables = z.looseObject({
  cluster_id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/i),
  ignition_bootstrap: z.string().min(1),
  ignition_master: z.string(),
});
const platformVariables = z.looseObject({
  libvirt_uri: z.string().min(1),
  bootstrap_os_image: z.url(),
  bridges: z.array(z.object({ name: z.string(), mac: z.string() })),
});
export type ClusterVariables = z.infer<typeof clusterVariables>;
export type PlatformVariables = z.infer<typeof platformVariables>;

/** What those files say. */
export interface Infrastructure {
  readonly cluster: BootstrappedCluster;
  readonly ignition: string;
  /** URL. */
  readonly image: string;
  readonly bridges: PlatformVariables['bridges'];
}

/** @throws Failure installer/infrastructure-unknown */
export async function readInfrastructure(files: Files, root: string): Promise<Infrastructure> {
  const cluster = await readVariables(files, join(root, CLUSTER_VARIABLES), clusterVariables);
  const platform = await readVariables(files, join(root, PLATFORM_VARIABLES), platformVariables);
  return {
    cluster: { infraId: cluster.cluster_id, libvirtUri: platform.libvirt_uri },
    ignition: cluster.ignition_bootstrap,
    image: platform.bootstrap_os_image,
    bridges: platform.bridges,
  };
}

async function readVariables<T>(files: Files, path: string, schema: z.ZodType<T>): Promise<T> {
  const content = await files.readIfExists(path);
  const parsed = schema.safeParse(parseJson(content?.toString('utf8') ?? ''));
  if (parsed.success) return parsed.data;
  throw new Failure({
    code: 'installer/infrastructure-unknown',
    message: `${path}: does not say what is to be made`,
    hint: 'restore the file that the installer wrote',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's own message quotes the text, which holds keys
  }
}
