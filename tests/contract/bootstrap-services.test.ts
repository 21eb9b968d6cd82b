import { describe, expect, it } from 'vitest';
import { type Answer, callsOf, type MachineOutcome, NONE_HA, runOnMachine } from './bootstrapMachine.ts';

const DONE = { '/opt/openshift/.bootkube.done': '' };
const makeDone = 'echo >/opt/openshift/.bootkube.done';

const phases = ({ records }: MachineOutcome): string[] =>
  records.map(({ stage, phase, result }) =>
    [phase, stage, result].filter((word) => word !== undefined).join(' '),
  );

const bin = (name: string): string => `/usr/local/bin/${name}`;

describe.concurrent('the service record', () => {
  const run = (text: string): Promise<MachineOutcome> =>
    runOnMachine({
      facts: NONE_HA,
      unit: 'some.service',
      script: bin('some.sh'),
      files: { [bin('some.sh')]: `#!/usr/bin/env bash\nset -euo pipefail\n${text}` },
    });
  const source = '. /usr/local/bin/bootstrap-service-record.sh\n';

  it('refuses to open a stage while one is open, and ends that one', async () => {
    const outcome = await run(`${source}record_service_stage_start a\nrecord_service_stage_start b\n`);
    expect(outcome.exits).toEqual([1]);
    expect(phases(outcome)).toEqual([
      'service start',
      'stage start a',
      'stage end a failure',
      'service end failure',
    ]);
  });

  it('tells a post-command from the service', async () => {
    const outcome = await run(`POST_COMMAND=tidy\n${source}`);
    expect(outcome.records).toMatchObject([
      { phase: 'post-command start', postCommand: 'tidy' },
      { phase: 'post-command end', postCommand: 'tidy', result: 'success' },
    ]);
  });

  it('names line, function and file of what failed, and the last words of the unit', async () => {
    const outcome = await run(`${source}break_it() {\n    false\n}\nbreak_it\n`);
    expect(outcome.records.at(-1)).toMatchObject({
      phase: 'service end',
      result: 'failure',
      errorLine: '5 break_it /usr/local/bin/some.sh',
      errorMessage: 'one\ntwo\nthree',
    });
  });

  it('has only members that say something', async () => {
    const [first] = (await run(source)).records;
    expect(Object.keys(first!)).toEqual(['timestamp', 'phase']);
  });
});

describe.concurrent('the release image', () => {
  const download = (answers: readonly Answer[]): Promise<MachineOutcome> =>
    runOnMachine({
      facts: NONE_HA,
      script: bin('release-image-download.sh'),
      unit: 'release-image.service',
      answers: [...answers, { call: 'podman inspect *Architecture*', stdout: 'amd64\n' }],
    });
  const issue = '/etc/issue.d/50_release-image.issue';

  it('is pulled until that succeeds, and the console tells why it takes so long', async () => {
    const outcome = await download([{ call: 'podman pull *', exit: 125, times: 2 }]);
    expect(outcome.exits).toEqual([0]);
    expect(phases(outcome)).toEqual([
      'service start',
      'stage start pull-release-image',
      'stage end pull-release-image failure',
      'stage start pull-release-image',
      'stage end pull-release-image failure',
      'stage start pull-release-image',
      'stage end pull-release-image success',
      'stage start image-metadata-arches-match',
      'stage end image-metadata-arches-match success',
      'service end success',
    ]);
    expect(callsOf(outcome, 'agetty', 'sleep')).toEqual(Array(3).fill('agetty --reload'));
    expect(outcome.files[issue]).toBeUndefined();
  });

  it('is refused when it is for another architecture', async () => {
    const outcome = await download([{ call: 'podman inspect *Architecture*', stdout: 'arm64\n' }]);
    expect(outcome.exits).toEqual([1]);
    expect(phases(outcome).slice(-2)).toEqual([
      'stage end image-metadata-arches-match failure',
      'service end failure',
    ]);
    expect(outcome.files[issue]).toContain('registry.test/release:4 is for arm64');
  });

  it('is called by its name when its digest is not known', async () => {
    const outcome = await runOnMachine({
      facts: NONE_HA,
      script: bin('crio-configure.sh'),
      unit: 'crio-configure.service',
      answers: [
        { call: 'podman inspect *', stdout: '[{"Digest":"sha256:44","RepoDigests":["a@sha256:55"]}]' },
      ],
    });
    expect(callsOf(outcome, 'podman')).toContain(
      'podman run --quiet --rm --net=none registry.test/release:4 image pod',
    );
    expect(outcome.output).toContain('Warning: the digest of registry.test/release:4 is not known');
  });
});

