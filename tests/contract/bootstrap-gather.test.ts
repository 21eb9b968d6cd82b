import { describe, expect, it } from 'vitest';
import { type Answer, type MachineOutcome, NONE_HA, runOnMachine } from './bootstrapMachine.ts';
import { standInsFor, TEST_SCRIPT, testScript } from './bootstrapPrograms.ts';

/** In every place where one could be, in every form; no byte of it may leave the machine. */
const PLANTED = 'planted-secret-4711';
const PEM = `-----BEGIN PRIVATE KEY-----\n${PLANTED}\n-----END PRIVATE KEY-----\n`;
/** At each of the three alignments of base64. */
const KEYS_IN_BASE64 = ['', 'EC ', 'RSA ', 'ENCRYPTED ', 'OPENSSH '].map((kind) =>
  Buffer.from(PEM.replace('PRIVATE KEY', `${kind}PRIVATE KEY`)).toString('base64'),
);

const SECRET_ASSETS: Record<string, string> = {
  '/opt/openshift/auth/kubeconfig': PLANTED,
  '/opt/openshift/auth/kubeconfig-loopback': PLANTED,
  '/opt/openshift/auth/kubeadmin-password': PLANTED,
  '/opt/openshift/.kube/cache/discovery': PLANTED,
  '/opt/openshift/tls/root-ca.key': PLANTED,
  '/opt/openshift/tls/innocent.txt': PEM,
  '/opt/openshift/master.ign': PLANTED,
  '/opt/openshift/openshift/99_kubeadmin-password-secret.yaml': PLANTED,
  '/opt/openshift/manifests/innocent.yaml': `apiVersion: v1\nkind: Secret\nstringData: {a: ${PLANTED}}\n`,
  '/opt/openshift/manifests/innocent.json': `{"apiVersion":"v1","kind":"Secret","stringData":{"a":"${PLANTED}"}}`,
  '/opt/openshift/manifests/pull.json': `{"auths":{"registry.test":{"auth":"${PLANTED}"}}}`,
  '/opt/openshift/manifests/pull-in-base64': `${Buffer.from(`{"auths":{}}`).toString('base64')} ${PLANTED}`,
  ...Object.fromEntries(
    KEYS_IN_BASE64.map((key, i) => [
      `/opt/openshift/manifests/key-${i}.yaml`,
      `contents:\n  source: data:;base64,${key}\n  note: ${PLANTED}\n`,
    ]),
  ),
};
const OTHER_ASSETS: Record<string, string> = {
  '/opt/openshift/manifests/cluster-network-02-config.yml': 'kind: Network\n',
  '/opt/openshift/manifests/roles.yaml':
    'kind: Role\nrules: [{resources: [secrets], resourceNames: [some]}]\n',
  '/opt/openshift/tls/root-ca.crt': '-----BEGIN CERTIFICATE-----\n',
};

const inspected = JSON.stringify({
  status: { metadata: { name: 'etcd' } },
  info: { runtimeSpec: { process: { env: [`PASSWORD=${PLANTED}`], args: ['etcd'] } } },
});
const podmanInspected = JSON.stringify([
  {
    Name: 'ironic',
    Config: { Env: [`PASSWORD=${PLANTED}`], CreateCommand: ['--env', PLANTED], Cmd: ['/bin/runironic'] },
  },
]);
const node = (name: string, role: string, address: string) => ({
  metadata: { name, labels: { [`node-role.kubernetes.io/${role}`]: '' } },
  status: {
    addresses: [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address },
    ],
  },
});
const NODES = JSON.stringify({
  items: [
    node('m', 'master', '10.0.0.5'),
    node('c', 'control-plane', 'fd00::6'),
    node('w', 'worker', '10.0.0.7'),
  ],
});

