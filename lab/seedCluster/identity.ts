import { Failure } from '#base/failure.ts';
import { LAB_REGISTRY } from '#lab/network.ts';

/** The images of the lab's registry that a cluster runs, by short name. */
const LAB_IMAGES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'pause',
  'web',
] as const;

type LabImage = (typeof LAB_IMAGES)[number];

/** Short name to pull spec. */
export type LabImages = Readonly<Record<LabImage, string>>;

/** Everything that tells one seed cluster from another. */
export interface SeedIdentity {
  readonly clusterName: string;
  readonly baseDomain: string;
  readonly hostname: string;
  readonly nodeIp: string;
  /** CIDR of the network that `nodeIp` lies in. */
  readonly machineNetwork: string;
  readonly gateway: string;
  /** `<cluster name>-<five characters>`, as the installer forms it. */
  readonly infraID: string;
  /** UUID of the ClusterVersion. */
  readonly clusterID: string;
  /** What ClusterVersion claims to run; the stateroot of an installation is named after it. */
  readonly releaseVersion: string;
  readonly images: LabImages;
  /** Public key of the user `core`, in authorized_keys form. */
  readonly sshPublicKey: string;
}

export const CLUSTER_NETWORK = '10.128.0.0/14';
export const SERVICE_NETWORK = '172.30.0.0/16';
/** First address of the service network: Service default/kubernetes. */
export const KUBERNETES_SERVICE_IP = '172.30.0.1';
export const DNS_SERVICE_IP = '172.30.0.10';
export const API_PORT = 6443;

/** Number of the static pods' revision: the suffix of `kube-apiserver-pod-3` and of the revisioned objects. */
export const REVISION = 3;

export const clusterDomain = (identity: SeedIdentity): string =>
  `${identity.clusterName}.${identity.baseDomain}`;
export const apiName = (identity: SeedIdentity): string => `api.${clusterDomain(identity)}`;
export const apiIntName = (identity: SeedIdentity): string => `api-int.${clusterDomain(identity)}`;
export const appsDomain = (identity: SeedIdentity): string => `apps.${clusterDomain(identity)}`;
export const apiUrl = (identity: SeedIdentity): string => `https://${apiName(identity)}:${API_PORT}`;
export const apiIntUrl = (identity: SeedIdentity): string => `https://${apiIntName(identity)}:${API_PORT}`;

/** Length of the machine network's prefix, for `address/length` notations. */
export const prefixLength = (identity: SeedIdentity): string => identity.machineNetwork.split('/')[1] ?? '32';

/**
 * The images that a cluster runs, out of the pull specs of all that the registry serves.
 * Failure `lab/image-missing`.
 */
export function labImages(pullSpecs: readonly string[]): LabImages {
  const shortName = (spec: string) => spec.slice(spec.lastIndexOf('/') + 1).split(':')[0];
  const found = LAB_IMAGES.map((image) => {
    const spec = pullSpecs.find((candidate) => shortName(candidate) === image);
    if (spec === undefined) {
      throw new Failure({ code: 'lab/image-missing', message: `the lab's registry has no image "${image}"` });
    }
    return [image, spec] as const;
  });
  return Object.fromEntries(found) as Record<LabImage, string>;
}

/** The cluster's pull secret: one registry and throw-away credentials (the lab's registry asks for none). */
export function pullSecret(): string {
  const auth = Buffer.from('lab:lab').toString('base64');
  return JSON.stringify({ auths: { [LAB_REGISTRY.name]: { auth } } });
}
