import { parse } from 'yaml';
import type { AssetFile } from '../../asset.ts';
import { installConfigText, networkingOf } from '../testing.ts';

/** A host of an install-config; members of `changes` take the place of its own. */
export const hostOf = (name: string, changes: Readonly<Record<string, unknown>> = {}): object => ({
  name,
  role: 'master',
  bmc: { address: `redfish+https://192.0.2.9/redfish/v1/Systems/${name}`, username: 'u', password: 'p' },
  bootMACAddress: `00:11:22:33:44:${String(Buffer.from(name).reduce((sum, octet) => sum + octet) % 100).padStart(2, '0')}`,
  ...changes,
});

/** An install-config for bare metal with three masters, or other ones. */
export const bareMetalText = (
  hosts: readonly object[],
  changes: {
    readonly config?: Readonly<Record<string, unknown>>;
    readonly platform?: Readonly<Record<string, unknown>>;
    readonly machineNetwork?: string;
  } = {},
): string =>
  installConfigText({
    networking: networkingOf({ machineNetwork: [{ cidr: changes.machineNetwork ?? '192.0.2.0/24' }] }),
    controlPlane: { name: 'master', replicas: 3 },
    platform: {
      baremetal: {
        apiVIPs: ['192.0.2.5'],
        ingressVIPs: ['192.0.2.6'],
        provisioningNetwork: 'Disabled',
        hosts,
        ...changes.platform,
      },
    },
    ...changes.config,
  });

/** Names of the files without their folder. */
export const namesOf = (files: readonly AssetFile[]): string[] =>
  files.map(({ path }) => path.replace('openshift/', '').replace('99_openshift-', ''));

/** The document of the file whose path ends so. */
export function documentOf(files: readonly AssetFile[], end: string): Readonly<Record<string, never>> {
  const file = files.find(({ path }) => path.endsWith(end));
  if (file === undefined) throw new Error(`no ${end} among ${namesOf(files).join(', ')}`);
  return parse(Buffer.from(file.content as Uint8Array).toString('utf8')) as Readonly<Record<string, never>>;
}
