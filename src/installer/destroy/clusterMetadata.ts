import * as z from 'zod';
import { PLATFORMS } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import type { BootstrappedCluster } from '../bootstrapMachine/virsh.ts';

const schema = z.looseObject({
  infraID: z.string().regex(/^[a-z0-9][a-z0-9-]*$/i),
  baremetal: z.looseObject({ libvirtURI: z.string().min(1) }).optional(),
});

/**
 * Reads `metadata.json`, which may be the original's. Only bare metal has something that an installer made.
 * @throws Failure installer/metadata-unusable, installer/nothing-to-destroy
 */
export function parseClusterMetadata(text: string, path: string): BootstrappedCluster {
  const document = parseJson(text);
  const parsed = schema.safeParse(document);
  if (!parsed.success) {
    throw new Failure({
      code: 'installer/metadata-unusable',
      message: `${path}: is no metadata of a cluster`,
      hint: 'restore the file that the installer wrote',
    });
  }
  const { infraID, baremetal } = parsed.data;
  if (baremetal !== undefined) return { infraId: infraID, libvirtUri: baremetal.libvirtURI };
  const other = PLATFORMS.find((name) => parsed.data[name] !== undefined);
  throw new Failure({
    code: 'installer/nothing-to-destroy',
    message:
      other === undefined ? 'no platform configured in metadata' : `no destroyers registered for "${other}"`,
    hint:
      other === undefined
        ? 'the machines were not made by the installer: remove them, and the directory, yourself'
        : 'use the original openshift-install for this platform',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
