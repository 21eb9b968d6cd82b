import { describe, expect, it } from 'vitest';
import { openDataFiles } from '#system/dataFiles.ts';
import { callsOf, IN_PLACE, type MachineOutcome, runOnMachine } from './bootstrapMachine.ts';

const bin = (name: string): string => `/usr/local/bin/${name}`;

describe.concurrent('install-to-disk', () => {
  const install = (kills: readonly string[] = []): Promise<MachineOutcome> =>
    runOnMachine({
      facts: IN_PLACE,
      script: bin('install-to-disk.sh'),
      unit: 'install-to-disk.service',
      answers: [{ call: 'sleep 5', effect: 'echo >/opt/openshift/.bootkube.done' }],
      kills,
    });
  const write = [
    'coreos-installer',
    'install',
    '-n',
    '-i',
    '/opt/openshift/master.ign',
    "/dev/disk/by-id/it's one",
  ];

  it('waits for bootkube, writes the disk and has the machine restart in a minute', async () => {
    const outcome = await install();
    const [wait, written, restart] = outcome.calls;
    expect([wait, written]).toEqual([['sleep', '5'], write]);
    expect(restart!.slice(0, 3)).toEqual(['shutdown', '--reboot', '+1']);
    expect(Object.keys(outcome.files)).toContain('/opt/openshift/.install-to-disk.done');
  });

  it('writes the disk again if it was killed meanwhile, but not once it restarts', async () => {
    const outcome = await install(['coreos-installer *', 'shutdown *', 'touch *.install-to-disk.done']);
    expect(outcome.exits).toEqual([137, 137, 137, 0]);
    expect(outcome.calls.map(([tool]) => tool)).toEqual([
      ...['sleep', 'coreos-installer', 'coreos-installer', 'shutdown', 'shutdown', 'shutdown'],
    ]);
  });
});

describe.concurrent('the single node after its restart', () => {
  const NAME = 'bootstrap-in-place-post-reboot.sh';
  const text = openDataFiles('installer/data').read(
    `bootstrap/bootstrap-in-place/files/opt/openshift/bootstrap-in-place/${NAME}`,
  );
  const API_SERVER = '/etc/kubernetes/manifests/kube-apiserver-pod.yaml';
  const start = (kills: readonly string[] = []): Promise<MachineOutcome> =>
    runOnMachine({
      facts: IN_PLACE,
      script: bin(NAME),
      unit: 'bootkube.service',
      kills,
      files: {
        [bin(NAME)]: text,
        [API_SERVER]: 'bootstrap-kube-apiserver',
        '/etc/kubernetes/bootstrap-secrets/kubeconfig': 'k',
        '/etc/kubernetes/bootstrap-configs/a': 'a',
        '/opt/openshift/original_cvo_overrides.patch': '{}',
        '/var/log/log-bundle-bootstrap.tar.gz': 'bundle',
      },
      answers: [
        { call: 'oc get --raw=/readyz', exit: 1, times: 1 },
        { call: 'oc get configmap *', exit: 1, times: 1 },
        { call: 'oc get nodes *', stdout: 'False', times: 1 },
        { call: 'oc get nodes *', stdout: 'True' },
        { call: 'oc get csr *', stdout: 'csr-a' },
        { call: 'oc get pods *', stdout: '', times: 1 },
        { call: 'oc get pods *', stdout: 'True' },
        { call: 'systemctl restart kubelet', times: 1 },
        { call: 'sleep 10', times: 2 },
        { call: 'sleep 10', effect: `echo kube-apiserver >${API_SERVER}` },
        { call: 'oc get clusterversion *', stdout: 'False', times: 1 },
        { call: 'oc get clusterversion *', stdout: 'True' },
      ],
    });

  /** Spec/additions 2.2, in order; words after the last one shown are left out. */
  const STEPS = [
    ...['oc get --raw=/readyz', 'sleep 5', 'oc get --raw=/readyz'],
    ...['oc get configmap bootstrap', 'oc create configmap bootstrap', 'oc get configmap bootstrap'],
    ...['oc delete lease version --namespace=openshift-cluster-version'],
    ...['oc delete configmap version --namespace=openshift-cluster-version'],
    ...['oc delete lease cluster-policy-controller-lock --namespace=kube-system'],
    ...['oc delete configmap cluster-policy-controller-lock --namespace=kube-system'],
    'oc patch clusterversion version --type=merge --patch-file=/opt/openshift/original_cvo_overrides.patch',
    ...['oc get nodes', 'oc get csr', 'oc adm certificate approve csr-a', 'sleep 10', 'oc get nodes'],
    ...['oc get pods --namespace=openshift-kube-apiserver-operator', 'sleep 10'],
    'oc get pods --namespace=openshift-kube-apiserver-operator',
    ...['systemctl daemon-reload', 'systemctl restart kubelet', 'sleep 10', 'systemctl restart kubelet'],
    ...[
      'oc get clusterversion version',
      'oc get clusteroperators',
      'sleep 20',
      'oc get clusterversion version',
    ],
    'systemctl disable bootkube.service',
  ];

  it('hands over to the cluster, in order, and leaves nothing of the bootstrap', async () => {
    const outcome = await start();
    expect(outcome.exits).toEqual([0]);
    const calls = outcome.calls.map((call) => call.join(' '));
    expect(calls.map((call, i) => call.slice(0, STEPS[i]?.length))).toEqual(STEPS);
    expect(Object.keys(outcome.files)).toEqual([API_SERVER]);
  });

  it('takes a lease away once only, however often it is started', async () => {
    const outcome = await start(['oc patch *', 'systemctl daemon-reload', 'systemctl disable *']);
    expect(outcome.exits).toEqual([137, 137, 137, 0]);
    expect(callsOf(outcome, 'oc').filter((call) => call.startsWith('oc delete'))).toHaveLength(4);
    // The last run finds the overrides gone and only cleans: the API may not answer to this kubeconfig any more.
    expect(outcome.calls.slice(-2)).toEqual(Array(2).fill(['systemctl', 'disable', 'bootkube.service']));
    expect(Object.keys(outcome.files)).toEqual([API_SERVER]);
  });
});
