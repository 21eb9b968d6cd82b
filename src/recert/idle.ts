import { editNestedText } from '#formats/nestedText.ts';
import { dataKeys } from '#k8s/data.ts';
import { isSealed } from '#k8s/encryption.ts';
import { editLeaves } from '#k8s/leaves.ts';
import { parseResource, type Resource } from '#k8s/resource.ts';
import type { EtcdKeyValue } from '#system/etcd.ts';
import { objectPath } from './objectPath.ts';
import { isKubeconfigKey } from './rules/kubeconfigs.ts';

/** A Secret outside the namespaces of the platform, where rules look for nothing but kubeconfigs. */
const OF_A_WORKLOAD = /^secrets\/(?!openshift[-/]|kube-|default\/)/;

/**
 * True for a workload's Secret in which no run finds anything to do. Workloads may keep gigabytes of such (Helm
 * releases, for example), too much to hold in memory.
 */
export function isIdle({ key, value }: EtcdKeyValue): boolean {
  if (!OF_A_WORKLOAD.test(objectPath(key)) || isSealed(value)) return false;
  if (value.includes('-----BEGIN ')) return false;
  const secret = parseResource(key, value);
  return !holdsCrypto(secret) && !dataKeys(secret).some(isKubeconfigKey);
}

function holdsCrypto(resource: Resource): boolean {
  let found = false;
  const note = (): undefined => {
    found = true;
  };
  editLeaves(resource, (leaf) => editNestedText(leaf, { pem: note, jwt: note, defect: note }));
  return found;
}
