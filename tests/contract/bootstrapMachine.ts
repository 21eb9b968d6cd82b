import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { bootstrapFiles, bootstrapInPlaceFiles } from '#installer/bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '#installer/bootstrap/bootstrapFacts.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { localHost } from '#system/localHost.ts';

/** Programs of the machine that are not run in tests: they answer as a test says. */
const STAND_INS = [
  ...[
    'agetty',
    'coreos-installer',
    'crictl',
    'curl',
    'getent',
    'journalctl',
    'kubelet',
    'oc',
    'podman',
    'ps',
  ],
  ...['shutdown', 'sleep', 'systemctl', 'touch', 'uname'],
];

export const NONE_HA: BootstrapFacts = {
  platform: 'none',
  releaseImage: 'registry.test/release:4',
  clusterDomain: 'one.site.test',
  isServiceNetworkIPv6: false,
  isFips: false,
  pullSecret: '{"auths":{}}',
  additionalTrustBundle: '',
  registryMirrors: [],
};

export const IN_PLACE: BootstrapFacts = {
  ...NONE_HA,
  inPlace: { installationDisk: "/dev/disk/by-id/it's one" },
};

/** How a stand-in answers the calls that match; the first rule that matches and is not used up counts. */
export interface Answer {
  /** A glob of bash over program and arguments, with spaces between. */
  readonly call: string;
  readonly stdout?: string;
  readonly exit?: number;
  /** How often the rule answers; always, if it is not given. */
  readonly times?: number;
  /** Bash, run before the answer. */
  readonly effect?: string;
}

export interface MachineCase {
  readonly facts: BootstrapFacts;
  /** Absolute path of the script. */
  readonly script: string;
  /** Name of the systemd unit that it runs in. */
  readonly unit: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Texts by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly answers?: readonly Answer[];
  /** Globs of the calls that the script does not survive, in order. It is started again after each. */
  readonly kills?: readonly string[];
}

export interface MachineOutcome {
  /** Exit codes of the runs of the script, in order. */
  readonly exits: readonly number[];
  /** Program and arguments of what was called, in order; without what only tells facts of the machine. */
  readonly calls: readonly (readonly string[])[];
  readonly records: readonly Readonly<Record<string, string>>[];
  /** Texts by absolute path, of everything below /etc, /home, /opt and /var but the records. */
  readonly files: Readonly<Record<string, string>>;
  readonly output: string;
}

/** The calls of some programs, as they would be typed. */
export const callsOf = (outcome: MachineOutcome, ...tools: string[]): string[] =>
  outcome.calls.filter(([tool]) => tools.includes(tool!)).map((call) => call.join(' '));

