import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { arbiterProblems } from './arbiterRules.ts';
import {
  hostProblems,
  type Installation,
  loadBalancerProblems,
  provisioningNetworkProblems,
} from './bareMetalRules.ts';
import { bootstrapInPlaceProblems } from './bootstrapInPlaceRules.ts';
import { capabilityDependencyProblems, capabilityNameProblems } from './capabilityRules.ts';
import { featureGateProblems, featureSetProblems, fencingGateProblems } from './featureRules.ts';
import { fencingProblems } from './fencingRules.ts';
import {
  credentialsModeProblems,
  fipsProblems,
  nameProblems,
  pullSecretProblems,
  sshKeyProblems,
  trustBundlePolicyProblems,
  trustBundleProblems,
} from './generalRules.ts';
import { contentSourceProblems, digestSourceProblems } from './imageSourceRules.ts';
import { joinSubnetProblems } from './joinSubnetRules.ts';
import { computeProblems, controlPlaneProblems, releaseArchitectureProblems } from './machinePoolRules.ts';
import { hostNetworkProblems } from './networkConfigRules.ts';
import { mtuProblems, networkingProblems } from './networkRules.ts';
import { platformProblems } from './platformRules.ts';
import { provisioningProblems } from './provisioningRules.ts';
import { proxyProblems } from './proxyRules.ts';
import { operatorPublishingProblems, publishNameProblems, publishPlatformProblems } from './publishRules.ts';
import { validateConversion } from './upconvert.ts';
import { vipProblems } from './vipRules.ts';

/** One rule of spec/installer/03.5; `rows` are the rows of its tables that the rule stands for. */
export interface InstallConfigRule {
  readonly name: string;
  readonly rows: readonly string[];
  /** `conversion` runs before the config is converted, the others on the converted and defaulted one. */
  readonly target: 'conversion' | 'all' | 'single-node-ignition-config' | 'cluster';
  /** Every problem with what the rule is about; never throws. */
  find(config: InstallConfig, installation: Installation): readonly Problem[];
}

const rule = (name: string, rows: string, find: InstallConfigRule['find']): InstallConfigRule => ({
  name,
  rows: rows.split(' '),
  target: 'all',
  find,
});

/** In upstream's order. */
export const INSTALL_CONFIG_RULES: readonly InstallConfigRule[] = [
  { ...rule('version', '1 2', validateConversion), target: 'conversion' },
  rule('ssh-key', '3 3f', sshKeyProblems),
  rule('fips', '3g', fipsProblems),
  rule('trust-bundle', '4', trustBundleProblems),
  rule('trust-bundle-policy', '5', trustBundlePolicyProblems),
  rule('names', '6 7 8', nameProblems),
  rule('networking', '9 10 11 12 13 14', networkingProblems),
  rule('mtu', '15', mtuProblems),
  rule('vips', '16', vipProblems),
  rule('join-subnet', '17', joinSubnetProblems),
  rule('platform', '18', platformProblems),
  rule('provisioning-network', 'bm-provisioning-network', provisioningNetworkProblems),
  rule('hosts', 'bm-hosts', hostProblems),
  rule('host-networks', 'bm-network-config', hostNetworkProblems),
  rule('load-balancer', 'bm-load-balancer', loadBalancerProblems),
  rule('control-plane', '19', controlPlaneProblems),
  rule('fencing', '20', fencingProblems),
  rule('arbiter', '21', arbiterProblems),
  rule('compute', '22', computeProblems),
  rule('release-architecture', '23', releaseArchitectureProblems),
  rule('pull-secret', '24', pullSecretProblems),
  rule('proxy', '25', proxyProblems),
  rule('image-content-sources', '26', contentSourceProblems),
  rule('publish', '27', publishNameProblems),
  rule('image-digest-sources', '28', digestSourceProblems),
  rule('credentials-mode', '29', credentialsModeProblems),
  rule('capability-names', '30', capabilityNameProblems),
  rule('publish-platform', '31', publishPlatformProblems),
  rule('operator-publishing', '31', operatorPublishingProblems),
  rule('capability-dependencies', '32', capabilityDependencyProblems),
  rule('feature-set', '33', featureSetProblems),
  rule('feature-gates', '33', featureGateProblems),
  rule('fencing-gate', '33', fencingGateProblems),
  {
    ...rule('bootstrap-in-place', 'bip', bootstrapInPlaceProblems),
    target: 'single-node-ignition-config',
  },
  { ...rule('provisioning', 'bm-create-cluster', provisioningProblems), target: 'cluster' },
];
