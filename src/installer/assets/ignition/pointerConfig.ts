import { findIpFamily } from '#api/addresses.ts';
import { dataUrlOf, IGNITION_VERSION } from '#api/ignition.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import type { MachineRole } from '../machines/machineFiles.ts';

/** Port of the machine config server. */
const PORT = 22623;

/** What a machine boots with: where its real config is, and which CA signs that server (spec/installer/06.2). */
export const pointerConfig = (config: InstallConfig, rootCaPem: string, role: MachineRole) => ({
  ignition: {
    config: { merge: [{ source: `https://${serverOf(config)}:${PORT}/config/${role}` }] },
    security: { tls: { certificateAuthorities: [{ source: dataUrlOf(rootCaPem) }] } },
    version: IGNITION_VERSION,
  },
});

/** Bare metal hosts may not know the cluster's names yet: they are given the first API address. */
function serverOf(config: InstallConfig): string {
  const address = config.platform.baremetal?.apiVIPs[0];
  if (address === undefined) return `api-int.${clusterDomainOf(config)}`;
  return findIpFamily(address) === 6 ? `[${address}]` : address;
}
