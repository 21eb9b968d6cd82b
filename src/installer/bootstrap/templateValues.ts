import { renderRegistriesConf } from '#formats/registriesConf.ts';
import type { BootstrapFacts } from './bootstrapFacts.ts';
import { proxyValues } from './proxyEnvironment.ts';
import { shellWord, type TemplateValues } from './template.ts';

/** Everything that templates of the bootstrap machine may name. Values for scripts are shell words, others are text. */
export const templateValues = (facts: BootstrapFacts): TemplateValues => ({
  ...scriptValues(facts),
  ...proxyValues(facts.proxy),
  additionalTrustBundle: facts.additionalTrustBundle,
  isFips: String(facts.isFips),
  pullSecret: facts.pullSecret,
  registries: renderRegistriesConf(facts.registryMirrors),
  ...facts.platformValues,
});

/** An empty word stands for what is not given. */
const scriptValues = (facts: BootstrapFacts): TemplateValues => ({
  apiUrl: shellWord(`https://api.${facts.clusterDomain}:6443`),
  apiIntUrl: shellWord(`https://api-int.${facts.clusterDomain}:6443`),
  clusterProfile: shellWord(facts.clusterProfile ?? ''),
  installationDisk: shellWord(facts.inPlace?.installationDisk ?? ''),
  isInPlace: shellWord(String(facts.inPlace !== undefined)),
  kubeletAddressFlags: kubeletAddressFlags(facts).map(shellWord).join(' '),
  releaseImage: shellWord(facts.releaseImage),
});

/** Without a given address kubelet finds out itself, but it has to be told when it shall look among those of IPv6. */
function kubeletAddressFlags({ nodeIp, isServiceNetworkIPv6 }: BootstrapFacts): string[] {
  if (nodeIp !== undefined) return [`--node-ip=${nodeIp}`, `--address=${nodeIp}`];
  return isServiceNetworkIPv6 ? ['--node-ip=::'] : [];
}
