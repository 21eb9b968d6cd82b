import type { BareMetalHost } from '#api/bareMetalPlatform.ts';
import type { FencingCredential } from '#api/installConfig.ts';
import { type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { type MachineRole, userDataPath } from './machineFiles.ts';

/** Where Machines, their hosts and what belongs to them live. */
export const MACHINE_API_NAMESPACE = 'openshift-machine-api';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

const secretOf = (namespace: string, name: string, texts: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { creationTimestamp: null, name, namespace },
  data: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)])),
});

/** The Secret with the pointer config that machines of a role boot with. */
export const userDataFile = (role: MachineRole, name: string, pointer: StateFileEntry): StateFileEntry =>
  stateFileEntry(
    userDataPath(role),
    renderManifest({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: MACHINE_API_NAMESPACE },
      type: 'Opaque',
      // The pointer is no template; its readers tell by this text, newline included.
      data: { disableTemplating: base64('true\n'), userData: pointer.Data },
    }),
  );

/** How the host's board controller is logged in to; undefined where the user gave no credentials. */
export const bmcSecret = ({ name, bmc }: BareMetalHost) =>
  bmc.username === '' || bmc.password === ''
    ? undefined
    : secretOf(MACHINE_API_NAMESPACE, `${name}-bmc-secret`, {
        username: bmc.username,
        password: bmc.password,
      });

/** The host's network settings, for the system that inspects it; undefined without any. */
export const networkConfigSecret = ({ name, networkConfig }: BareMetalHost) =>
  networkConfig === undefined
    ? undefined
    : secretOf(MACHINE_API_NAMESPACE, `${name}-network-config-secret`, {
        nmstate: renderManifest(networkConfig),
      });

/** How one node of a two-node cluster switches the other one off. */
export const fencingSecret = ({ hostName, ...credential }: FencingCredential) =>
  secretOf('openshift-etcd', `fencing-credentials-${hostName}`, {
    username: credential.username,
    password: credential.password,
    address: credential.address,
    certificateVerification: credential.certificateVerification,
  });
