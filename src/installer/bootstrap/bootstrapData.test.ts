import { describe, expect, it } from 'vitest';
import { dataFilesOf } from '#system/dataFiles.ts';
import { bootstrapFiles, bootstrapInPlaceFiles, bootstrapUnits, modeOf } from './bootstrapData.ts';
import type { BootstrapFacts } from './bootstrapFacts.ts';

const FACTS: BootstrapFacts = {
  platform: 'baremetal',
  releaseImage: 'registry.test/release:4',
  clusterDomain: 'one.site.test',
  isServiceNetworkIPv6: false,
  isFips: false,
  pullSecret: '{}',
  additionalTrustBundle: '',
  registryMirrors: [],
};
const IN_PLACE: BootstrapFacts = { ...FACTS, platform: 'none', inPlace: { installationDisk: '/dev/vda' } };

const data = dataFilesOf({
  'bootstrap/files/etc/motd': 'hint',
  'bootstrap/files/usr/local/bin/b.sh.template': 'image={{releaseImage}}',
  'bootstrap/files/usr/local/bin/a.sh': '{{end}}',
  'bootstrap/units/kubelet.service': '[Unit]',
  'bootstrap/units/zincati.service.d/off.conf': '[Unit]',
  'bootstrap/rhcos/units/systemd-journal-gatewayd.socket': '',
  'bootstrap/baremetal/files/etc/ironic.env': 'X=1',
  'bootstrap/baremetal/units/ironic.service': '[Unit]',
  'bootstrap/bootstrap-in-place/files/usr/local/bin/c.sh.template': 'disk={{installationDisk}}',
  'bootstrap/bootstrap-in-place/units/install-to-disk.service': '[Unit]',
});

describe('the files of the bootstrap machine', () => {
  it('are those of every machine, then those of the platform; only templates are rendered', () => {
    expect(bootstrapFiles(FACTS, data)).toEqual([
      { path: '/etc/motd', mode: 0o644, content: 'hint', append: true },
      { path: '/usr/local/bin/a.sh', mode: 0o555, content: '{{end}}' },
      { path: '/usr/local/bin/b.sh', mode: 0o555, content: "image='registry.test/release:4'" },
      { path: '/etc/ironic.env', mode: 0o600, content: 'X=1' },
    ]);
    expect(bootstrapInPlaceFiles(FACTS, data)).toEqual([]);
  });

  it('have some more where the machine becomes the single node', () => {
    expect(bootstrapFiles(IN_PLACE, data).map(({ path }) => path)).not.toContain('/etc/ironic.env');
    expect(bootstrapInPlaceFiles(IN_PLACE, data)).toEqual([
      { path: '/usr/local/bin/c.sh', mode: 0o555, content: "disk='/dev/vda'" },
    ]);
  });

  it.each([
    ['/usr/local/bin/a', 0o555],
    ['/etc/NetworkManager/dispatcher.d/a', 0o555],
    ['/etc/systemd/system-generators/a', 0o555],
    ['/etc/containers/registries.conf', 0o644],
    ['/etc/containers/containers.conf', 0o644],
    ['/etc/motd', 0o644],
    ['/root/.docker/config.json', 0o600],
  ])('have the mode of their place: %s', (path, mode) => {
    expect(modeOf(path)).toBe(mode);
  });
});

describe('the units of the bootstrap machine', () => {
  it('may be whole, only added to, or only enabled', () => {
    expect(bootstrapUnits(FACTS, data)).toEqual([
      { name: 'kubelet.service', contents: '[Unit]', enabled: true, dropins: [] },
      { name: 'zincati.service', dropins: [{ name: 'off.conf', contents: '[Unit]' }] },
      { name: 'systemd-journal-gatewayd.socket', enabled: true, dropins: [] },
      { name: 'ironic.service', contents: '[Unit]', enabled: true, dropins: [] },
    ]);
  });

  it('end with those of a bootstrap in place', () => {
    expect(bootstrapUnits(IN_PLACE, data).at(-1)).toMatchObject({
      name: 'install-to-disk.service',
      enabled: true,
    });
  });
});
