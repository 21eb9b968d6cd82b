import { expect, test } from 'vitest';
import { pinnedStream } from '../../stream/pinned.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { installConfigText, memoryTarget } from '../testing.ts';
import { rhcosBootstrapImage, rhcosImage, rhcosRelease } from './rhcosImages.ts';

const THREE = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
const SUM = 'a'.repeat(64);

async function imagesOf(config: string, env: Readonly<Record<string, string>> = {}) {
  const target = memoryTarget({ files: { 'install-config.yaml': config }, env });
  const image = await target.store.fetch(rhcosImage);
  const bootstrap = await target.store.fetch(rhcosBootstrapImage);
  const release = await target.store.fetch(rhcosRelease);
  return { image, bootstrap, release, warnings: target.warnings };
}

test.each([
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
])(
  'machines of bare metal take the image of the release, and the bootstrap machine of %s that of the stream',
  async (architecture, name) => {
    const config = {
      controlPlane: { name: 'master', replicas: 3, architecture },
      compute: [{ name: 'worker', replicas: 0, architecture }],
    };
    // Only a release image of one's own may be of another architecture than this program's.
    const env = { OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE: 'registry.example.com/release:1' };
    const { image, bootstrap, release } = await imagesOf(bareMetalText(THREE, { config }), env);
    expect(image).toEqual({ ControlPlane: '', Compute: '' });
    const disk = pinnedStream.architectures[name]!.artifacts['qemu']!.formats['qcow2.gz']!['disk']!;
    expect(bootstrap).toBe(`${disk.location}?sha256=${disk['uncompressed-sha256']}`);
    expect(release).toBe('');
  },
);

test('the user may name both images', async () => {
  const platform = {
    clusterOSImage: `http://192.0.2.1/rhcos.qcow2.gz?sha256=${SUM}`,
    bootstrapOSImage: `http://192.0.2.1/bootstrap.qcow2.gz?sha256=${SUM}`,
  };
  const { image, bootstrap } = await imagesOf(bareMetalText(THREE, { platform }));
  expect(image.Compute).toBe(platform.clusterOSImage);
  expect(bootstrap).toBe(platform.bootstrapOSImage);
});

test('on other platforms machines and bootstrap machine have no image of their own', async () => {
  expect(await imagesOf(installConfigText())).toMatchObject({ image: { ControlPlane: '' }, bootstrap: '' });
});

test("the environment's image takes the place of the user's, with a warning", async () => {
  const env = { OPENSHIFT_INSTALL_OS_IMAGE_OVERRIDE: 'https://192.0.2.1/other' };
  const { image, warnings } = await imagesOf(
    bareMetalText(THREE, { platform: { clusterOSImage: `http://192.0.2.1/x?sha256=${SUM}` } }),
    env,
  );
  expect(image).toEqual({ ControlPlane: 'https://192.0.2.1/other', Compute: 'https://192.0.2.1/other' });
  expect(warnings).toEqual(['Found override for OS Image. Please be warned, this is not advised']);
});
