import { describe, expect, it } from 'vitest';
import { bootstrapFiles } from '#installer/bootstrap/bootstrapData.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { type Answer, type MachineOutcome, NONE_HA, runOnMachine } from './bootstrapMachine.ts';
import { standInsFor, TEST_SCRIPT, testScript } from './bootstrapPrograms.ts';

const GENERATOR = '/etc/systemd/system-generators/node-image-overlay-generator';
const PULL = '/usr/local/bin/node-image-pull.sh';
const IMAGE = 'registry.test/rhel-coreos@sha256:33';
/** As ostree names it: what is no letter or digit is escaped. */
const REF = 'ostree/container/image/docker_3A__2F__2Fregistry_2E_test/rhel-coreos_40_sha256_3A_33';

describe('the generator of the boot target', () => {
  const generator = bootstrapFiles(NONE_HA, openDataFiles('installer/data')).find(
    ({ path }) => path === GENERATOR,
  )!.content;

  const targetAfter = async (answer: Answer): Promise<string | undefined> => {
    const { exits, files, output } = await runOnMachine({
      facts: NONE_HA,
      script: TEST_SCRIPT,
      unit: 'none',
      files: {
        ...standInsFor('rpm'),
        '/usr/local/bin/generator': generator,
        ...testScript(
          'mkdir -p /var/normal /var/early /var/late',
          '/usr/local/bin/generator /var/normal /var/early /var/late',
          'ls /var/early /var/late >/var/others',
          'readlink /var/normal/default.target >/var/target || true',
        ),
      },
      answers: [answer],
    });
    expect(exits, output).toEqual([0]);
    expect(files['/var/others']).toBe('/var/early:\n\n/var/late:\n');
    return files['/var/target'];
  };

  it('leads to the overlay where the image has no OpenShift client', async () => {
    const target = await targetAfter({ call: 'rpm --query * openshift-clients', exit: 1 });
    expect(target).toBe('/etc/systemd/system/node-image-overlay.target\n');
  });

  it('leaves the target alone where it has one', async () => {
    expect(await targetAfter({ call: 'rpm --query * openshift-clients' })).toBe('');
  });
});

describe('node-image-pull', () => {
  const ANSWERS: readonly Answer[] = [
    { call: 'ostree container image pull *', exit: 1, times: 1 },
    { call: 'ostree refs *', stdout: `${REF.replace(/33$/, '44')}\n${REF}\n` },
    { call: 'ostree admin config-diff', stdout: 'M    adjtime\nA    containers/a b.conf\nD    gone\n' },
    { call: 'ostree checkout *', effect: `/usr/bin/mkdir "\${!#}"` },
  ];

  it('checks out the image into the repository of the machine, as often as it takes to pull it', async () => {
    const { exits, calls, files, output } = await runOnMachine({
      facts: NONE_HA,
      script: PULL,
      unit: 'node-image-pull.service',
      files: {
        ...standInsFor('ostree', 'mount'),
        '/var/ostree-container/checkout/half': 'of an earlier run',
      },
      answers: ANSWERS,
    });
    expect(exits, output).toEqual([0]);
    const pull = [
      ...['ostree', 'container', 'image', 'pull', '--authfile', '/root/.docker/config.json'],
      ...['/ostree/repo', `ostree-unverified-registry:${IMAGE}`],
    ];
    expect(calls.filter(([tool]) => tool !== 'podman')).toEqual([
      ['mount', '--options', 'remount,rw', '/sysroot'],
      pull,
      ['sleep', '10'],
      pull,
      ['ostree', 'refs', '--repo=/ostree/repo', '--list', 'ostree/container/image'],
      ['ostree', 'admin', 'config-diff'],
      [
        ...['ostree', 'checkout', '--repo=/ostree/repo'],
        ...['--skip-list=/var/ostree-container/changed-configuration', REF],
        '/var/ostree-container/checkout.partial',
      ],
    ]);
    expect(files['/var/ostree-container/changed-configuration']).toBe(
      '/usr/etc/adjtime\n/usr/etc/containers/a b.conf\n/usr/etc/gone\n',
    );
    expect(files['/var/ostree-container/checkout/half']).toBeUndefined();
  });

  it('is recorded as failed when the image has no ref', async () => {
    const { exits, records, files } = await runOnMachine({
      facts: NONE_HA,
      script: PULL,
      unit: 'node-image-pull.service',
      files: standInsFor('ostree', 'mount'),
      answers: ANSWERS.filter(({ call }) => !call.startsWith('ostree refs')),
    });
    expect(exits).toEqual([1]);
    expect(records.at(-1)).toMatchObject({ phase: 'service end', result: 'failure' });
    expect(files['/var/ostree-container/changed-configuration']).toBeUndefined();
  });

  it('leaves changed configuration out of what real ostree checks out on a live system', async () => {
    const { exits, files, output } = await runLive();
    expect(exits, output).toEqual([0]);
    const checkout = '/var/ostree-container/checkout/usr';
    expect(files[`${checkout}/etc/kept.conf`]).toBe('new\n');
    expect(files[`${checkout}/bin/kubelet`]).toBe('kubelet\n');
    expect(files[`${checkout}/etc/adjtime`]).toBeUndefined();
  });

  /** Only the pull and the comparison with the booted deployment are not done by ostree itself. */
  const runLive = (): Promise<MachineOutcome> =>
    runOnMachine({
      facts: NONE_HA,
      script: TEST_SCRIPT,
      unit: 'node-image-pull.service',
      files: {
        ...standInsFor('ostree', 'mount'),
        '/var/image/usr/bin/kubelet': 'kubelet\n',
        '/var/image/usr/etc/kept.conf': 'new\n',
        '/var/image/usr/etc/adjtime': 'new\n',
        ...testScript('/usr/bin/touch /run/ostree-live', PULL),
      },
      answers: [
        {
          call: 'ostree container image pull *',
          effect: `/usr/bin/ostree commit --repo=/var/ostree-container/repo --branch=${REF} /var/image >/dev/null`,
        },
        { call: 'ostree admin config-diff', stdout: 'M    adjtime\n' },
        { call: 'ostree *', effect: '/usr/bin/ostree "$@" || exit' },
      ],
    });
});

describe('node-image-overlay', () => {
  it('lays the image over /usr and takes over its configuration, policy and units', async () => {
    const { exits, calls, records, output } = await runOnMachine({
      facts: NONE_HA,
      script: '/usr/local/bin/node-image-overlay.sh',
      unit: 'node-image-overlay.service',
      files: standInsFor('mount', 'cp', 'semodule'),
    });
    expect(exits, output).toEqual([0]);
    const usr = '/var/ostree-container/checkout/usr';
    expect(calls).toEqual([
      ['mount', '--bind', '/usr/lib/modules', `${usr}/lib/modules`],
      ['mount', '--rbind', usr, '/usr'],
      ['cp', '--archive', '--no-target-directory', '/usr/etc', '/etc'],
      ['semodule', '--reload'],
      ['systemctl', 'daemon-reload'],
    ]);
    expect(records.map(({ phase }) => phase)).toEqual(['service start', 'service end']);
  });
});
