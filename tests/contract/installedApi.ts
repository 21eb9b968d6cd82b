import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheDirectory, obtain } from '#lab/build/cache.ts';
import { kubernetesRecipe } from '#lab/build/kubernetes.ts';
import { connectEtcd } from '#system/etcd.ts';
import { connectKubernetes, type KubernetesApi, type KubernetesObject } from '#system/kubernetesApi.ts';
import { localFiles } from '#system/localFiles.ts';
import { freePort, untilAnswered } from './recertNode.ts';

/** A real kube-apiserver with etcd, with the certificates of a target directory, as its bootstrap machine has it. */
export interface InstalledApi {
  readonly api: KubernetesApi;
  stop(): Promise<void>;
}

interface Certificates {
  readonly '*tls.KubeAPIServerExternalLBServerCertKey': { readonly CertRaw: string; readonly KeyRaw: string };
  readonly '*tls.AdminKubeConfigCABundle': { readonly BundleRaw: string };
  readonly '*tls.ServiceAccountKeyPair': { readonly FileList: readonly { Filename: string; Data: string }[] };
}

/** Starts it on that port of this machine, and points the kubeconfig of the target directory to it. */
export async function startInstalledApi(work: string, root: string, port: number): Promise<InstalledApi> {
  const running: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of running) if (child.exitCode === null && child.kill()) await once(child, 'exit');
  };
  try {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const listen = ['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint];
    const peer = ['--listen-peer-urls', 'http://127.0.0.1:0', '--unsafe-no-fsync'];
    running.push(spawn('etcd', ['--data-dir', join(work, 'etcd'), ...listen, ...peer], { stdio: 'ignore' }));
    (await untilAnswered(() => connectEtcd(endpoint, { timeoutSeconds: 10 }))).close();
    const { path: programs } = await obtain(await kubernetesRecipe(), { directory: defaultCacheDirectory() });
    const flags = [
      `--etcd-servers=${endpoint}`,
      `--secure-port=${port}`,
      ...(await certificateFlags(work, root)),
    ];
    running.push(spawn(join(programs, 'kube-apiserver'), flags, { stdio: 'ignore' }));
    const kubeconfig = await pointKubeconfig(root, port);
    const api = await connectKubernetes(localFiles, kubeconfig, { retrySeconds: 60 });
    for (let attempt = 0; !(await api.isReady()); attempt++) {
      if (attempt > 300) throw new Error('kube-apiserver did not become ready');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return {
      api,
      stop: async () => {
        api.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function certificateFlags(work: string, root: string): Promise<string[]> {
  const state = JSON.parse(
    await readFile(join(root, '.openshift_install_state.json'), 'utf8'),
  ) as Certificates;
  const serving = state['*tls.KubeAPIServerExternalLBServerCertKey'];
  const accounts = state['*tls.ServiceAccountKeyPair'].FileList.find(({ Filename }) =>
    Filename.endsWith('.key'),
  )!;
  const folder = join(work, 'certs');
  await mkdir(folder, { recursive: true });
  const put = async (name: string, base64: string): Promise<string> => {
    await writeFile(join(folder, name), Buffer.from(base64, 'base64'), { mode: 0o600 });
    return join(folder, name);
  };
  const key = await put('accounts.key', accounts.Data);
  return [
    ...['--bind-address=127.0.0.1', '--advertise-address=192.0.2.1', '--authorization-mode=RBAC'],
    `--tls-cert-file=${await put('serving.crt', serving.CertRaw)}`,
    `--tls-private-key-file=${await put('serving.key', serving.KeyRaw)}`,
    `--client-ca-file=${await put('admin-ca.crt', state['*tls.AdminKubeConfigCABundle'].BundleRaw)}`,
    ...[
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${key}`,
    ],
    `--service-account-key-file=${key}`,
    `--cert-dir=${folder}`,
  ];
}

/** Nothing resolves the name of the cluster's API here; its certificate is still checked against that name. */
async function pointKubeconfig(root: string, port: number): Promise<string> {
  const path = join(root, 'auth/kubeconfig');
  const text = await readFile(path, 'utf8');
  const server = /^(\s*)server: https:\/\/([\w.-]+):6443$/m;
  await writeFile(path, text.replace(server, `$1server: https://127.0.0.1:${port}\n$1tls-server-name: $2`));
  return path;
}

/** The resource definitions that installations are watched by, as small as the API server takes them. */
export function customResourceDefinition(
  kind: string,
  plural: string,
  group: string,
  version = 'v1',
): KubernetesObject {
  const isNamespaced = ['Route', 'BareMetalHost'].includes(kind);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: isNamespaced ? 'Namespaced' : 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}
