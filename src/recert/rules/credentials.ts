import { setData } from '#k8s/data.ts';
import { carriedFileRules } from './machineConfigFile.ts';
import { baseName, type FileRule, type ObjectRule } from './rule.ts';

/** The administrator's password; the console accepts none that is younger than the cluster, so it is never created. */
export const KUBEADMIN: ObjectRule = {
  name: 'kubeadmin-password',
  objects: ['secrets/kube-system/kubeadmin'],
  isUsual: true,
  isWanted: (renames) => renames.kubeadminPasswordHash !== undefined,
  edit: (secret, { renames }) => {
    const hash = renames.kubeadminPasswordHash ?? '';
    return hash === '' ? undefined : setData(secret, 'kubeadmin', hash);
  },
};

const replacesPullSecret: ObjectRule['isWanted'] = (renames) => renames.pullSecret !== undefined;

export const PULL_SECRET: ObjectRule = {
  name: 'pull-secret',
  objects: ['secrets/openshift-config/pull-secret'],
  isUsual: true,
  isWanted: replacesPullSecret,
  edit: (secret, { renames }) => setData(secret, '.dockerconfigjson', renames.pullSecret ?? ''),
};

export const PULL_SECRET_CARRIED = carriedFileRules({
  name: 'pull-secret',
  path: '/var/lib/kubelet/config.json',
  isWanted: replacesPullSecret,
  edit: (_text, { renames }) => renames.pullSecret ?? '',
});

/** The kubelet's own copy; other files of that name are none of ours. */
export const PULL_SECRET_FILE: FileRule = {
  name: 'pull-secret-file',
  isWanted: replacesPullSecret,
  matches: (path) => baseName(path) === 'config.json' && path.split('/').at(-2) === 'kubelet',
  edit: (_text, { renames }) => renames.pullSecret ?? '',
};
