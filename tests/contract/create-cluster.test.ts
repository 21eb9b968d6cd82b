import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { renderPemFile } from '#formats/pem.ts';
import { testSigner } from '#pki/testing.ts';
import { readKubeconfig } from '#system/kubeconfig.ts';
import type { KubernetesApi, KubernetesObject } from '#system/kubernetesApi.ts';
import { localFiles } from '#system/localFiles.ts';
import { readContract } from '../cli/contractCase.ts';
import { recordingIo } from '../cli/recordingIo.ts';
import { customResourceDefinition, type InstalledApi, startInstalledApi } from './installedApi.ts';
import { freePort } from './recertNode.ts';
import { makeVirshStandIn, type VirshStandIn } from './virshStandIn.ts';

/**
 * `create cluster` on bare metal from its install-config to the last line. libvirt is a stand-in that keeps what it was
 * told, and what the cluster's own programs would do to its API is done here; the API server, etcd and all certificates
 * are real.
 */
const PROGRAM = join(import.meta.dirname, '../../bin/main.ts');
const IMAGE = Buffer.from('a disk');
const CONFIG = { apiVersion: 'config.openshift.io/v1', namespace: undefined };
const MACHINES = 'openshift-machine-api';
const made = new Map<string, string>();
/** A certificate of that name, the same every time. */
function pem(name: string): string {
  const text =
    made.get(name) ?? renderPemFile('CERTIFICATE', testSigner({ commonName: name }).certificate.der);
  made.set(name, text);
  return text;
}

/** Nobody listens there. */
const NOWHERE = JSON.stringify({
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'c',
});

let work: string;
let root: string;
let virsh: VirshStandIn;
let images: Server;
let hasImage = false;
let installed: InstalledApi | undefined;
const pathBefore = process.env['PATH'];

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'sower-create-cluster-'));
  root = join(work, 'cluster');
  virsh = await makeVirshStandIn(work);
  process.env['PATH'] = `${virsh.folder}:${pathBefore}`;
  images = createServer((_, response) => {
    if (hasImage) response.end(gzipSync(IMAGE));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve));
  await localFiles.makeDirectory(root);
  await writeFile(join(root, 'install-config.yaml'), await installConfig());
}, 60_000);

afterAll(async () => {
  process.env['PATH'] = pathBefore;
  await installed?.stop();
  await new Promise((resolve) => images.close(resolve));
  await rm(work, { recursive: true, force: true });
});

/** The recorded one, with hosts that boot without a network of their own and an image of ours. */
async function installConfig(): Promise<string> {
  const recorded = (await readContract('baremetal-ha')).in['install-config.yaml']!;
  const sum = createHash('sha256').update(IMAGE).digest('hex');
  const url = `http://127.0.0.1:${(images.address() as AddressInfo).port}/disk.qcow2.gz?sha256=${sum}`;
  return recorded
    .replace('ipmi://', 'redfish-virtualmedia://')
    .replace('redfish://', 'redfish-virtualmedia://')
    .replace('    hosts:\n', `    bootstrapOSImage: ${url}\n    hosts:\n`);
}

/** Exit code and what was said. */
async function run(command: string): Promise<{ code: number; said: string[] }> {
  const io = { ...recordingIo({ cwd: root }), env: { XDG_CACHE_HOME: join(work, 'cache') } };
  const code = await openshiftInstallMain([...command.split(' '), '--dir', root], io);
  return { code, said: io.stderrText().trimEnd().split('\n') };
}

