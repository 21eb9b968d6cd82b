import { accessRows, type Side } from '../comparison/accessRows.ts';
import { credentialsOfKubeconfig } from '../comparison/apiAccess.ts';
import type { ClusterFacts } from '../comparison/facts.ts';
import { identityRows, type Row, type WantedIdentity } from '../comparison/rows.ts';
import type { Lab } from '../lab.ts';
import { runningMachine } from '../machines.ts';
import { networkHost } from '../networkHost.ts';
import { apiName } from '../seedCluster/identity.ts';
import { Kubectl } from '../seedCluster/kubectl.ts';
import { showsValues, workloadUrl } from '../seedCluster/workload.ts';
import { adminKubeconfig, SEED, type SeedRecord } from '../seedRecord.ts';
import { SITE_CONFIG_MAP } from '../wantedClone.ts';
import type { ConfigImage } from './configure.ts';

export interface Comparison {
  readonly record: SeedRecord;
  readonly wanted: WantedIdentity;
  readonly configuration: ConfigImage;
  readonly seedFacts: ClusterFacts;
  readonly cloneFacts: ClusterFacts;
}

/** Everything that must differ differs, the user's workload is the same, and no credential works on the other side. */
export async function compareClusters(lab: Lab, comparison: Comparison): Promise<Row[]> {
  const { record, wanted, configuration, seedFacts, cloneFacts } = comparison;
  const { files } = lab.host;
  const seed: Side = {
    server: { ip: record.identity.nodeIp, name: apiName(record.identity) },
    kubeconfig: credentialsOfKubeconfig(await files.readText(adminKubeconfig(lab, SEED))),
    tokens: seedFacts.tokens,
    freshToken: seedFacts.freshToken,
  };
  const clone: Side = {
    server: { ip: wanted.nodeIp, name: `api.${wanted.clusterName}.${wanted.baseDomain}` },
    kubeconfig: credentialsOfKubeconfig(await files.readText(configuration.kubeconfig)),
    tokens: cloneFacts.tokens,
    freshToken: cloneFacts.freshToken,
  };
  const work = `${lab.folder}/work/compare-${wanted.clusterName}`;
  try {
    return [
      ...identityRows(seedFacts, cloneFacts, wanted),
      await workloadRow(lab, record, wanted),
      ...(await siteRows(lab, wanted, configuration.trustBundle)),
      ...(await accessRows(networkHost(lab), work, { seed, clone })),
    ];
  } finally {
    await files.remove(work);
  }
}

async function workloadRow(
  lab: Lab,
  { identity, workload }: SeedRecord,
  wanted: WantedIdentity,
): Promise<Row> {
  const describe = async (ip: string): Promise<string> => {
    const { stdout } = await networkHost(lab).run(['curl', '--silent', '--fail', workloadUrl(ip, workload)]);
    return showsValues(stdout, workload) ? 'answers with its Secret and ConfigMap' : 'answers something else';
  };
  const [seed, clone] = await Promise.all([describe(identity.nodeIp), describe(wanted.nodeIp)]);
  const ok = seed === clone && seed.startsWith('answers with');
  return { what: "user's workload", seed, clone, expected: 'same', ok };
}

/** What only the site's own configuration can have brought: its extra manifest, and the authority it trusts. */
async function siteRows(lab: Lab, wanted: WantedIdentity, trustBundle: string): Promise<Row[]> {
  const kubectl = new Kubectl((await runningMachine(lab, wanted.clusterName)).host);
  const dataOf = async (name: string, namespace: string): Promise<Record<string, string>> => {
    const { stdout } = await kubectl.run([
      'get',
      'configmap',
      name,
      `--namespace=${namespace}`,
      '--output=json',
    ]);
    return (JSON.parse(stdout) as { data?: Record<string, string> }).data ?? {};
  };
  const manifest = (await dataOf(SITE_CONFIG_MAP.name, SITE_CONFIG_MAP.namespace))['site'];
  const bundle = (await dataOf('user-ca-bundle', 'openshift-config'))['ca-bundle.crt'];
  const row = (what: string, found: boolean): Row => ({
    what,
    seed: '-',
    clone: found ? 'there' : 'missing',
    expected: 'there',
    ok: found,
  });
  return [
    row("site's extra manifest", manifest === wanted.hostname),
    row("site's trust bundle", bundle?.trim() === trustBundle.trim()),
  ];
}
