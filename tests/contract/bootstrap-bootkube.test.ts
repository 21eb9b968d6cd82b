import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  IN_PLACE,
  type MachineCase,
  type MachineOutcome,
  NONE_HA,
  runOnMachine,
} from './bootstrapMachine.ts';
import { RENDER_STAGES, type Stage, stagesOf, type Topology, VERSION_CALLS } from './bootstrapStages.ts';

/** What Ignition has put below /opt/openshift; every file says its own name. */
const ASSETS = [
  ...['openshift/99_machine.yaml', 'manifests/cluster-config.yaml', 'original_cvo_overrides.patch'],
  ...['auth/kubeconfig', 'auth/kubeconfig-kubelet', 'auth/kubeconfig-loopback'],
  ...['tls/machine-config-server.crt', 'tls/machine-config-server.key'],
];

/** The stand-in of a container renders files that say their own names. */
const RENDERING: readonly Answer[] = RENDER_STAGES.map(({ run, renders }) => ({
  call: `podman run --quiet --net=host * ${run.at(run.findIndex((word) => word.includes('-dir=/assets/') && !word.includes('input')))}*`,
  effect: renders
    .map((path) => `/usr/bin/mkdir -p ${path.replace(/\/[^/]*$/, '')}; printf %s ${path} >${path}`)
    .join('; '),
}));

/** Puts the mode that a file has into the file. */
const modeOf = (file: string): string => `printf %s $(/usr/bin/stat --format=%a ${file}) >${file}`;

const ANSWERS: readonly Answer[] = [
  ...RENDERING,
  {
    call: 'oc adm release info *metadata.version*',
    stdout: '4.19.7',
    effect: 'printf %s "$HOME" >home-of-oc',
  },
  { call: 'oc adm release info *displayVersions*', stdout: '1.32.5' },
  { call: 'podman run * --entrypoint=cat *', stdout: 'image references' },
  { call: 'curl * --output original-master.ign *', effect: modeOf('original-master.ign') },
  { call: 'podman run * bootstrap-in-place *', effect: modeOf('master.ign') },
];

/** Marks of all stages that render but some: the others have nothing to do with the case. */
const renderedBut = (...stages: string[]): Record<string, string> =>
  Object.fromEntries(
    ['openshift-manifests', ...RENDER_STAGES.map(({ stage }) => stage)]
      .filter((stage) => !stages.includes(stage))
      .map((stage) => [`/opt/openshift/${stage}.done`, '']),
  );

const bootkube = (facts: typeof NONE_HA, over: Partial<MachineCase> = {}): MachineCase => ({
  facts,
  script: '/usr/local/bin/bootkube.sh',
  unit: 'bootkube.service',
  answers: [...(over.answers ?? []), ...ANSWERS],
  ...(over.kills !== undefined && { kills: over.kills }),
  files: {
    ...Object.fromEntries(ASSETS.map((path) => [`/opt/openshift/${path}`, path])),
    '/usr/local/bin/installer-gather.sh': GATHER,
    '/usr/local/bin/bootstrap-cluster-gather.sh': '#!/bin/bash\n. /usr/local/bin/stand-in\n',
    ...over.files,
  },
});

const GATHER = `#!/bin/bash
echo bundle >/home/core/log-bundle-bootstrap.tar.gz
. /usr/local/bin/stand-in
`;

const TOPOLOGIES = [
  { topology: 'highly available', facts: NONE_HA },
  { topology: 'in place', facts: IN_PLACE },
] as const;