const condition = (type: string, status: string): object => ({
  type,
  status,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** Everything at once that the programs of a cluster that comes up write one after another. */
async function playCluster(api: KubernetesApi): Promise<void> {
  for (const [kind, plural, group, version] of [
    ['BareMetalHost', 'baremetalhosts', 'metal3.io', 'v1alpha1'],
    ['Etcd', 'etcds', 'operator.openshift.io'],
    ['ClusterVersion', 'clusterversions', 'config.openshift.io'],
    ['ClusterOperator', 'clusteroperators', 'config.openshift.io'],
    ['Route', 'routes', 'route.openshift.io'],
  ] as const) {
    await api.create(customResourceDefinition(kind, plural, group, version));
  }
  for (const name of [MACHINES, 'openshift-config-managed', 'openshift-console']) {
    await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const object of clusterObjects()) {
    while ((await api.findResource(object)) === undefined) await sleep(100);
    await api.create(object);
  }
}

const clusterObjects = (): KubernetesObject[] => [
  {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: {
      name: 'master-0',
      namespace: MACHINES,
      labels: { 'installer.openshift.io/role': 'control-plane' },
    },
    status: { provisioning: { state: 'provisioned' } },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'default-ingress-cert', namespace: 'openshift-config-managed' },
    data: { 'ca-bundle.crt': pem('router') },
  },
  {
    apiVersion: 'operator.openshift.io/v1',
    kind: 'Etcd',
    metadata: { name: 'cluster' },
    status: { conditions: [condition('EtcdBootstrapMemberRemoved', 'True')] },
  },
  {
    ...CONFIG,
    kind: 'ClusterVersion',
    metadata: { name: 'version' },
    status: {
      conditions: [
        condition('Available', 'True'),
        condition('Failing', 'False'),
        condition('Progressing', 'False'),
      ],
    },
  },
  {
    ...CONFIG,
    kind: 'ClusterOperator',
    metadata: { name: 'dns' },
    status: { conditions: [condition('Progressing', 'False')] },
  },
  {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata: { name: 'console', namespace: 'openshift-console' },
    status: { ingress: [{ host: 'console.apps.bm.example.com' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'bootstrap', namespace: 'kube-system' },
    data: { status: 'complete' },
  },
];

describe('create cluster on bare metal', () => {
  it('refuses bridges that libvirt does not have, before anything is written', async () => {
    const before = await localFiles.readText(join(root, 'install-config.yaml'));
    await writeFile(
      join(root, 'install-config.yaml'),
      before.replace('    hosts:\n', '    externalBridge: br9\n    hosts:\n'),
    );
    const { code, said } = await run('create cluster');
    expect(code).toBe(1);
    expect(said.at(-1)).toContain(
      'platform.baremetal.externalBridge: Invalid value: "br9": could not find interface "br9", valid interfaces are lo, baremetal, provisioning',
    );
    expect(await localFiles.exists(join(root, 'metadata.json'))).toBe(false);
    await writeFile(join(root, 'install-config.yaml'), before);
  }, 60_000);

  it('ends with 4 when its machine can not be made', async () => {
    const { code, said } = await run('create cluster');
    expect(code).toBe(4);
    expect(said.at(-1)).toMatch(
      /^level=error msg=failed to fetch Cluster: .*: failed to create cluster: failed to get bootstrap image: .*404/,
    );
    for (const name of ['terraform.tfvars.json', 'terraform.platform.auto.tfvars.json']) {
      expect([name, (await stat(join(root, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
    for (const name of ['tls/journal-gatewayd.crt', 'tls/journal-gatewayd.key', 'metadata.json']) {
      expect([name, await localFiles.exists(join(root, name))]).toEqual([name, true]);
    }
    expect(await localFiles.exists(join(root, 'install-config.yaml'))).toBe(false);
  }, 60_000);

  it('goes on where it was: machine, bootstrap, installation', async () => {
    hasImage = true;
    const port = await freePort();
    installed = await startInstalledApi(work, root, port);
    const creation = run('create cluster');
    await playCluster(installed.api);
    const { code, said } = await creation;
    expect([code, said.map((line) => line.replace(/until .*? UTC/, 'until <time>'))]).toEqual([
      0,
      expect.arrayContaining([
        'level=info msg=Creating infrastructure resources...',
        `level=info msg=Waiting up to 20m0s (until <time>) for the Kubernetes API at https://127.0.0.1:${port}...`,
        'level=info msg=API v1.20.2 up',
        'level=info msg=Waiting up to 1h0m0s (until <time>) for bootstrapping to complete...',
        'level=info msg=    master-0: provisioned',
        'level=info msg=It is now safe to remove the bootstrap resources',
        'level=info msg=Destroying the bootstrap resources...',
        'level=info msg=All cluster operators have completed progressing',
        'level=info msg=Install complete!',
        'level=info msg=Access the OpenShift web-console here: https://console.apps.bm.example.com',
      ]),
    ]);
    expect(said.at(-1)).toMatch(/^level=info msg=Time elapsed: \d+/);
  }, 180_000);

  it('made the machine from its files, and removed it', async () => {
    expect((await virsh.verbs()).filter((verb) => ['define', 'start', 'undefine'].includes(verb))).toEqual([
      'define',
      'start',
      'undefine',
    ]);
    const { pools, domains } = await virsh.state();
    expect([pools, domains]).toEqual([{}, {}]);
    expect(Object.keys(JSON.parse(await readFile(join(root, '.masters.json'), 'utf8')))).toEqual([
      'master-0',
    ]);
  });

  it('makes no second machine when it is run again', async () => {
    const { code } = await run('create cluster --skip-password-print');
    expect(code).toBe(0);
    expect((await virsh.verbs()).filter((verb) => verb === 'define')).toHaveLength(1);
  }, 60_000);
});

describe('wait-for', () => {
  it('tells that both ends are reached, and adds the routers to the kubeconfig once', async () => {
    expect((await run('wait-for bootstrap-complete')).code).toBe(0);
    const { code, said } = await run('wait-for install-complete --skip-password-print');
    expect(code).toBe(0);
    expect(said.join('\n')).toContain('Credentials omitted');
    const { ca } = await readKubeconfig(localFiles, join(root, 'auth/kubeconfig'));
    expect(ca!.split(pem('router'))).toHaveLength(2);
    expect(ca!.startsWith(pem('router'))).toBe(true);
  }, 60_000);

  it('needs a kubeconfig', async () => {
    const io = recordingIo({ cwd: work });
    expect(
      await openshiftInstallMain(['wait-for', 'install-complete', '--dir', join(work, 'none')], io),
    ).toBe(1);
    expect(io.stderrText()).toContain('level=fatal msg=loading kubeconfig: ');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 8 on %s, and can be run again',
    async (signal) => {
      const directory = join(work, signal);
      await localFiles.makeDirectory(join(directory, 'auth'));
      await writeFile(join(directory, 'auth/kubeconfig'), NOWHERE);
      for (const _ of [1, 2]) {
        const argv = [PROGRAM, 'openshift-install', 'wait-for', 'bootstrap-complete', '--dir', directory];
        const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
        const said: string[] = [];
        child.stderr.on('data', (chunk: Buffer) => {
          said.push(chunk.toString('utf8'));
          if (said.length === 1) child.kill(signal);
        });
        const [code] = await once(child, 'close');
        expect([code, said.join('')]).toEqual([
          8,
          expect.stringContaining('level=warning msg=Received interrupt signal'),
        ]);
      }
    },
    60_000,
  );
});

describe('destroy cluster', () => {
  it('leaves nothing of what the cluster was made from', async () => {
    const { code, said } = await run('destroy cluster');
    expect([code, said.at(-2)]).toEqual([0, 'level=info msg=Uninstallation complete!']);
    expect(await localFiles.list(root)).toEqual(['.masters.json', '.openshift_install.log']);
  });
});
