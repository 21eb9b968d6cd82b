import { describe, expect, it } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { installConfigurationTree, readConfigurationTree } from './configurationTree.ts';
import { findConfigurationVolume, readConfigurationVolume } from './configurationVolume.ts';
import { configIso } from './testing.ts';

const hostWith = (devices: Readonly<Record<string, Buffer>>): MemoryHost => {
  const entries = Object.entries(devices).flatMap(([name, content]) => [
    [`/sys/block/${name.replaceAll('/', '!')}/size`, '1'],
    [`/dev/${name}`, content],
  ]);
  return new MemoryHost(Object.fromEntries(entries));
};

describe('findConfigurationVolume', () => {
  it.each(['cluster-config', 'relocation-config'])('knows the label %s', async (label) => {
    const { files } = hostWith({ sda: Buffer.alloc(100_000), sr0: configIso('{}', {}, label) });
    expect(await findConfigurationVolume(files)).toBe('/dev/sr0');
  });

  it('passes over other discs, empty drives and devices without a node', async () => {
    const { files } = hostWith({ sda: Buffer.alloc(0), 'cciss/c0d0': configIso('{}', {}, 'rhcos-419') });
    await files.write('/sys/block/nvme0n1/size', '1');
    const others: string[] = [];
    const found = await findConfigurationVolume(files, (...other) => others.push(other.join(' ')));
    expect([found, others]).toEqual([undefined, ['/dev/cciss/c0d0 rhcos-419']]);
  });

  it('finds a device whose name has a slash', async () => {
    const { files } = hostWith({ 'cciss/c0d0': configIso('{}') });
    expect(await findConfigurationVolume(files)).toBe('/dev/cciss/c0d0');
  });

  it('finds nothing on a host without block devices', async () => {
    expect(await findConfigurationVolume(new MemoryHost().files)).toBeUndefined();
  });
});

it('a volume is installed as it is, with its secrets closed to others', async () => {
  const { files } = hostWith({ sr0: configIso('{"a":1}', { 'extra-manifests/b.yaml': 'b' }) });
  const tree = await readConfigurationVolume(files, '/dev/sr0');
  await installConfigurationTree(files, tree);
  expect(await readConfigurationTree(files, '/opt/openshift')).toEqual(tree);
  expect((await files.facts('/opt/openshift/cluster-configuration/manifest.json'))?.mode).toBe(0o600);
  expect(await files.exists('/opt/openshift.incoming')).toBe(false);
});
