import { findIpFamily, findNetworkFamily } from '#api/addresses.ts';
import { IGNITION_VERSION, renderSparseIgnition } from '#api/ignition.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { warn } from '#base/logger.ts';
import type { GenerateContext } from '../../asset.ts';
import { bareMetalValues } from '../../bootstrap/bareMetalValues.ts';
import { bootstrapUnits } from '../../bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '../../bootstrap/bootstrapFacts.ts';
import type { TemplateValues } from '../../bootstrap/template.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import { type BootstrapValues, bootstrapMachineFiles } from './bootstrapMachineFiles.ts';

const NODE_IP = 'OPENSHIFT_INSTALL_BOOTSTRAP_NODE_IP';

/**
 * The JSON text of the Ignition config that makes a machine the bootstrap machine (spec/installer/06.3-06.5);
 * `inPlace` is given when the machine itself becomes the single node.
 */
export async function renderBootstrapConfig(
  values: BootstrapValues,
  inPlace: BootstrapFacts['inPlace'],
  context: GenerateContext,
): Promise<string> {
  const facts = await factsOf(values, inPlace, context);
  const sshKeys = [values.installConfig.config.sshKey, gatheringKey(values)];
  return renderSparseIgnition({
    ignition: { version: IGNITION_VERSION },
    passwd: { users: [{ name: 'core', sshAuthorizedKeys: sshKeys }] },
    storage: { files: bootstrapMachineFiles(values, facts, context) },
    systemd: { units: bootstrapUnits(facts, context.data) },
  });
}

/** The key with which the installer gathers logs. */
const gatheringKey = ({ bootstrapSSHKeyPair }: BootstrapValues): string =>
  Buffer.from(bootstrapSSHKeyPair.Pub, 'base64').toString('utf8').trimEnd();

async function factsOf(
  values: BootstrapValues,
  inPlace: BootstrapFacts['inPlace'],
  context: GenerateContext,
): Promise<BootstrapFacts> {
  const { config } = values.installConfig;
  const { Status: proxy } = values.proxyManifest;
  const clusterProfile = profileIn(context);
  const nodeIp = nodeIpIn(context);
  return {
    platform: platformOf(config),
    releaseImage: values.releaseImage.PullSpec,
    ...(clusterProfile !== undefined && { clusterProfile }),
    clusterDomain: clusterDomainOf(config),
    isServiceNetworkIPv6: findNetworkFamily(config.networking?.serviceNetwork[0] ?? '') === 6,
    ...(nodeIp !== undefined && { nodeIp }),
    ...(inPlace !== undefined && { inPlace }),
    isFips: config.fips,
    pullSecret: config.pullSecret,
    additionalTrustBundle: config.additionalTrustBundle,
    registryMirrors: mirrorsOf(config),
    ...(proxy !== null && { proxy }),
    platformValues: await platformValuesOf(values, context),
  };
}

async function platformValuesOf(
  { installConfig: { config }, ironicCredentials }: BootstrapValues,
  { passwords }: GenerateContext,
): Promise<TemplateValues> {
  const { baremetal } = config.platform;
  if (baremetal === undefined) return {};
  const { Username: username, Password: password, Salt: salt } = ironicCredentials;
  const passwordHash = await passwords.hash(password, Buffer.from(salt, 'base64'));
  return bareMetalValues({
    platform: baremetal,
    machineNetworks: (config.networking?.machineNetwork ?? []).map(({ cidr }) => cidr),
    controlPlaneReplicas: config.controlPlane?.replicas ?? 0,
    sshKey: config.sshKey,
    ironic: { username, password, passwordHash },
  });
}

/** The platform that the rules let through. */
function platformOf({ platform }: InstallConfig): BootstrapFacts['platform'] {
  if (platform.baremetal !== undefined) return 'baremetal';
  return platform.external === undefined ? 'none' : 'external';
}

/** Sources of both forms; of one that stands twice the mirrors come together. */
const mirrorsOf = ({
  imageDigestSources,
  imageContentSources,
}: InstallConfig): BootstrapFacts['registryMirrors'] =>
  [...imageDigestSources, ...imageContentSources].map(({ source, mirrors }) => ({
    location: source,
    mirrors,
  }));

function profileIn({ env, logger }: GenerateContext): string | undefined {
  const profile = env['OPENSHIFT_INSTALL_EXPERIMENTAL_CLUSTER_PROFILE'] ?? '';
  if (profile === '') return undefined;
  warn(logger, `Found override for Cluster Profile: "${profile}"`);
  return profile;
}

/** The address that the bootstrap machine's kubelet is to use, for machines that have several. */
function nodeIpIn({ env, logger }: GenerateContext): string | undefined {
  const address = env[NODE_IP] ?? '';
  if (address === '') return undefined;
  if (findIpFamily(address) !== undefined) return address;
  warn(logger, `${NODE_IP} must have valid ip address, given ${address}. Skipping it`);
  return undefined;
}
