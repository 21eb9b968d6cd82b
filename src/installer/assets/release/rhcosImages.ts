import type { InstallConfig } from '#api/installConfig.ts';
import { warn } from '#base/logger.ts';
import { defineAsset } from '../../asset.ts';
import { diskUrl, requireArchitecture, streamArchitecture } from '../../stream/artifacts.ts';
import { pinnedStream } from '../../stream/pinned.ts';
import { installConfig } from '../installConfig/installConfig.ts';

/** Images of the operating system (spec/installer/08.4); `''`: the release image names it. */
export interface RhcosImageValue {
  readonly ControlPlane: string;
  readonly Compute: string;
}

/** What the machines of the cluster are written from. */
export const rhcosImage = defineAsset({
  name: 'Image',
  stateKey: '*rhcos.Image',
  inputs: { installConfig },
  generate({ installConfig: { config } }, { env, logger }): RhcosImageValue {
    const override = env['OPENSHIFT_INSTALL_OS_IMAGE_OVERRIDE'] ?? '';
    if (override !== '') {
      warn(logger, 'Found override for OS Image. Please be warned, this is not advised');
      return { ControlPlane: override, Compute: override };
    }
    for (const architecture of architecturesOf(config)) requireArchitecture(pinnedStream, architecture);
    const image = config.platform.baremetal?.clusterOSImage ?? '';
    return { ControlPlane: image, Compute: image };
  },
});

/** Only clouds ask for the release of the image; the state file has the entry everywhere. */
export const rhcosRelease = defineAsset({
  name: 'Release',
  stateKey: '*rhcos.Release',
  inputs: { installConfig },
  generate({ installConfig: { config } }): string {
    requireArchitecture(pinnedStream, architecturesOf(config)[0]!);
    return '';
  },
});

/** What the bootstrap machine is made from: on bare metal a virtual machine of the installing host. */
export const rhcosBootstrapImage = defineAsset({
  name: 'BootstrapImage',
  stateKey: '*rhcos.BootstrapImage',
  inputs: { installConfig, rhcosImage },
  generate({ installConfig: { config }, rhcosImage: image }): string {
    const { baremetal } = config.platform;
    if (baremetal === undefined) return image.ControlPlane;
    if (baremetal.bootstrapOSImage !== '') return baremetal.bootstrapOSImage;
    return diskUrl(pinnedStream, architecturesOf(config)[0]!, 'qemu');
  },
});

/** The stream's names: of the control plane first. Pools without one have the default of install-config. */
const architecturesOf = ({ controlPlane, compute }: InstallConfig): string[] =>
  [controlPlane, ...compute].map((pool) => streamArchitecture(pool?.architecture || 'amd64'));