const ANSWERS: readonly Answer[] = [
  { call: 'crictl ps --all --quiet', stdout: 'abc\n' },
  { call: 'crictl inspect *', stdout: inspected },
  { call: 'crictl logs *', stdout: 'a log of etcd\n' },
  { call: 'podman ps --all --quiet', stdout: 'def\n' },
  { call: 'podman inspect def', stdout: podmanInspected },
  { call: 'systemctl list-units * --no-legend *', stdout: 'bootkube.service loaded failed failed Make it\n' },
  { call: 'systemctl list-units *', stdout: 'UNIT\n' },
  { call: 'oc * get nodes *', stdout: NODES },
  { call: 'oc * get *', stdout: '{"items":[]}\n' },
  // The other end runs what it is sent, as sshd would.
  { call: 'ssh * core@*', effect: 'exec /usr/bin/bash -s --' },
];

/** Runs the script and unpacks the bundle into /var/bundle. */
async function gather(
  args: string,
  answers: readonly Answer[],
  files: Record<string, string> = {},
): Promise<MachineOutcome & { readonly bundle: Readonly<Record<string, string>> }> {
  const outcome = await runOnMachine({
    facts: NONE_HA,
    script: TEST_SCRIPT,
    unit: 'none',
    files: {
      ...standInsFor('ip', 'ss', 'hostname', 'rpm-ostree', 'ssh'),
      '/etc/passwd': 'root:x:0:0::/root:/bin/bash\ncore:x:1000:1000::/home/core:/bin/bash\n',
      '/etc/group': 'root:x:0:\ncore:x:1000:\n',
      ...OTHER_ASSETS,
      ...SECRET_ASSETS,
      '/var/log/openshift/release-image.json': '[{"phase":"service start"}]',
      ...files,
      ...testScript(
        `/usr/local/bin/installer-gather.sh ${args}`,
        'ls /home/core /tmp >/var/left',
        "stat --format='%a %U' /home/core/*.tar.gz >/var/mode",
        'mkdir /var/bundle',
        'tar --extract --gzip --directory /var/bundle --file /home/core/*.tar.gz',
      ),
    },
    answers,
  });
  const bundle = Object.entries(outcome.files).flatMap(([path, text]) =>
    path.startsWith('/var/bundle/') ? [[path.slice('/var/bundle/'.length), text] as const] : [],
  );
  return { ...outcome, bundle: Object.fromEntries(bundle) };
}

