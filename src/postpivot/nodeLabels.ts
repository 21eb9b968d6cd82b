/** Labels that the kubelet and the operators own (lifecycle-agent 11.1, step 22). */
const OWNED = new Set([
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/worker',
  'node.openshift.io/os_id',
]);

export const labelsToSet = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !OWNED.has(key)));
