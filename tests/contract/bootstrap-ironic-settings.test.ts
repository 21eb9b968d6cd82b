import { describe, expect, it } from 'vitest';
import { bootstrapUnits } from '#installer/bootstrap/bootstrapData.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import {
  bareMetalMachine,
  NETWORK_SETTINGS,
  runOnBareMetal,
  type Settings,
  succeeded,
  textsOf,
  variablesOf,
} from './bareMetalMachine.ts';
import type { Answer } from './bootstrapMachine.ts';

describe('build-ironic-env', () => {
  const build = async (settings: Settings, answers: readonly Answer[] = []) => {
    const script = '/usr/local/bin/build-ironic-env.sh';
    // Twice: what was added is replaced.
    const outcome = await runOnBareMetal('build-ironic-env.service', [script, script], { settings, answers });
    const text = succeeded(outcome).files['/etc/ironic.env']!;
    expect(text.match(/^IRONIC_IP=/gm)).toHaveLength(1);
    return { outcome, variables: variablesOf(text) };
  };

  it('finds the interface by its MAC address and the images in the release', async () => {
    const { variables } = await build({});
    expect(variables).toMatchObject({
      IRONIC_HTPASSWD: 'bootstrap-user:$2a$10$hash',
      IRONIC_IMAGE: 'registry.test/ironic@sha256:33',
      IRONIC_AGENT_IMAGE: 'registry.test/ironic-agent@sha256:33',
      MACHINE_OS_IMAGES_IMAGE: 'registry.test/machine-os-images@sha256:33',
      PROVISIONING_INTERFACE: 'lo',
      PROVISIONING_IP: '172.22.0.2/24',
      IRONIC_IP: '172.22.0.2',
      IRONIC_URL_HOST: '172.22.0.2',
      IRONIC_BASE_URL: 'https://172.22.0.2:6385',
    });
  });

  it('puts an address of IPv6 into brackets in URLs', async () => {
    const { variables } = await build({
      provisioningNetworkCIDR: 'fd00::/64',
      bootstrapProvisioningIP: 'fd00::2',
      provisioningDHCPRange: 'fd00::a,fd00::ff',
    });
    expect(variables).toMatchObject({ IRONIC_IP: 'fd00::2', IRONIC_BASE_URL: 'https://[fd00::2]:6385' });
  });

  it('waits for the address that the machine gets where there is no provisioning network', async () => {
    const { outcome, variables } = await build({ provisioningNetwork: 'Disabled' }, [
      { call: 'ip -brief -family inet *', times: 1 },
      { call: 'ip -brief -family inet *', stdout: 'lo UP 192.168.111.9/24 192.168.111.10/24\n' },
    ]);
    expect(variables).toMatchObject({ PROVISIONING_IP: '192.168.111.9', IRONIC_IP: '192.168.111.9' });
    expect(outcome.calls).toContainEqual(['sleep', '2']);
  });
});

describe('the settings of the containers', () => {
  const built = async (env: Record<string, string> = {}) => {
    const outcome = await runOnBareMetal(
      'build-metal3-env.service',
      [
        '/usr/local/bin/build-ironic-env.sh',
        'set -a; . <(/usr/bin/grep -v HTPASSWD /etc/ironic.env | /usr/bin/sed "s/=.*/=\\"&\\"/; s/=\\"=/=\\"/"); set +a',
        '/usr/local/bin/build-metal3-env.sh',
        '/usr/local/bin/build-metal3-env.sh',
      ],
      { env },
    );
    return succeeded(outcome).files;
  };

  it('name the images, and where hosts get theirs', async () => {
    const files = await built();
    const variables = variablesOf(files['/etc/metal3.env']!);
    expect(variables).toMatchObject({
      CONTROL_PLANE_REPLICA_COUNT: '3',
      BAREMETAL_OPERATOR_IMAGE: 'registry.test/baremetal-operator@sha256:33',
      IMAGE_CUSTOMIZATION_IMAGE: 'registry.test/image-customization-controller@sha256:33',
      IMAGES_URL: 'http://172.22.0.2:8084',
      PROVISIONING_NETWORK_DISABLED: 'false',
    });
    expect(variables['NO_PROXY']).toBeUndefined();
  });

  it('keep the proxy from being asked for ironic', async () => {
    const files = await built({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '.local' });
    expect(variablesOf(files['/etc/metal3.env']!)['NO_PROXY']).toBe('.local,172.22.0.2');
  });

  it('hold every variable that units and scripts take from them', async () => {
    const files = await built();
    const known = Object.keys({
      ...variablesOf(files[NETWORK_SETTINGS]!),
      ...variablesOf(files['/etc/ironic.env']!),
      ...variablesOf(files['/etc/metal3.env']!),
    });
    const quadlets = Object.entries(textsOf({})).filter(([path]) =>
      path.startsWith('/etc/containers/systemd/'),
    );
    const units = bootstrapUnits(bareMetalMachine({}), openDataFiles('installer/data')).map(
      ({ contents }) => contents ?? '',
    );
    const wanted = [...quadlets.map(([, text]) => text), ...units].flatMap((text) =>
      [...text.matchAll(/\$\{([A-Z]\w*)\}/g)].map(([, name]) => name!),
    );
    expect(new Set(wanted).size).toBeGreaterThan(3);
    expect(known).toEqual(expect.arrayContaining(wanted));
  });
});