/** Runs a script of the bootstrap machine in a root of its own, made of this machine's /usr and stand-ins. */
export async function runOnMachine(machineCase: MachineCase): Promise<MachineOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'sower-bootstrap-'));
  try {
    const root = join(folder, 'root');
    await makeRoot(root, machineCase);
    const result = await localHost.run(nspawnCommand(root, machineCase), { timeoutSeconds: 100 });
    return await outcomeOf(root, machineCase, result.stdout + result.stderr);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As long as it is killed the service is started again, as its unit says. */
const DRIVER = `
unset HOME # as for a service
for run in {1..99}; do
    "$1" </dev/null
    code=$?
    echo "\${code}" >>/case/exits
    [[ "\${code}" == 137 ]] || exit 0
done`;

const nspawnCommand = (root: string, { script, unit, env = {} }: MachineCase): string[] => [
  'systemd-nspawn',
  ...['--quiet', '--register=no', '--keep-unit', '--as-pid2', '--private-network', '--console=pipe'],
  ...['--resolv-conf=off', '--timezone=off', '--link-journal=no'],
  `--directory=${root}`,
  `--machine=${basename(dirname(root))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, 'x')}`,
  '--bind-ro=/usr',
  `--bind=${join(root, 'usr-local')}:/usr/local`,
  ...Object.entries({ ...env, UNIT: unit }).map(([name, value]) => `--setenv=${name}=${value}`),
  ...['bash', '-c', DRIVER, 'driver', script],
];

async function makeRoot(root: string, machineCase: MachineCase): Promise<void> {
  const { facts, files = {}, answers = [], kills = [] } = machineCase;
  for (const name of [
    'usr',
    'etc',
    'opt/openshift',
    'var',
    'home/core',
    'case',
    'usr-local/bin',
    'dev',
    'proc',
  ]) {
    await mkdir(join(root, name), { recursive: true });
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name));
  const data = openDataFiles('installer/data');
  for (const file of [...bootstrapFiles(facts, data), ...bootstrapInPlaceFiles(facts, data)]) {
    if (!file.path.startsWith('/usr/local/') && !file.path.startsWith('/opt/')) continue;
    await put(root, file.path.replace(/^\/usr\/local\//, '/usr-local/'), file.content, file.mode);
  }
  for (const [path, text] of Object.entries(files)) {
    await put(
      root,
      path.replace(/^\/usr\/local\//, '/usr-local/'),
      text,
      path.includes('/bin/') ? 0o755 : 0o600,
    );
  }
  const standIn = await readFile(join(import.meta.dirname, 'bootstrapStandIn.sh'), 'utf8');
  await put(root, '/usr-local/bin/stand-in', standIn, 0o755);
  for (const name of STAND_INS) await symlink('stand-in', join(root, 'usr-local/bin', name));
  await put(root, '/case/answers.sh', renderAnswers([...answers, ...MACHINE_FACTS]), 0o644);
  await put(root, '/case/calls', '', 0o644);
  await put(root, '/case/kills', kills.map((kill) => `${kill}\n`).join(''), 0o644);
}

async function put(root: string, path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text, { mode });
}

/** What a machine answers of itself; what nothing answers succeeds without a word. */
const MACHINE_FACTS: readonly Answer[] = [
  { call: 'ps -o unit=*', effect: 'echo "$UNIT"' },
  { call: 'uname --machine', stdout: 'x86_64\n' },
  { call: 'journalctl *', stdout: 'one\ntwo\nthree\n' },
  { call: 'touch *', effect: '/usr/bin/touch "$@"' },
  {
    call: 'podman inspect * --format=json *',
    stdout: JSON.stringify([
      {
        Digest: 'sha256:22',
        RepoDigests: ['registry.test/release@sha256:11', 'registry.test/release@sha256:22'],
      },
    ]),
  },
  { call: 'podman run * image *', effect: `printf 'registry.test/%s@sha256:33\\n' "\${!#}"` },
];

function renderAnswers(answers: readonly Answer[]): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const rules = answers.map(({ call, stdout = '', exit = 0, times = 0, effect = ':' }, i) =>
    [
      `if [[ "\${call}" == ${[...call.split(/(\*)/)].map((part) => (part === '*' ? part : quote(part))).join('')} ]]; then`,
      `    if ! answered ${i} ${times}; then`,
      `        ${effect}`,
      `        printf %s ${quote(stdout)}`,
      `        exit ${exit}`,
      '    fi',
      'fi',
    ].join('\n'),
  );
  return `${rules.join('\n')}\nexit 0\n`;
}

/** They are asked about the machine and change nothing; how often is the scripts' own affair. */
const isAsking = ([tool]: readonly string[]): boolean =>
  ['ps', 'touch', 'uname', 'journalctl'].includes(tool!);

async function outcomeOf(root: string, { unit }: MachineCase, output: string): Promise<MachineOutcome> {
  const files: Record<string, string> = {};
  for (const folder of ['etc', 'home', 'opt', 'var']) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((found) => found.isFile())) {
      const path = join(entry.parentPath, entry.name);
      files[`/${relative(root, path)}`] = await readFile(path, 'utf8');
    }
  }
  const record = `/var/log/openshift/${unit.replace(/\.service$/, '')}.json`;
  const records = JSON.parse(files[record] ?? '[]') as Record<string, string>[];
  delete files[record];
  const read = async (name: string): Promise<string[]> =>
    (await readFile(join(root, 'case', name), 'utf8')).split('\n').slice(0, -1);
  const calls = (await read('calls')).map((line) => line.split('\x1f'));
  return {
    exits: (await read('exits')).map(Number),
    calls: calls.filter((call) => !isAsking(call)),
    records,
    files,
    output,
  };
}