describe.each(TOPOLOGIES)('bootkube of a cluster that is $topology', ({ topology, facts }) => {
  const stages = stagesOf(topology);
  let whole: MachineOutcome;

  beforeAll(async () => {
    whole = await runOnMachine(bootkube(facts));
  });

  it('calls what the table of the stages says, and nothing else', () => {
    expect(whole.output).not.toContain('line ');
    expect(whole.exits).toEqual([0]);
    const [manifests, ...rest] = stages.map(({ calls }) => calls);
    expect(significant(whole.calls)).toEqual([...manifests!, ...VERSION_CALLS, ...rest.flat()]);
  });

  it('looks up the images of the release that the table names', () => {
    const wanted = RENDER_STAGES.filter((stage) => topology === 'in place' || stage.inPlaceOnly !== true);
    const names = whole.calls.filter(isLookup).map((call) => call.at(-1)!);
    expect(new Set(names)).toEqual(
      new Set(['etcd', 'cluster-bootstrap', ...wanted.flatMap(({ lookups }) => lookups)]),
    );
  });

  it('puts what was rendered where it belongs', () => {
    const wanted = RENDER_STAGES.filter((stage) => topology === 'in place' || stage.inPlaceOnly !== true);
    for (const [path, target] of wanted.flatMap(({ copies }) => Object.entries(copies))) {
      expect({ [target]: whole.files[target] }).toEqual({ [target]: path });
    }
    expect(whole.files['/opt/openshift/manifests/99_machine.yaml']).toBe('openshift/99_machine.yaml');
    expect(whole.files['/opt/openshift/image-references']).toBe('image references');
    expect(whole.files['/opt/openshift/home-of-oc']).toBe('/root');
    if (topology === 'in place') {
      expect(whole.files['/opt/openshift/original-master.ign']).toBe('600');
      expect(whole.files['/opt/openshift/master.ign']).toBe('600');
    }
    expect(Object.keys(whole.files)).not.toContain('/opt/openshift/manifests/not-copied.yaml');
  });

  it('leaves the mark of each stage, and its own at the end', () => {
    const marks = Object.keys(whole.files).filter((path) => path.endsWith('.done'));
    const wanted = stages.filter(({ isRepeated }) => isRepeated !== true).map(({ stage }) => `${stage}.done`);
    expect(marks.sort()).toEqual(
      [...wanted, '.bootkube.done'].map((name) => `/opt/openshift/${name}`).sort(),
    );
  });

  it('records the service and its stages', () => {
    expect(whole.records.map(withoutTime)).toEqual([
      { phase: 'service start' },
      ...stages.flatMap(({ stage }) => [
        { stage, phase: 'stage start' },
        { stage, phase: 'stage end', result: 'success' },
      ]),
      { phase: 'service end', result: 'success' },
    ]);
    for (const { timestamp } of whole.records) expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('goes on with the stage in which it was killed, at each of them', async () => {
    const kills = stages.flatMap(KILLS[topology]);
    const killed = await runOnMachine(bootkube(facts, { kills: kills.map(({ glob }) => glob) }));
    expect(killed.exits).toEqual([...kills.map(() => 137), 0]);
    expect(started(killed.records)).toEqual(expectedStarts(stages, kills));
    expect(killed.files).toEqual(whole.files);
  });
});

describe.concurrent('bootkube', () => {
  it('gathers and fails when the control plane does not come up', async () => {
    const outcome = await runOnMachine(
      bootkube(NONE_HA, { files: renderedBut(), answers: [{ call: 'podman run * start *', exit: 7 }] }),
    );
    expect(outcome.exits).toEqual([7]);
    expect(outcome.calls.at(-1)).toEqual(['bootstrap-cluster-gather.sh']);
    const [stage, service] = outcome.records.slice(-2).map(withoutTime);
    expect(stage).toMatchObject({ stage: 'cb-bootstrap', phase: 'stage end', result: 'failure' });
    expect(service).toMatchObject({
      phase: 'service end',
      result: 'failure',
      errorMessage: 'one\ntwo\nthree',
    });
    expect(Object.keys(outcome.files)).not.toContain('/opt/openshift/cb-bootstrap.done');
  });

  it('records where a stage failed', async () => {
    const outcome = await runOnMachine(
      bootkube(NONE_HA, {
        answers: [{ call: 'podman run * /usr/bin/cluster-etcd-operator render *', exit: 3 }],
      }),
    );
    expect(outcome.exits).toEqual([3]);
    const end = outcome.records.at(-2)!;
    expect(end).toMatchObject({
      stage: 'etcd-bootstrap',
      result: 'failure',
      errorMessage: 'one\ntwo\nthree',
    });
    expect(end['errorLine']).toMatch(/^\d+ \w+ \/usr\/local\/bin\/bootkube\.sh$/);
  });

  it('fails when an operator has rendered nothing', async () => {
    const outcome = await runOnMachine(
      bootkube(NONE_HA, { answers: [{ call: 'podman run * /usr/bin/render *' }] }),
    );
    expect(outcome.exits).toEqual([1]);
    expect(outcome.records.at(-2)).toMatchObject({ stage: 'api-bootstrap', result: 'failure' });
  });

  it('goes on without what the credential and tuning operators need not render', async () => {
    const outcome = await runOnMachine(
      bootkube(IN_PLACE, {
        files: renderedBut('node-tuning-bootstrap', 'cco-bootstrap'),
        answers: ['cloud-credential-operator', 'cluster-node-tuning-operator'].map((name) => ({
          call: `podman run * registry.test/${name}@sha256:33 render*`,
        })),
      }),
    );
    expect(outcome.exits).toEqual([0]);
  });

  it('only records that the API has no name and no answer', async () => {
    const outcome = await runOnMachine(
      bootkube(NONE_HA, {
        files: renderedBut(),
        answers: [
          { call: 'getent *', exit: 2 },
          { call: 'curl --head *', exit: 7 },
        ],
      }),
    );
    expect(outcome.exits).toEqual([0]);
    const failed = outcome.records.filter(({ result }) => result === 'failure').map(({ stage }) => stage);
    expect(failed).toEqual(['resolve-api-url', 'resolve-api-int-url', 'check-api-url', 'check-api-int-url']);
  });

  it('repeats its questions until etcd is healthy and the overrides are restored', async () => {
    const outcome = await runOnMachine(
      bootkube(NONE_HA, {
        files: renderedBut(),
        answers: [
          { call: 'podman run * endpoint health', exit: 1, times: 2 },
          { call: 'oc patch *', exit: 1, times: 1 },
        ],
      }),
    );
    expect(outcome.exits).toEqual([0]);
    expect(outcome.calls.filter(([tool]) => tool === 'sleep')).toEqual([
      ['sleep', '5'],
      ['sleep', '5'],
      ['sleep', '10'],
    ]);
  });

  it('tells the operators of the cloud, of mirrors and of the cluster profile if there are any', async () => {
    const files = Object.fromEntries(
      [
        'tls/cloud-ca-cert.pem',
        'manifests/cloud-provider-config.yaml',
        'manifests/image-digest-mirror-set.yaml',
      ].map((path) => [`/opt/openshift/${path}`, path]),
    );
    const both = { ...files, '/opt/openshift/manifests/image-content-source-policy.yaml': 'policy' };
    const outcome = await runOnMachine(
      bootkube(
        { ...NONE_HA, clusterProfile: 'edge' },
        { files: { ...files, ...renderedBut('config-bootstrap', 'cvo-bootstrap', 'mco-bootstrap') } },
      ),
    );
    const older = await runOnMachine(bootkube(NONE_HA, { files: { ...both, ...renderedBut() } }));
    const words = outcome.calls.flat();
    expect(words).toContain(
      '--cloud-provider-config-input-file=/assets/manifests/cloud-provider-config.yaml',
    );
    expect(words).toContain('--cloud-provider-ca-file=/assets/tls/cloud-ca-cert.pem');
    expect(words).toContain(
      '--cloud-config-file=/assets/config-bootstrap/cloud-provider-config-generated.yaml',
    );
    expect(words).toContain('CLUSTER_PROFILE=edge');
    expect(words).toContain('--idms-file=manifests/image-digest-mirror-set.yaml');
    expect(older.calls.flat()).toContain('--icsp-file=manifests/image-content-source-policy.yaml');
    expect(older.calls.flat().filter((word) => word.startsWith('--idms-file'))).toEqual([]);
  });
});

interface Kill {
  readonly stage: string;
  readonly glob: string;
}

/** In the middle of its work: at its last call. */
const killsAtWork = ({ stage, calls }: Stage): Kill[] =>
  calls.slice(-1).map((call) => ({ stage, glob: call.join(' ').replaceAll(/[[\]?*\\]/g, '\\$&') }));

/** When its work is done, but not marked. */
const killsAtMark = ({ stage, isRepeated }: Stage): Kill[] =>
  isRepeated === true ? [] : [{ stage, glob: `touch ${stage}.done` }];

/** Every stage is killed; the same stage in the middle in one topology and at its end in the other. */
const KILLS: Readonly<Record<Topology, (stage: Stage) => Kill[]>> = {
  'highly available': killsAtWork,
  'in place': (stage) => [
    ...(IN_PLACE_STAGES.includes(stage.stage) ? killsAtWork(stage) : []),
    ...killsAtMark(stage),
  ],
};
const IN_PLACE_STAGES = ['cmdbootline-nto-bootstrap', 'stop-etcd', 'master-ignition'];

/** Each run begins the stages that leave no mark and come before the one it goes on with. */
function expectedStarts(stages: readonly Stage[], kills: readonly Kill[]): string[] {
  const runs = [
    ...kills.map(({ stage }) => stages.findIndex((found) => found.stage === stage)),
    stages.length - 1,
  ];
  let from = 0;
  return runs.flatMap((until) => {
    const begun = stages.filter(
      ({ stage, isRepeated }, i) =>
        (i >= from && i <= until) || (i < from && isRepeated === true && !isEtcdStopped(stage, from, stages)),
    );
    from = until;
    return begun.map(({ stage }) => stage);
  });
}

/** A single node's later runs must not wait for the member that they have stopped. */
function isEtcdStopped(stage: string, from: number, stages: readonly Stage[]): boolean {
  const stop = stages.findIndex((found) => found.stage === 'stop-etcd');
  return stage === 'wait-for-etcd' && stop !== -1 && from >= stop;
}

const started = (records: MachineOutcome['records']): string[] =>
  records.filter(({ phase }) => phase === 'stage start').map(({ stage }) => stage!);

const isLookup = (call: readonly string[]): boolean => call.at(-2) === 'image' && call[0] === 'podman';

/** The digest of the release and the images' names are asked for where they are needed. */
const significant = (calls: MachineOutcome['calls']): (readonly string[])[] =>
  calls.filter((call) => !isLookup(call) && call[1] !== 'inspect');

const withoutTime = ({ timestamp: _, ...record }: Readonly<Record<string, string>>): Record<string, string> =>
  record;
