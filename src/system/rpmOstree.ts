import { type RpmOstreeDeploymentFacts, renderRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import type { Host } from './host.ts';
import { deploymentName, type OstreeDeployment, ostree } from './ostree.ts';

/** The JSON of `rpm-ostree status -v --json`; made from what ostree knows where rpm-ostree is not installed. */
export async function rpmOstreeStatusJson(host: Host): Promise<string> {
  if (await host.has('rpm-ostree')) {
    return (await host.run(['rpm-ostree', 'status', '-v', '--json'])).stdout;
  }
  const deployments = await ostree(host).status();
  return renderRpmOstreeStatus(await Promise.all(deployments.map((d) => factsOf(host, d))));
}

const factsOf = async (host: Host, d: OstreeDeployment): Promise<RpmOstreeDeploymentFacts> => ({
  id: `${d.osname}-${deploymentName(d)}`,
  osname: d.osname,
  booted: d.booted,
  serial: d.serial,
  checksum: d.checksum,
  version: d.version,
  timestamp: await ostree(host).commitTime(d.checksum),
  staged: d.staged,
  origin: d.refspec,
});
