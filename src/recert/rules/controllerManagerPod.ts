import { itemNamed, itemsAt, replaceText } from '#formats/document.ts';
import { editData } from '#k8s/data.ts';
import type { Renames } from '../renames.ts';
import { clusterOf, editTextDocument, type FileRule, type ObjectRule, renamesCluster } from './rule.ts';

const CLUSTER_NAME = /--cluster-name=[^ ]+/;

function editPod(text: string, renames: Renames): string {
  return editTextDocument(text, (pod) => {
    const container = itemNamed(itemsAt(pod, 'spec', 'containers'), 'name', 'kube-controller-manager');
    const words = [...itemsAt(container, 'args'), ...itemsAt(container, 'command')];
    const word = words.find((candidate) => CLUSTER_NAME.test(candidate.text() ?? ''));
    replaceText(
      word,
      (word?.text() ?? '').replace(CLUSTER_NAME, `--cluster-name=${clusterOf(renames).infraId}`),
    );
  });
}

/** The controller manager tags what it makes with the infra ID. */
export const CONTROLLER_MANAGER_POD: ObjectRule = {
  name: 'controller-manager-pod',
  objects: ['configmaps/openshift-kube-controller-manager/kube-controller-manager-pod*'],
  isWanted: renamesCluster,
  edit: (configMap, { renames }) => editData(configMap, 'pod.yaml', (text) => editPod(text, renames)),
};

export const CONTROLLER_MANAGER_POD_FILE: FileRule = {
  name: 'controller-manager-pod-file',
  isWanted: renamesCluster,
  matches: (path) =>
    /\/(?:kube-controller-manager-pod\.yaml|kube-controller-manager-pod\/pod\.yaml)$/.test(path),
  edit: (text, { renames }) => editPod(text, renames),
};
