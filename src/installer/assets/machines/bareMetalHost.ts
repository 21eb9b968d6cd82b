import type { BareMetalHost } from '#api/bareMetalPlatform.ts';
import { CUSTOM_DEPLOY, type machineOf } from './machineObjects.ts';
import { bmcSecret, MACHINE_API_NAMESPACE, networkConfigSecret } from './secrets.ts';

/** The Machine that a host becomes, and the Secret with its pointer config. */
export interface HostConsumer {
  readonly machine: ReturnType<typeof machineOf>;
  readonly userData: string;
}

/**
 * The object that registers a host with the cluster (spec/installer/05.3). One that has no Machine yet is paused: it
 * must wait until the control plane runs.
 */
export function bareMetalHostOf(host: BareMetalHost, consumer?: HostConsumer) {
  const network = networkConfigSecret(host);
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: {
      creationTimestamp: null,
      name: host.name,
      namespace: MACHINE_API_NAMESPACE,
      ...(consumer
        ? { labels: { 'installer.openshift.io/role': 'control-plane' } }
        : { annotations: { 'baremetalhost.metal3.io/paused': '' } }),
    },
    spec: {
      bmc: bmcOf(host),
      online: true,
      ...given({
        bootMACAddress: host.bootMACAddress,
        bootMode: host.bootMode,
        hardwareProfile: profileOf(host),
      }),
      ...(host.rootDeviceHints && { rootDeviceHints: given(host.rootDeviceHints) }),
      ...(network && { preprovisioningNetworkDataName: network.metadata.name }),
      ...(consumer && consumedBy(consumer)),
    },
    status: NO_STATUS,
  };
}

/** The profile as the cluster's operator knows it: it never had the install-config's `default`. */
export const profileOf = ({ hardwareProfile }: BareMetalHost): string =>
  hardwareProfile === 'default' ? 'unknown' : hardwareProfile;

const consumedBy = ({ machine, userData }: HostConsumer) => ({
  consumerRef: {
    apiVersion: machine.apiVersion,
    kind: machine.kind,
    name: machine.metadata.name,
    namespace: machine.metadata.namespace,
  },
  customDeploy: CUSTOM_DEPLOY,
  userData: { name: userData },
});

/** Without credentials the controller can't be used, and upstream names none. */
function bmcOf(host: BareMetalHost) {
  const secret = bmcSecret(host);
  if (secret === undefined) return { address: '', credentialsName: '' };
  return {
    address: host.bmc.address,
    credentialsName: secret.metadata.name,
    ...(host.bmc.disableCertificateVerification && { disableCertificateVerification: true }),
  };
}

/** Members that say something: `''` and 0 stand for what was not given. */
const given = (members: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== '' && value !== 0 && value !== undefined),
  );

const NO_TIMES = { end: null, start: null };

/** What upstream's serialisation writes of a status that is not there. */
const NO_STATUS = {
  errorCount: 0,
  errorMessage: '',
  goodCredentials: {},
  hardwareProfile: '',
  operationHistory: { deprovision: NO_TIMES, inspect: NO_TIMES, provision: NO_TIMES, register: NO_TIMES },
  operationalStatus: '',
  poweredOn: false,
  provisioning: { ID: '', image: { url: '' }, state: '' },
  triedCredentials: {},
};
