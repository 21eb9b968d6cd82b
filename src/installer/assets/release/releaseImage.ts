import { warn } from '#base/logger.ts';
import { defineAsset } from '../../asset.ts';
import { RELEASE } from '../../release.ts';

interface ReleaseImageValue {
  readonly PullSpec: string;
  /** Without tag and digest. */
  readonly Repository: string;
}

/** The image that the cluster is installed from (spec/installer/01.6). */
export const releaseImage = defineAsset({
  name: 'Release Image Pull Spec',
  stateKey: '*releaseimage.Image',
  inputs: {},
  generate(_, { env, logger }): ReleaseImageValue {
    const override = env['OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE'] ?? '';
    if (override !== '') {
      warn(logger, `Found override for release image (${override}). Please be warned, this is not advised`);
    }
    const pullSpec = override === '' ? RELEASE.image : override;
    return { PullSpec: pullSpec, Repository: repositoryOf(pullSpec) };
  },
});

/** A colon before the last slash belongs to the registry's port. */
function repositoryOf(pullSpec: string): string {
  const name = pullSpec.split('@')[0]!;
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}