describe.concurrent('the container runtime and kubelet', () => {
  it('have CRI-O use the pause image of the release', async () => {
    const outcome = await runOnMachine({
      facts: NONE_HA,
      script: bin('crio-configure.sh'),
      unit: 'crio-configure.service',
    });
    const lines = outcome.files['/etc/crio/crio.conf.d/50-bootstrap-override.conf']!.split('\n');
    expect(lines).toContain('pause_image = "registry.test/pod@sha256:33"');
    expect(lines).toContain('pause_command = "/usr/bin/pod"');
    expect(lines.filter((line) => line.includes('hooks.d"'))).toHaveLength(2);
  });

  it('have kubelet told of it before it starts', async () => {
    const outcome = await runOnMachine({
      facts: NONE_HA,
      script: bin('kubelet-pause-image.sh'),
      unit: 'kubelet.service',
    });
    expect(outcome.files['/etc/kubernetes/kubelet-pause-image-override']).toBe(
      'MACHINE_CONFIG_INFRA_IMAGE=registry.test/pod@sha256:33\n',
    );
    expect(outcome.records).toMatchObject([
      { phase: 'pre-command start', preCommand: 'kubelet-pause-image' },
      { phase: 'pre-command end', preCommand: 'kubelet-pause-image', result: 'success' },
    ]);
  });

  const FLAGS = [
    '--anonymous-auth=false',
    '--container-runtime-endpoint=/var/run/crio/crio.sock',
    '--runtime-request-timeout=10m',
    '--pod-manifest-path=/etc/kubernetes/manifests',
    '--minimum-container-ttl-duration=6m0s',
    '--cluster-domain=cluster.local',
    '--cgroup-driver=systemd',
    '--serialize-image-pulls=false',
    '--v=2',
    '--volume-plugin-dir=/etc/kubernetes/kubelet-plugins/volume/exec',
    '--pod-infra-container-image=registry.test/pause:1',
  ];

  it.each([
    { name: 'nothing is said of addresses', facts: {}, flags: [] },
    { name: 'services have IPv6 addresses', facts: { isServiceNetworkIPv6: true }, flags: ['--node-ip=::'] },
    {
      name: 'an address is given',
      facts: { isServiceNetworkIPv6: true, nodeIp: '192.0.2.7' },
      flags: ['--node-ip=192.0.2.7', '--address=192.0.2.7'],
    },
  ])('start kubelet without an API server when $name', async ({ facts, flags }) => {
    const outcome = await runOnMachine({
      facts: { ...NONE_HA, ...facts },
      script: bin('kubelet.sh'),
      unit: 'kubelet.service',
      env: { MACHINE_CONFIG_INFRA_IMAGE: 'registry.test/pause:1' },
    });
    expect(outcome.calls).toEqual([['kubelet', ...FLAGS, ...flags]]);
    expect(phases(outcome)).toEqual(['service start', 'service end success']);
  });
});

describe.concurrent('approve-csr', () => {
  it('approves what is pending every twenty seconds until bootkube is done, whatever the API says', async () => {
    const outcome = await runOnMachine({
      facts: NONE_HA,
      script: bin('approve-csr.sh'),
      unit: 'approve-csr.service',
      env: { KUBECONFIG: '/opt/openshift/auth/kubeconfig-loopback' },
      answers: [
        { call: 'oc get csr *', exit: 1, times: 1 },
        { call: 'oc get csr *', stdout: 'csr-a\ncsr-b\n', times: 1 },
        { call: 'sleep 20', times: 2 },
        { call: 'sleep 20', effect: makeDone },
      ],
    });
    expect(outcome.exits).toEqual([0]);
    expect(outcome.calls.map(([tool, verb]) => `${tool} ${verb}`)).toEqual([
      ...['oc get', 'sleep 20', 'oc get', 'oc adm', 'sleep 20', 'oc get', 'sleep 20'],
    ]);
    expect(callsOf(outcome, 'oc')).toContain('oc adm certificate approve csr-a csr-b');
  });
});

describe.concurrent('progress', () => {
  const STAGES = [
    'service start',
    'stage start wait-for-bootstrap-complete',
    'stage end wait-for-bootstrap-complete success',
    'stage start report-bootstrap-complete',
    'stage end report-bootstrap-complete success',
    'service end success',
  ];
  const report = (answers: readonly Answer[], files = {}): Promise<MachineOutcome> =>
    runOnMachine({
      facts: NONE_HA,
      script: bin('report-progress.sh'),
      unit: 'progress.service',
      env: { KUBECONFIG: '/opt/openshift/auth/kubeconfig' },
      files,
      answers: [...answers, { call: 'oc get configmap *', exit: 1, times: 1 }],
    });
  const topology = (name: string): Answer => ({ call: 'oc get infrastructures* cluster *', stdout: name });
  const revisions = (...numbers: number[]): string =>
    JSON.stringify({ status: { nodeStatuses: numbers.map((currentRevision) => ({ currentRevision })) } });
  const create = 'oc create configmap bootstrap --namespace=kube-system --from-literal=status=complete';

  it('waits for bootkube and for two API servers of a highly available cluster', async () => {
    const outcome = await report([
      { call: 'sleep 5', effect: makeDone, times: 1 },
      topology('HighlyAvailable'),
      { call: 'oc get kubeapiservers* *', exit: 1, times: 1 },
      { call: 'oc get kubeapiservers* *', stdout: revisions(3, 0, 0), times: 1 },
      { call: 'oc get kubeapiservers* *', stdout: revisions(3, 0, 4) },
    ]);
    expect(outcome.exits).toEqual([0]);
    expect(phases(outcome)).toEqual(STAGES);
    expect(callsOf(outcome, 'sleep')).toEqual(['sleep 5', 'sleep 5', 'sleep 5']);
    expect(callsOf(outcome, 'oc').filter((call) => call === create)).toHaveLength(1);
  });

  it('reports at once in any other topology, and goes on until that is there', async () => {
    const outcome = await report(
      [
        topology('SingleReplica'),
        { call: 'oc create *', exit: 1, times: 1 },
        { call: 'oc get configmap *', exit: 1, times: 1 },
      ],
      DONE,
    );
    expect(phases(outcome)).toEqual(STAGES);
    expect(callsOf(outcome, 'oc').filter((call) => call.includes('kubeapiserver'))).toEqual([]);
    expect(callsOf(outcome, 'oc').filter((call) => call === create)).toHaveLength(2);
  });
});
