import type { ClusterFacts } from './facts.ts';

/** One line of the table "seed against clone"; the demo fails if any is not `ok`. */
export interface Row {
  readonly what: string;
  readonly seed: string;
  readonly clone: string;
  readonly expected: 'different' | 'same' | 'refused' | 'none' | 'there';
  readonly ok: boolean;
}

/** What the clone was asked to be. */
export interface WantedIdentity {
  readonly clusterName: string;
  readonly baseDomain: string;
  readonly hostname: string;
  readonly nodeIp: string;
  readonly clusterId: string;
}

/** Compares two clusters: names are the wanted ones, and no fingerprint of the seed is found anywhere in the clone. */
export function identityRows(seed: ClusterFacts, clone: ClusterFacts, wanted: WantedIdentity): Row[] {
  const domain = `${wanted.clusterName}.${wanted.baseDomain}`;
  return [
    wantedRow('API server', seed.apiServerUrl, clone.apiServerUrl, `https://api.${domain}:6443`),
    wantedRow('DNS base domain', seed.baseDomain, clone.baseDomain, domain),
    wantedRow('node name', seed.nodeName, clone.nodeName, wanted.hostname),
    wantedRow('node IP', seed.nodeIp, clone.nodeIp, wanted.nodeIp),
    wantedRow('cluster ID', seed.clusterId, clone.clusterId, wanted.clusterId),
    differentRow('infrastructure name', seed.infrastructureName, clone.infrastructureName),
    differentRow('machine-id', seed.machineId, clone.machineId),
    differentRow('etcd member ID', seed.etcdMemberId, clone.etcdMemberId),
    differentRow('etcd cluster ID', seed.etcdClusterId, clone.etcdClusterId),
    ...mapRows('signer', seed.signers, clone.signers),
    ...mapRows('leaf certificate', seed.leaves, clone.leaves),
    ...mapRows('service account key', seed.serviceAccountKeys, clone.serviceAccountKeys),
    ...mapRows('SSH host key', seed.sshHostKeys, clone.sshHostKeys),
  ];
}

export const differentRow = (what: string, seed: string, clone: string): Row => ({
  what,
  seed,
  clone,
  expected: 'different',
  ok: seed !== '' && clone !== '' && seed !== clone,
});

const wantedRow = (what: string, seed: string, clone: string, wanted: string): Row => ({
  ...differentRow(what, seed, clone),
  ok: clone === wanted && seed !== clone,
});

/** A place of the seed may be gone in the clone (it has another host name); no fingerprint of the seed may be left. */
function mapRows(what: string, seed: ReadonlyMap<string, string>, clone: ReadonlyMap<string, string>): Row[] {
  const ofSeed = new Set(seed.values());
  const rows: Row[] = [];
  for (const place of new Set([...seed.keys(), ...clone.keys()])) {
    const left = seed.get(place);
    const right = clone.get(place);
    const isOld = right !== undefined && ofSeed.has(right);
    rows.push({
      what: `${what} ${place}`,
      seed: left ?? '-',
      clone: right ?? '-',
      expected: 'different',
      ok: !isOld,
    });
  }
  if (seed.size === 0 || clone.size === 0) {
    rows.push({
      what,
      seed: `${seed.size} found`,
      clone: `${clone.size} found`,
      expected: 'different',
      ok: false,
    });
  }
  return rows;
}
