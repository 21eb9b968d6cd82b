import { SCREEN } from '#api/units.ts';
import { info } from '#base/logger.ts';
import {
  INTERVENTIONS,
  KUBECONFIG_CRYPTO,
  RECERT_CONFIG,
  RECERT_JOURNAL,
  RECERT_SUMMARY,
  WORK_DIRECTORY,
} from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { removePristineCopy } from '../pristine/pristineCopy.ts';

const KUBELET_PKI = '/var/lib/kubelet/pki';

/** Directories whose content belongs to the seed's pods: tokens, logs, and addresses that nobody holds any more. */
const EMPTIED = [
  '/var/lib/kubelet/pods',
  '/var/log/pods',
  '/var/log/containers',
  '/var/lib/cni/networks',
  '/var/lib/cni/results',
];

/** What a machine must not share with another, and what recert worked with: its documents hold keys. */
const REMOVED = [
  KUBECONFIG_CRYPTO,
  RECERT_CONFIG,
  RECERT_JOURNAL,
  '/var/lib/systemd/random-seed',
  '/var/lib/systemd/credential.secret',
  '/var/tmp/backup',
  '/var/tmp/backupCertsDir',
  '/var/tmp/checks',
  '/etc/kubernetes/recert-seed-creation-summary.yaml',
  '/etc/kubernetes/recert-seed-restoration-summary.yaml',
];
const REMOVED_IN_HOMES = ['.bash_history', '.kube', '.lesshst', '.viminfo'];

/** Before the kubelet starts: what of the seed recert does not rewrite goes. */
export async function removeSeedLeftovers(world: PostPivotWorld): Promise<void> {
  const { files } = world.host;
  const gone: string[] = [];
  const remove = async (path: string): Promise<void> => {
    if (!(await files.exists(path))) return;
    await files.remove(path);
    gone.push(path);
  };
  for (const directory of EMPTIED) {
    for (const name of await listIfThere(world, directory)) await remove(`${directory}/${name}`);
  }
  for (const path of REMOVED) await remove(path);
  for (const home of ['/var/roothome', '/root', ...(await homes(world))]) {
    for (const name of REMOVED_IN_HOMES) await remove(`${home}/${name}`);
  }
  for (const path of await replacedKubeletCertificates(world)) await remove(path);
  if (gone.length > 0) info(world.logger, `removed what the seed left: ${gone.join(', ')}`);
}

/** The kubelet keeps each rotated pair as a dated file and points a link at the newest. */
async function replacedKubeletCertificates(world: PostPivotWorld): Promise<string[]> {
  const { files } = world.host;
  const names = await listIfThere(world, KUBELET_PKI);
  const current = new Set<string>();
  for (const name of names) {
    if ((await files.facts(`${KUBELET_PKI}/${name}`))?.kind !== 'symlink') continue;
    current.add((await files.readLink(`${KUBELET_PKI}/${name}`)).replace(/^.*\//, ''));
  }
  const isDated = (name: string): boolean => /^kubelet-(client|server)-\d{4}-.*\.pem$/.test(name);
  if (current.size === 0) return []; // without links nobody can tell which pair is in use
  return names.filter((name) => isDated(name) && !current.has(name)).map((name) => `${KUBELET_PKI}/${name}`);
}

/** At the very end: the copy of what the seed brought, the configuration with its keys, and everything that was only needed on the way. */
export async function removeConfiguration(world: PostPivotWorld): Promise<void> {
  await removePristineCopy(world);
  for (const path of [
    SCREEN.link,
    INTERVENTIONS,
    RECERT_SUMMARY,
    '/var/seed_data',
    `${WORK_DIRECTORY}.incoming`,
    WORK_DIRECTORY,
  ]) {
    await world.host.files.remove(path);
  }
}

const homes = async (world: PostPivotWorld): Promise<string[]> =>
  (await listIfThere(world, '/var/home')).map((name) => `/var/home/${name}`);

async function listIfThere(world: PostPivotWorld, directory: string): Promise<string[]> {
  const facts = await world.host.files.facts(directory);
  return facts?.kind === 'directory' ? world.host.files.list(directory) : [];
}
