import type { Manifest } from './manifests.ts';

/** One key a line; blank lines and comments are dropped. */
export const splitPublicKeys = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/**
 * The MachineConfigs that make the keys permanent, by role. Each key is an entry of its own: the original puts all
 * keys into one entry (lifecycle-agent 20, D22).
 */
export function sshMachineConfigs(text: string): Manifest[] {
  const publicKeys = splitPublicKeys(text);
  if (publicKeys.length === 0) return [];
  return ['master', 'worker'].map((role) => ({
    file: `99-${role}-ssh.json`,
    applyType: 'replace',
    object: {
      apiVersion: 'machineconfiguration.openshift.io/v1',
      kind: 'MachineConfig',
      metadata: {
        name: `99-${role}-ssh`,
        labels: { 'machineconfiguration.openshift.io/role': role },
      },
      spec: {
        config: {
          ignition: { version: '3.2.0' },
          passwd: { users: [{ name: 'core', sshAuthorizedKeys: publicKeys }] },
        },
      },
    },
  }));
}