describe.concurrent('installer-gather', () => {
  it('builds a bundle that has what is known of each machine', async () => {
    const { exits, output, files, bundle } = await gather('--id 42 10.0.0.5', ANSWERS);
    expect(exits, output).toEqual([0]);
    expect(files['/var/left']).toBe('/home/core:\nlog-bundle-42.tar.gz\n\n/tmp:\n');
    expect(files['/var/mode']).toBe('600 core\n');
    const top = 'log-bundle-42';
    expect(Object.keys(bundle)).toEqual(
      expect.arrayContaining([
        `${top}/failed-units.txt`,
        `${top}/unit-status/bootkube.service.txt`,
        `${top}/bootstrap/services/release-image.json`,
        ...[
          'approve-csr',
          'bootkube',
          'crio',
          'crio-configure',
          'image-customization',
          'ironic',
          'kubelet',
        ].map((unit) => `${top}/bootstrap/journals/${unit}.log`),
        ...['master-bmh-update', 'metal3-baremetal-operator', 'release-image', 'sssd'].map(
          (unit) => `${top}/bootstrap/journals/${unit}.log`,
        ),
        `${top}/bootstrap/journals/release-image-download.log`,
        `${top}/bootstrap/network/ip-addr.txt`,
        `${top}/bootstrap/containers/etcd-abc.log`,
        `${top}/bootstrap/containers/etcd-abc.inspect`,
        `${top}/bootstrap/pods/ironic-def.inspect`,
        `${top}/bootstrap/rpm-ostree/status.json`,
        `${top}/resources/nodes.json`,
        `${top}/control-plane/10.0.0.5/journals/kubelet.log`,
        `${top}/control-plane/10.0.0.5/containers/etcd-abc.log`,
        `${top}/control-plane/10.0.0.5/failed-units.txt`,
      ]),
    );
    expect(bundle[`${top}/bootstrap/containers/etcd-abc.log`]).toBe('a log of etcd\n');
    expect(JSON.parse(bundle[`${top}/bootstrap/pods/ironic-def.inspect`]!)).toEqual([
      { Name: 'ironic', Config: { Cmd: ['/bin/runironic'] } },
    ]);
  });

  it('lets no secret out', async () => {
    const { bundle } = await gather('--id 42', ANSWERS);
    const assets = Object.keys(bundle).filter((path) => path.includes('/rendered-assets/'));
    for (const path of Object.keys(OTHER_ASSETS)) {
      expect(assets).toContain(`log-bundle-42/rendered-assets${path.replace('/opt', '')}`);
    }
    const told = Object.entries(bundle).filter(([, text]) => text.includes(PLANTED));
    expect(told.map(([path]) => path)).toEqual([]);
    expect(assets.filter((path) => /secret|kubeconfig|\.key$|\.ign$|\.kube/.test(path))).toEqual([]);
  });

  it('asks the cluster for the control plane when none is named', async () => {
    const { calls } = await gather('--id 42', ANSWERS);
    const hosts = calls
      .filter(([tool]) => tool === 'ssh')
      .map((call) => call.find((arg) => arg.startsWith('core@')));
    expect(hosts).toEqual(['core@10.0.0.5', 'core@fd00::6']);
  });

  it('goes on without a machine that is not reached', async () => {
    const answers = [{ call: 'ssh * core@10.0.0.5 *', exit: 255 }, ...ANSWERS];
    const { exits, output, bundle } = await gather('--id 42 10.0.0.5 10.0.0.6', answers);
    expect(exits).toEqual([0]);
    expect(output).toContain('10.0.0.5 could not be gathered.');
    expect(Object.keys(bundle)).toContain('log-bundle-42/control-plane/10.0.0.6/journals/kubelet.log');
  });

  it('takes the resources that bootkube gathered when no API answers, and needs no id', async () => {
    const answers = [{ call: 'oc *', exit: 1 }, ...ANSWERS];
    const earlier = { '/var/log/openshift/cluster-resources/pods.json': '{"of":"bootkube"}' };
    const { exits, output, bundle } = await gather('', answers, earlier);
    expect(exits, output).toEqual([0]);
    const resources = Object.keys(bundle).filter((path) => path.includes('/resources/'));
    expect(resources).toEqual(['log-bundle/resources/when-bootkube-failed/pods.json']);
  });
});

describe.concurrent('bootstrap-cluster-gather', () => {
  const run = (answers: readonly Answer[]): Promise<MachineOutcome> =>
    runOnMachine({
      facts: NONE_HA,
      script: '/usr/local/bin/bootstrap-cluster-gather.sh',
      unit: 'bootkube.service',
      files: SECRET_ASSETS,
      answers,
    });
  const RESOURCES = '/var/log/openshift/cluster-resources';

  it('asks for resources, never for secrets, and keeps why one could not be had', async () => {
    const { exits, calls, files } = await run([
      { call: 'oc * get machines *', effect: 'echo no such kind >&2', exit: 1 },
      { call: 'oc * get *', stdout: '{}\n' },
    ]);
    expect(exits).toEqual([0]);
    expect(files[`${RESOURCES}/clusteroperators.json`]).toBe('{}\n');
    expect(files[`${RESOURCES}/clusteroperators.error`]).toBeUndefined();
    expect(files[`${RESOURCES}/machines.error`]).toBe('no such kind\n');
    expect(files[`${RESOURCES}/machines.json`]).toBeUndefined();
    expect(files[`${RESOURCES}/machinesets.json`]).toBe('{}\n');
    expect(calls.flat().filter((arg) => /secret|configmaps/i.test(arg))).toEqual([]);
  });

  it('takes the kubeconfig by which an API answers', async () => {
    const { calls } = await run([
      { call: 'oc --kubeconfig=*-loopback *', exit: 1 },
      { call: 'oc *', stdout: '{}' },
    ]);
    const used = calls.filter((call) => call[3] === 'get' && call[4] === 'pods').map((call) => call[1]);
    expect(used).toEqual(['--kubeconfig=/opt/openshift/auth/kubeconfig']);
  });
});
