import type { InstallConfig } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import { debug } from '#base/logger.ts';
import { type Problem, renderProblem } from '#base/report.ts';
import { aggregate, internal, invalid } from '../rules/fieldErrors.ts';
import { streamArchitecture } from '../stream/artifacts.ts';
import { hostArchitecture } from './makeBootstrapMachine.ts';
import { type Libvirt, virshTable } from './virsh.ts';

const PATH = 'platform.baremetal';

/**
 * Asks libvirt whether the bootstrap machine can be made, before anything is written: whether it answers, has the
 * bridges and is of the cluster's architecture (spec/installer/03.5.3).
 *
 * @throws Failure installer/provisioning-impossible
 */
export async function checkLibvirt(libvirt: Libvirt, config: InstallConfig): Promise<void> {
  const problems = await findProblems(libvirt, config);
  if (problems.length === 0) return;
  throw new Failure({
    code: 'installer/provisioning-impossible',
    message: aggregate(problems, renderProblem),
    hint: 'correct the install-config.yaml, or the host that libvirtURI names; nothing was changed',
    facts: { problems: problems.map((problem) => ({ ...problem, file: 'install-config.yaml' })) },
  });
}

async function findProblems(libvirt: Libvirt, config: InstallConfig): Promise<Problem[]> {
  let found: string;
  try {
    found = await hostArchitecture(libvirt);
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.code !== 'system/command-failed') throw cause;
    return [internal(`${PATH}.libvirtURI`, `could not connect to libvirt: ${cause.message}`)];
  }
  const wanted = streamArchitecture(config.controlPlane?.architecture || 'amd64');
  const detail = `the machine for bootstrapping has to be ${wanted}, and libvirt's host is ${found}`;
  return [
    ...(found === wanted ? [] : [invalid(`${PATH}.libvirtURI`, libvirt.cluster.libvirtUri, detail)]),
    ...(await bridgeProblems(libvirt, config)),
  ];
}

async function bridgeProblems(
  libvirt: Libvirt,
  { platform: { baremetal } }: InstallConfig,
): Promise<Problem[]> {
  if (baremetal === undefined) return [];
  const names = await interfaceNames(libvirt);
  if (names === undefined) return [];
  const { externalBridge, provisioningBridge, provisioningNetwork } = baremetal;
  const wanted = { externalBridge, ...(provisioningNetwork !== 'Disabled' && { provisioningBridge }) };
  return Object.entries(wanted)
    .filter(([, name]) => !names.includes(name))
    .map(([member, name]) => {
      const detail = `could not find interface "${name}", valid interfaces are ${names.join(', ')}`;
      return invalid(`${PATH}.${member}`, name, detail);
    });
}

/** A libvirt may have been built without what lists interfaces: then its own refusal must do. */
async function interfaceNames(libvirt: Libvirt): Promise<string[] | undefined> {
  try {
    return await virshTable(libvirt, 'iface-list', '--all');
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.code !== 'system/command-failed') throw cause;
    debug(libvirt.logger, `libvirt does not list interfaces: ${cause.message}`);
    return undefined;
  }
}
