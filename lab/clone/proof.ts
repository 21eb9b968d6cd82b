import { findBootDeployment } from '#machines/deployment.ts';
import { mountDisk, unmountDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { EXTERNAL_AUTHORITIES, NODE_KUBECONFIG } from '../comparison/facts.ts';
import type { Row } from '../comparison/rows.ts';
import type { Lab } from '../lab.ts';
import { collectFromSeed, scanClone } from '../secretScanner/command.ts';

/** Lies on a partition of its own and holds public images. */
const IMAGE_STORE = 'lib/containers';

const proofFolder = (lab: Lab): string => `${lab.folder}/proof`;
/** The list of what came to a clone with the seed image. */
export const installedSecrets = (lab: Lab, clone: string): string =>
  `${proofFolder(lab)}/installed-${clone}.json`;
const seedSecrets = (lab: Lab): string => `${proofFolder(lab)}/seed.json`;

/** Lists the secrets that the running seed has before anything is done to it. */
export async function collectSeedSecrets(
  lab: Lab,
  seed: Machine,
  note: (text: string) => void,
): Promise<void> {
  const { files } = lab.host;
  await files.makeDirectory(proofFolder(lab), 0o700);
  await files.write(`${proofFolder(lab)}/external.pem`, await externalCertificates(seed));
  const count = await seed.readFiles((sysroot) => collect(lab, sysroot, seedSecrets(lab)));
  note(`${count} secrets`);
}

/** Lists the secrets that came with the seed image, as they lie on the installed disk before its first boot. */
export async function collectInstalledSecrets(lab: Lab, name: string, disk: string): Promise<void> {
  const folder = `${lab.folder}/work/proof-${name}`;
  try {
    const { sysroot } = await mountDisk(lab.host, disk, folder);
    await collect(lab, sysroot, installedSecrets(lab, name));
  } finally {
    await unmountDisk(lab.host, disk, folder);
    await lab.host.files.remove(folder);
  }
}

/** What a scan of a clone says: nothing of the seed may be left. */
export interface Proof {
  readonly leftOvers: number;
  /** For a person: what was found where, or that nothing was. */
  readonly text: string;
}

/** Reads every byte of the clone's /etc and /var, etcd's files among them, and looks for what the seed had. */
export function scanMachine(lab: Lab, machine: Machine): Promise<Proof> {
  const secrets = [seedSecrets(lab), installedSecrets(lab, machine.name)];
  return machine.readFiles(async (sysroot) => {
    const { trees, exclude } = await treesOf(lab, sysroot);
    const { leftOvers, text } = scanClone({ secrets, trees, exclude });
    return { leftOvers: leftOvers.length, text };
  });
}

/** The scan as a line of the comparison; its report stays in the lab's folder. */
export async function proveClean(lab: Lab, clone: Machine, note: (text: string) => void): Promise<Row> {
  const { leftOvers, text } = await scanMachine(lab, clone);
  const report = `${proofFolder(lab)}/report-${clone.name}.txt`;
  await lab.host.files.write(report, text, { mode: 0o600 });
  note(`${leftOvers} left`);
  return {
    what: "seed's secrets on the clone",
    seed: '-',
    clone: leftOvers === 0 ? 'none' : `${leftOvers}, see ${report}`,
    expected: 'none',
    ok: leftOvers === 0,
  };
}

async function collect(lab: Lab, sysroot: string, out: string): Promise<number> {
  const { trees, exclude, systemAuthorities } = await treesOf(lab, sysroot);
  await lab.host.files.remove(out);
  // The programs that travel in the image are public, and hold the certificates of the world's authorities.
  const programs = trees.map((tree) => `${tree}/usrlocal/bin`);
  return collectFromSeed({
    trees,
    exclude: [...exclude, ...programs],
    external: [`${proofFolder(lab)}/external.pem`, systemAuthorities],
    out,
  });
}

async function treesOf(lab: Lab, sysroot: string) {
  const { root, varFolder } = await findBootDeployment(lab.host, sysroot);
  return {
    trees: [`${root}/etc`, varFolder],
    exclude: [`${varFolder}/${IMAGE_STORE}`],
    systemAuthorities: `${root}/usr/etc/ssl/certs/ca-certificates.crt`,
  };
}

async function externalCertificates({ host }: Machine): Promise<string> {
  const argv = [
    'kubectl',
    '--kubeconfig',
    NODE_KUBECONFIG,
    'get',
    'configmaps',
    '--all-namespaces',
    '-o',
    'json',
  ];
  const { items } = JSON.parse((await host.run(argv)).stdout) as {
    items: { metadata: { name: string }; data?: Record<string, string> }[];
  };
  const bundles = items.filter(({ metadata }) => EXTERNAL_AUTHORITIES.includes(metadata.name));
  return bundles.flatMap(({ data }) => Object.values(data ?? {})).join('\n');
}
