import { join, resolve } from 'node:path';
import { parseInstallConfig } from '#api/installConfig.ts';
import { parseSourceText } from '#api/sourceText.ts';
import { Failure } from '#base/failure.ts';
import { errorsOf } from '#base/report.ts';
import { INSTALL_CONFIG, installConfig } from '#installer/assets/installConfig/installConfig.ts';
import { type Interview, type Mapping, mappingOf } from '#installer/interview.ts';
import { TargetDirectory } from '#installer/targetDirectory.ts';
import type { Files } from '#system/host.ts';
import { refusal } from './failureText.ts';
import { givenAnswers } from './interviewFlags.ts';
import type { Io } from './io.ts';

/** Standard input in place of a file. */
const STDIN = '-';

type Flags = Readonly<Record<string, string | undefined>>;

interface AnswerSource {
  readonly flags: Flags;
  readonly io: Io;
  readonly files: Files;
  /** The target directory. */
  readonly root: string;
}

/** What the flags and the answers file say; a flag wins. @throws Failure cli/answers-invalid, cli/flag-invalid */
async function readAnswers(source: AnswerSource): Promise<Mapping> {
  const { flags } = source;
  if (flags['answers'] === STDIN && flags['pullSecretFile'] === STDIN) {
    throw new Failure({
      code: 'cli/flag-invalid',
      message: '--answers and --pull-secret-file can not both be standard input',
      hint: 'put the pull secret into the answers, as pullSecret',
    });
  }
  const file = flags['answers'] === undefined ? {} : await readAnswersFile(flags['answers'], source);
  const pullSecret = await readFlagFile(flags['pullSecretFile'], source);
  const sshKey = await readFlagFile(flags['sshKeyFile'], source);
  const networks = listOf(flags['machineNetwork']);
  return {
    ...file,
    ...(flags['baseDomain'] !== undefined && { baseDomain: flags['baseDomain'] }),
    ...(flags['clusterName'] !== undefined && {
      metadata: { ...mappingOf(file['metadata']), name: flags['clusterName'] },
    }),
    ...(pullSecret !== undefined && { pullSecret }),
    ...(sshKey !== undefined && { sshKey }),
    ...(networks !== undefined && {
      networking: { ...mappingOf(file['networking']), machineNetwork: networks.map((cidr) => ({ cidr })) },
    }),
    ...poolAnswers(flags, file),
    ...platformAnswers(flags, file),
  };
}

async function readAnswersFile(path: string, source: AnswerSource): Promise<Mapping> {
  const text = await readInput(path, '--answers', source);
  const name = path === STDIN ? 'standard input' : path;
  const shape = parseInstallConfig(text, { unknownKeys: 'error' });
  if (!shape.ok) throw refusal('cli/answers-invalid', name, errorsOf(shape.report));
  const plain = parseSourceText(text);
  return plain.ok ? mappingOf(plain.value.value) : {};
}

const readFlagFile = async (path: string | undefined, source: AnswerSource): Promise<string | undefined> =>
  path === undefined ? undefined : (await readInput(path, 'the file of a flag', source)).trim();

async function readInput(path: string, what: string, { io, files }: AnswerSource): Promise<string> {
  if (path === STDIN) return io.readStdin();
  try {
    return await files.readText(resolve(io.cwd, path));
  } catch (cause) {
    throw new Failure({
      code: 'cli/answers-unreadable',
      message: `${what} can't be read: ${path}`,
      hint: 'check the path and its permissions',
      cause,
    });
  }
}

const listOf = (text: string | undefined): string[] | undefined =>
  text?.split(',').map((item) => item.trim());

function poolAnswers(flags: Flags, file: Mapping): Mapping {
  const controlPlane = countOf(flags, 'controlPlaneReplicas', '--control-plane-replicas');
  const compute = countOf(flags, 'computeReplicas', '--compute-replicas');
  const [worker] = Array.isArray(file['compute']) ? (file['compute'] as unknown[]) : [];
  return {
    ...(controlPlane !== undefined && {
      controlPlane: { name: 'master', ...mappingOf(file['controlPlane']), replicas: controlPlane },
    }),
    ...(compute !== undefined && {
      compute: [{ name: 'worker', ...mappingOf(worker), replicas: compute }],
    }),
  };
}

function countOf(flags: Flags, name: string, flag: string): number | undefined {
  const text = flags[name];
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new Failure({ code: 'cli/flag-invalid', message: `${flag} is "${text}", expected a whole number` });
}

/** `--platform` chooses; what the file says of another platform is then left out. */
function platformAnswers(flags: Flags, file: Mapping): Mapping {
  const given = mappingOf(file['platform']);
  const name = flags['platform'] ?? Object.keys(given)[0];
  const apiVIPs = listOf(flags['apiVip']);
  const ingressVIPs = listOf(flags['ingressVip']);
  if (apiVIPs === undefined && ingressVIPs === undefined) {
    return flags['platform'] === undefined ? {} : { platform: { [name!]: given[name!] ?? {} } };
  }
  if (name !== undefined && name !== 'baremetal') {
    throw new Failure({
      code: 'cli/flag-invalid',
      message: `--api-vip and --ingress-vip are for the platform baremetal only, not for ${name}`,
    });
  }
  const vips = { ...(apiVIPs && { apiVIPs }), ...(ingressVIPs && { ingressVIPs }) };
  return { platform: { baremetal: { ...mappingOf(given['baremetal']), ...vips } } };
}

/**
 * The interview of this process: what was given beforehand, and the terminal if there is one.
 * @throws Failure cli/answers-in-vain, cli/answers-invalid, cli/flag-invalid
 */
export async function interviewOf(source: AnswerSource): Promise<Interview> {
  const { io, files } = source;
  await refuseAnswersInVain(source);
  return {
    given: await readAnswers(source),
    ...(io.terminal !== undefined && { terminal: io.terminal }),
    findSshKeys: () => findSshKeys(io.env['HOME'], files),
  };
}

/** A directory that has its install-config already would not look at them. */
async function refuseAnswersInVain({ flags, files, root }: AnswerSource): Promise<void> {
  const given = givenAnswers(flags);
  if (given.length === 0) return;
  const isWritten = await files.exists(join(root, INSTALL_CONFIG));
  const { values } = await new TargetDirectory(root, files).readState();
  if (!isWritten && !values.has(installConfig.stateKey)) return;
  throw new Failure({
    code: 'cli/answers-in-vain',
    message: `${given.join(', ')}: the directory has an install-config already${isWritten ? '' : ', in its state file'}`,
    hint: `edit ${INSTALL_CONFIG}, or use another directory`,
  });
}

async function findSshKeys(home: string | undefined, files: Files) {
  if (home === undefined || home === '') return [];
  const folder = join(home, '.ssh');
  if (!(await files.exists(folder))) return [];
  const names = await files.list(folder);
  const paths = names.filter((name) => name.endsWith('.pub')).map((name) => join(folder, name));
  const keys = paths.map(async (path) => ({ path, text: await files.readText(path).catch(() => '') }));
  return (await Promise.all(keys)).filter(({ text }) => text !== '');
}
