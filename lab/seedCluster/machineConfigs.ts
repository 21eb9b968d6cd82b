import { createHash } from 'node:crypto';
import { type AssetTree, publicFile, secretFile } from './assets.ts';
import { bundle, externalBundle } from './bundles.ts';
import { pullSecret, type SeedIdentity } from './identity.ts';
import { apiserverUrlEnv, kubeletConfiguration } from './kubernetesFiles.ts';
import type { KubeObject } from './objects/kubeObject.ts';
import { base64 } from './objects/kubeObject.ts';
import type { SeedPki } from './pki.ts';

const API = 'machineconfiguration.openshift.io/v1';

/** Kubernetes 1.20 was made for control groups of version 1; an installation takes the arguments from here. */
const CGROUPS_V1 = ['systemd.unified_cgroup_hierarchy=0', 'systemd.legacy_systemd_cgroup_controller=1'];

interface IgnitionFile {
  readonly path: string;
  readonly mode: number;
  readonly overwrite: true;
  readonly contents: { readonly source: string };
}

/** The MachineConfigs of the pool `master`: the parts and, last, what the operator renders from them. */
export interface MachineConfigs {
  readonly parts: readonly KubeObject[];
  readonly rendered: KubeObject;
}

export function machineConfigs(identity: SeedIdentity, pki: SeedPki): MachineConfigs {
  const sshUser = { name: 'core', sshAuthorizedKeys: [identity.sshPublicKey] };
  const kubeletFiles = [
    file('/etc/kubernetes/kubelet.conf', JSON.stringify(kubeletConfiguration(), null, 2)),
    file('/etc/kubernetes/kubelet-ca.crt', bundle(pki, 'client')),
  ];
  const platformFiles = [
    file('/etc/kubernetes/ca.crt', bundle(pki, 'root')),
    file('/etc/kubernetes/apiserver-url.env', apiserverUrlEnv(identity)),
    file('/var/lib/kubelet/config.json', pullSecret(), 0o600),
    file('/etc/default/sno_dnsmasq_defaults', dnsmasqDefaults(identity)),
    file('/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt', externalBundle(pki)),
  ];
  const parts = [
    machineConfig('00-master', { files: platformFiles, kernelArguments: CGROUPS_V1 }),
    machineConfig('01-master-kubelet', { files: kubeletFiles }),
    machineConfig('99-master-ssh', { users: [sshUser] }),
  ];
  const files = [...platformFiles, ...kubeletFiles];
  const content = { files, users: [sshUser], kernelArguments: CGROUPS_V1 };
  const digest = createHash('md5').update(JSON.stringify(content)).digest('hex');
  return { parts, rendered: machineConfig(`rendered-master-${digest}`, content) };
}

/** The names that dnsmasq answers, until a node is configured with names of its own. */
export function dnsmasqDefaults(identity: SeedIdentity): string {
  return [
    `SNO_CLUSTER_NAME_OVERRIDE=${identity.clusterName}`,
    `SNO_BASE_DOMAIN_OVERRIDE=${identity.baseDomain}`,
    `SNO_DNSMASQ_IP_OVERRIDE=${identity.nodeIp}`,
    '',
  ].join('\n');
}

/** What the machine-config daemon and server leave on the node. */
export function machineConfigFiles({ rendered }: MachineConfigs): AssetTree {
  const annotations = nodeAnnotations(rendered.metadata.name);
  return new Map([
    // They hold the pull secret.
    ['/etc/machine-config-daemon/currentconfig', secretFile(JSON.stringify(rendered))],
    ['/etc/mcs-machine-config-content.json', secretFile(JSON.stringify(rendered))],
    ['/etc/machine-config-daemon/node-annotations.json', publicFile(JSON.stringify(annotations))],
  ]);
}

/** By these the operator knows that the node runs its pool's configuration. */
export function nodeAnnotations(rendered: string): Record<string, string> {
  return {
    'machineconfiguration.openshift.io/currentConfig': rendered,
    'machineconfiguration.openshift.io/desiredConfig': rendered,
    'machineconfiguration.openshift.io/reason': '',
    'machineconfiguration.openshift.io/state': 'Done',
  };
}

interface MachineConfigContent {
  readonly files?: readonly IgnitionFile[];
  readonly users?: readonly unknown[];
  readonly kernelArguments?: readonly string[];
}

function machineConfig(name: string, content: MachineConfigContent): KubeObject {
  return {
    apiVersion: API,
    kind: 'MachineConfig',
    metadata: { name, labels: { 'machineconfiguration.openshift.io/role': 'master' } },
    spec: {
      config: {
        ignition: { version: '3.2.0' },
        ...(content.users && { passwd: { users: content.users } }),
        ...(content.files && { storage: { files: content.files } }),
      },
      extensions: [],
      fips: false,
      kernelArguments: content.kernelArguments ?? [],
      kernelType: 'default',
      osImageURL: '',
    },
  };
}

const file = (path: string, text: string, mode = 0o644): IgnitionFile => ({
  path,
  mode,
  overwrite: true,
  contents: { source: `data:text/plain;charset=utf-8;base64,${base64(text)}` },
});
