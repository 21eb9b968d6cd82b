/** A row of the tables in spec/installer/03.5, which is what a rule can be missing for. */
export interface RuleRow {
  readonly id: string;
  readonly about: string;
}

const row = (id: string, about: string): RuleRow => ({ id, about });

/** All rows, so that rules can be counted against them. */
export const RULE_ROWS: readonly RuleRow[] = [
  row('1', 'a version is given'),
  row('2', 'the version can be read'),
  row('3', 'the SSH key is one'),
  row('3f', 'the SSH key is of a type that FIPS allows'),
  row('3g', 'FIPS is possible with this program'),
  row('4', 'the trust bundle is PEM certificates'),
  row('5', 'the policy of the trust bundle is known'),
  row('6', 'the cluster name fits DNS and the platform'),
  row('7', 'the base domain is a DNS name'),
  row('8', 'both together are not too long'),
  row('9', 'there is a networking section'),
  row('10', 'the network type can be installed'),
  row('11', 'machine networks are networks and apart from each other'),
  row('12', 'service networks are networks, large enough and apart'),
  row('13', 'cluster networks are networks, apart, with a fitting host prefix'),
  row('14', 'IP families are possible on the platform and in order'),
  row('15', 'an MTU is given on AWS only'),
  row('16', 'virtual IPs (03.5.2)'),
  row('17', 'the join subnet of OVN-Kubernetes is apart and large enough'),
  row('18', 'exactly one platform'),
  row('19', 'control plane: replicas, hyperthreading, architecture, platform'),
  row('20', 'fencing credentials: complete, unique, as many as needed'),
  row('21', 'arbiter: gate, platform, replicas'),
  row('22', 'compute pools: name, architecture, no fencing'),
  row('23', 'architectures exist in the release payload'),
  row('24', 'the pull secret has credentials'),
  row('25', 'proxy URLs and exceptions'),
  row('26', 'imageContentSources are repositories'),
  row('27', 'the publishing strategy is known'),
  row('28', 'imageDigestSources are repositories, and stand alone'),
  row('29', 'credentialsMode only where there are cloud credentials'),
  row('30', 'capabilities and their sets are known'),
  row('31', 'the publishing strategy is possible on the platform'),
  row('32', 'capabilities that need others or that the platform needs'),
  row('33', 'feature set and feature gates'),
  row('bm-provisioning-network', 'bare metal: kind and addresses of the provisioning network'),
  row('bm-hosts', 'bare metal: hosts are complete, unique and enough'),
  row('bm-load-balancer', 'bare metal: type of the load balancer'),
  row('bm-network-config', 'bare metal: the network configuration of a host is one that nmstate can read'),
  row('bm-create-cluster', 'bare metal: what is checked only when hosts are really provisioned'),
  row('bip', 'bootstrap in place (03.5.4)'),
];
