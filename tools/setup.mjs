// What `./demo` and `./test` do before anything else: everything this machine needs, without a question.
// Plain JavaScript for any Node from 20 on, because it runs before node_modules exists.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_MAJOR = 20;
const DEBIAN = '12';
/** A cold build takes up to 5 GB and leaves 2; two hosts with their disks and the seed image take the rest. */
const COLD_GIGABYTES = 20;
const WARM_GIGABYTES = 12;
/** Packages that bring a service which would run beside the lab's own; only what this run installs is switched off. */
const SERVICES = {
  'docker-registry': 'docker-registry.service',
  'etcd-server': 'etcd.service',
  containerd: 'containerd.service',
};

const [script, ...args] = process.argv.slice(2);
checkMachine();
stage('debian packages', installPackages);
stage('node modules', installNodeModules);
process.exitCode = handOver();

function checkMachine() {
  const [major] = process.versions.node.split('.');
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const isDebian = /^ID=debian$/m.test(release) && new RegExp(`^VERSION_ID="${DEBIAN}"$`, 'm').test(release);
  demand(
    process.platform === 'linux' && process.arch === 'x64' && isDebian,
    `this is not Debian ${DEBIAN} on x86-64, whose packages the lab is built from`,
    `run it on such a machine or virtual machine; a container will do if it is privileged`,
  );
  demand(
    Number(major) >= NODE_MAJOR,
    `Node ${process.versions.node} is too old`,
    `install Node ${NODE_MAJOR} or newer`,
  );
  demand(
    process.getuid() === 0,
    'it needs root: the lab makes disks, networks and hosts',
    'become root, for example with sudo -i',
  );
  demand(existsSync('/usr/bin/apt-get'), 'apt-get is missing', 'install the package apt');
  checkDisk();
}

function checkDisk() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sower');
  const cold = !(existsSync(cache) && readdirSync(cache).some((name) => name.startsWith('kubernetes-')));
  for (const folder of [cache, '/var/tmp']) {
    const { bavail, bsize } = statfsSync(nearestExisting(folder));
    const free = Math.floor((bavail * bsize) / 1e9);
    const needed = cold ? COLD_GIGABYTES : WARM_GIGABYTES;
    demand(
      free >= needed,
      `${folder} has ${free} GB free, ${needed} GB are needed`,
      folder === cache
        ? 'free some, or set XDG_CACHE_HOME to a larger disk'
        : 'free some, or mount a larger disk there',
    );
  }
}

function nearestExisting(path) {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function installPackages() {
  const wanted = readFileSync(join(ROOT, 'tools/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const missing = missingPackages(wanted);
  if (missing.length === 0) return 'cached';
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  // Without lists, or with old ones that name vanished files, a second try follows an update.
  if (apt(install).status !== 0) {
    for (const step of [['update'], install]) {
      const { status, output } = apt(step);
      demand(
        status === 0,
        `apt-get ${step[0]} failed:\n${output}`,
        'repair /etc/apt/sources.list, then run this again',
      );
    }
  }
  keepServicesOff(missing);
  return `installed ${missing.length}`;
}

function missingPackages(wanted) {
  const format = `--showformat=\${db:Status-Status} \${Package}\n`;
  const { stdout } = spawnSync('dpkg-query', ['--show', format, ...wanted], { encoding: 'utf8' });
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice(10)),
  );
  return wanted.filter((name) => !installed.has(name));
}

function apt(argv) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const options = [
    '--quiet',
    '--quiet',
    '--option',
    'DPkg::Lock::Timeout=300',
    '--option',
    'Acquire::Retries=3',
  ];
  const { status, stdout, stderr } = spawnSync('apt-get', [...options, ...argv], { env, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n') };
}

function keepServicesOff(installed) {
  const services = installed.flatMap((name) => SERVICES[name] ?? []);
  if (services.length > 0 && existsSync('/run/systemd/system')) {
    spawnSync('systemctl', ['disable', '--now', '--quiet', ...services], { stdio: 'inherit' });
  }
}

/** npm writes node_modules/.package-lock.json last; it holds what is installed of package-lock.json. */
function installNodeModules() {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const record = join(ROOT, 'node_modules/.package-lock.json');
  const present = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')).packages : {};
  const matches = Object.entries(wanted).every(
    ([path, { integrity, optional }]) => path === '' || optional || present[path]?.integrity === integrity,
  );
  if (matches && existsSync(join(ROOT, 'node_modules/.bin/node'))) return 'cached';
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true });
  const { status, stdout, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  demand(
    status === 0,
    `npm ci failed:\n${firstLines(stdout + stderr)}`,
    'check the registry in npm config, then run this again',
  );
  return 'installed';
}

function firstLines(text) {
  return text.trim().split('\n').slice(0, 20).join('\n');
}

function stage(name, work) {
  const started = performance.now();
  const note = work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`  ✓ ${name.padEnd(44)} ${`${seconds} s`.padStart(8)}   ${note}`);
}

/** The pinned Node runs the program, and everything that the program starts by the name `node`. */
function handOver() {
  const programs = join(ROOT, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  return (
    spawnSync(join(programs, 'node'), [script, ...args], { cwd: ROOT, env, stdio: 'inherit' }).status ?? 1
  );
}

/** Stops with the lack and the way round it. */
function demand(condition, lack, wayRound) {
  if (condition) return;
  console.error(`cannot go on: ${lack}`);
  console.error(`way round:    ${wayRound}`);
  process.exit(1);
}
