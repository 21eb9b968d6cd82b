import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { invalid, unsupported } from './fieldErrors.ts';
import { platformNameOf } from './platformRules.ts';

const STRATEGIES = ['External', 'Internal', 'Mixed'];
const OPERATOR_STRATEGIES = ['External', 'Internal'];
const WITH_INTERNAL = ['aws', 'azure', 'gcp', 'ibmcloud', 'powervs'];
const WITH_MIXED = ['azure', 'gcp'];

export const publishNameProblems = ({ publish }: InstallConfig): Problem[] =>
  STRATEGIES.includes(publish) ? [] : [unsupported('publish', publish, STRATEGIES)];

/** Which platforms can keep endpoints inside, and which can do so for some of them only. */
export function publishPlatformProblems(config: InstallConfig): Problem[] {
  const { publish, operatorPublishingStrategy } = config;
  const platform = platformNameOf(config);
  const found: Problem[] = [];
  if (publish === 'Internal' && !WITH_INTERNAL.includes(platform)) {
    const detail = `Internal publish strategy is not supported on "${platform}" platform`;
    found.push(invalid('publish', publish, detail));
  }
  if (publish === 'Mixed' && !WITH_MIXED.includes(platform)) {
    const detail = `mixed publish strategy is not supported on "${platform}" platform`;
    found.push(invalid('publish', publish, detail));
  }
  if (publish === 'Mixed' && operatorPublishingStrategy === undefined) {
    const detail = 'please specify the operator publishing strategy for mixed publish strategy';
    found.push(invalid('publish', publish, detail));
  }
  return found;
}

/** Upstream's paths of the two members lack their parent. */
export function operatorPublishingProblems(config: InstallConfig): Problem[] {
  const { publish, operatorPublishingStrategy: strategy } = config;
  if (strategy === undefined) return [];
  const found: Problem[] = [];
  if (publish !== 'Mixed') {
    const detail = 'operator publishing strategy is only allowed with mixed publishing strategy installs';
    found.push(invalid('operatorPublishingStrategy', publish, detail));
  }
  for (const member of ['ingress', 'apiserver'] as const) {
    if (strategy[member] === '' || OPERATOR_STRATEGIES.includes(strategy[member])) continue;
    found.push(unsupported(member, strategy[member], OPERATOR_STRATEGIES));
  }
  return found;
}
