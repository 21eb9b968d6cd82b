import { createPrivateKey, X509Certificate } from 'node:crypto';
import { findIpFamily, findNetworkFamily } from '#api/addresses.ts';
import { parseSeedClusterInfo, type SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { parseSeedReconfiguration, type SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { Failure } from '#base/failure.ts';
import { errorsOf, type Problem, problem, type Report, renderProblem, warning } from '#base/report.ts';
import { type NmConnection, renderNmstate } from '#formats/nmstate.ts';
import { type ConfigurationTree, filesIn } from './configurationTree.ts';
import { type Manifest, parseManifests } from './manifests.ts';
import { CONFIGURATION, EXTRA_MANIFESTS, MANIFESTS, SEED_MANIFEST, SYSTEM_CONNECTIONS } from './paths.ts';

/** What of the host decides whether a configuration is usable on it. */
export interface HostFacts {
  /** The name that the operating system has now. */
  readonly hostname: string;
  readonly hasNmstate: boolean;
}

/** A configuration that is known to be good, taken apart. */
export interface Configuration {
  readonly tree: ConfigurationTree;
  readonly seed: SeedClusterInfo;
  readonly target: SeedReconfiguration;
  readonly hostname: string;
  /** Applied in this order: the cluster's own manifests, then the extra ones. */
  readonly manifests: readonly Manifest[];
  readonly extraManifests: readonly Manifest[];
  readonly connections: readonly NmConnection[];
  readonly warnings: Report;
}

/**
 * Everything that can be wrong, found before anything is changed: the original finds most of it after SSH keys, network
 * and names are the new ones already, or when the cluster runs (lifecycle-agent 20, D8 and D9).
 * Failure `postpivot/configuration-invalid` that lists every problem with its file.
 */
export function validateConfiguration(
  tree: ConfigurationTree,
  seedText: string,
  host: HostFacts,
): Configuration {
  const problems: Problem[] = [];
  const inFile = (file: string, report: Report): void => {
    problems.push(...report.map((p) => ({ ...p, path: p.path === '' ? file : `${file}: ${p.path}` })));
  };
  const seed = parseSeedClusterInfo(seedText);
  const target = parseSeedReconfiguration(tree.get(CONFIGURATION)?.toString('utf8') ?? '');
  const manifests = readManifests(tree, MANIFESTS, inFile);
  const extraManifests = readManifests(tree, EXTRA_MANIFESTS, inFile);
  inFile(SEED_MANIFEST, seed.report);
  if (!tree.has(CONFIGURATION)) inFile(CONFIGURATION, [problem('', 'is missing')]);
  else inFile(CONFIGURATION, target.report);
  if (!seed.ok || !target.ok) throw invalid(problems);
  inFile(CONFIGURATION, [
    ...fitProblems(seed.value, target.value),
    ...materialProblems(target.value),
    ...hostnameProblems(target.value, host),
  ]);
  const connections = readConnections(tree, target.value, host, inFile);
  if (errorsOf(problems).length > 0) throw invalid(problems);
  return {
    tree,
    seed: seed.value,
    target: target.value,
    hostname: target.value.hostname || host.hostname,
    manifests,
    extraManifests,
    connections,
    warnings: problems,
  };
}

type AddReport = (file: string, report: Report) => void;

function readManifests(tree: ConfigurationTree, directory: string, add: AddReport): Manifest[] {
  return filesIn(tree, directory).flatMap(([name, content]) => {
    const file = `${directory}/${name}`;
    if (name.includes('/')) {
      add(file, [problem('', 'lies in a folder; manifests must lie side by side')]);
      return [];
    }
    const result = parseManifests(file, content.toString('utf8'));
    add(file, result.report);
    return result.ok ? result.value : [];
  });
}

/** Files of the volume first, as they are; an nmstate document is rendered only where nmstatectl can't apply it. */
function readConnections(
  tree: ConfigurationTree,
  target: SeedReconfiguration,
  host: HostFacts,
  add: AddReport,
): NmConnection[] {
  const given = filesIn(tree, SYSTEM_CONNECTIONS).map(([fileName, content]) => ({
    fileName,
    text: content.toString('utf8'),
  }));
  if (target.raw_nm_state_config === '' || host.hasNmstate) return given;
  const rendered = renderNmstate(target.raw_nm_state_config);
  add(
    CONFIGURATION,
    rendered.report.map((p) => ({ ...p, path: `raw_nm_state_config${p.path === '' ? '' : `.${p.path}`}` })),
  );
  return rendered.ok ? [...given, ...rendered.value] : given;
}

/** What the target asks for must fit what the seed was made with (lifecycle-agent 11.2, 11.3, 19). */
function fitProblems(seed: SeedClusterInfo, target: SeedReconfiguration): Problem[] {
  const found: Problem[] = [];
  if ((target.proxy !== undefined) !== seed.has_proxy) {
    const [has, wants] = seed.has_proxy ? ['has a proxy', 'has none'] : ['has no proxy', 'has one'];
    found.push(problem('proxy', `the seed ${has} and this configuration ${wants}: both or neither`));
  }
  const seedFamilies = seed.node_ips.map(findIpFamily);
  const differs = (families: readonly (number | undefined)[]): boolean =>
    families.join() !== seedFamilies.join();
  if (target.machine_networks.length === 0)
    found.push(problem('machine_networks', 'one network for each node IP must be given'));
  else if (differs(target.machine_networks.map(findNetworkFamily)))
    found.push(
      problem('machine_networks', `the seed has node IPs of the families ${familyText(seedFamilies)}`),
    );
  if (target.node_ips.length > 0 && differs(target.node_ips.map(findIpFamily)))
    found.push(problem('node_ips', `the seed has node IPs of the families ${familyText(seedFamilies)}`));
  if (seed.additionalTrustBundle !== null) {
    const wantsBundle = target.additionalTrustBundle.userCaBundle !== '';
    if (wantsBundle && !seed.additionalTrustBundle.hasUserCaBundle)
      found.push(problem('additionalTrustBundle.userCaBundle', 'the seed has no user CA bundle to replace'));
    if (!wantsBundle && seed.additionalTrustBundle.hasUserCaBundle)
      found.push(
        warning('additionalTrustBundle.userCaBundle', "is not given: the seed's user CA bundle stays"),
      );
  }
  return found;
}

const familyText = (families: readonly (number | undefined)[]): string =>
  `(${families.map((family) => `IPv${family}`).join(', ')}), in this order`;

function hostnameProblems(target: SeedReconfiguration, host: HostFacts): Problem[] {
  if (target.hostname !== '' || (host.hostname !== 'localhost' && host.hostname !== '')) return [];
  return [problem('hostname', 'is not given and this host has no name of its own ("localhost")')];
}

/** Keys and certificates must be what they are called; nothing of them is ever quoted. */
function materialProblems(target: SeedReconfiguration): Problem[] {
  const { ServingCrypto, ClientAuthCrypto } = target.KubeconfigCryptoRetention.KubeAPICrypto;
  const serving = 'KubeconfigCryptoRetention.KubeAPICrypto.ServingCrypto';
  const keys: [string, string][] = [
    ...Object.entries(ServingCrypto).map(([key, pem]): [string, string] => [`${serving}.${key}`, pem]),
    [
      'KubeconfigCryptoRetention.IngresssCrypto.ingress_ca',
      target.KubeconfigCryptoRetention.IngresssCrypto.ingress_ca,
    ],
  ];
  const certificates: [string, string][] = [
    [
      'KubeconfigCryptoRetention.KubeAPICrypto.ClientAuthCrypto.admin_ca_certificate',
      ClientAuthCrypto.admin_ca_certificate,
    ],
    ['additionalTrustBundle.userCaBundle', target.additionalTrustBundle.userCaBundle],
    ['additionalTrustBundle.proxyConfigmapBundle', target.additionalTrustBundle.proxyConfigmapBundle],
  ];
  return [
    ...keys
      .filter(([, pem]) => pem.trim() !== '' && !isPrivateKey(pem))
      .map(([path]) => problem(path, 'is not a private key in PEM')),
    ...certificates
      .filter(([, pem]) => pem.trim() !== '' && !isCertificates(pem))
      .map(([path]) => problem(path, 'is not a certificate in PEM')),
    ...target.server_ssh_keys
      .map((key, index) => ({ key, path: `server_ssh_keys[${index}].file_content` }))
      .filter(({ key }) => key.file_content.trim() === '')
      .map(({ path }) => problem(path, 'is empty')),
  ];
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}

function isCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0);
  } catch {
    return false;
  }
}

/** Fields that were ignored are told too: a misspelled one is often why another is missing. */
function invalid(problems: readonly Problem[]): Failure {
  const errors = errorsOf(problems);
  const others = problems.filter((p) => !errors.includes(p)).map(renderProblem);
  const also = others.length === 0 ? '' : ` (also: ${others.join('; ')})`;
  return new Failure({
    code: 'postpivot/configuration-invalid',
    message: `the configuration can not be used: ${errors.map(renderProblem).join('; ')}${also}`,
    hint: 'nothing on this host was changed; correct the configuration, make the ISO anew and attach it: it is read again',
    facts: { problems: errors },
  });
}
