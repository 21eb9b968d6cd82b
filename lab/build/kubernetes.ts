import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { localHost } from '#system/localHost.ts';
import { recipeFile } from '../checkout.ts';
import type { BuildPlace, Recipe } from './cache.ts';
import { runLogged } from './loggedCommand.ts';
import { openPrivateApt } from './privateApt.ts';

/** The version that Debian 12's source package really holds, as the programs and the images state it. */
export const KUBERNETES_VERSION = 'v1.20.2';

const KUBERNETES_PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
] as const;

const GO_PACKAGE = 'golang-1.19-go';
const GO_BIN = '/usr/lib/go-1.19/bin';
export const GO_COMMAND = `${GO_BIN}/go`;
const REFLECT_PACKAGE = 'golang-github-modern-go-reflect2-dev';
const REFLECT_SOURCE = '/usr/share/gocode/src/github.com/modern-go/reflect2';
/** Each says at its top why it is needed. */
const PATCHES = 'patches';
/** The upstream tag's commit and time, so that `kubectl version` answers as upstream's does and builds are equal. */
const STAMP = {
  gitVersion: KUBERNETES_VERSION,
  gitMajor: '1',
  gitMinor: '20',
  gitTreeState: 'clean',
  gitCommit: 'faecb196815e248d3ecfb03c680a4507229c2a56',
  buildDate: '2021-01-13T13:20:00Z',
};
/** Leaves the machine usable for other work during the minutes that the compiler takes. */
const NICE = 5;

/** Kubernetes' programs from Debian's source package, statically linked; the product holds one file per program. */
export async function kubernetesRecipe(): Promise<Recipe> {
  const patches = await patchFiles();
  return {
    name: 'kubernetes',
    revision: 1,
    inputs: {
      source: `kubernetes ${KUBERNETES_VERSION}`,
      programs: KUBERNETES_PROGRAMS,
      flags: linkerFlags(),
      patches: await Promise.all(patches.map((file) => readFile(file, 'utf8'))),
      tools: await installedVersions([GO_PACKAGE, REFLECT_PACKAGE]),
    },
    build: (place) => build(place, patches),
  };
}

const patchFiles = async (): Promise<string[]> =>
  (await readdir(recipeFile(PATCHES))).sort().map((name) => join(recipeFile(PATCHES), name));

/** `name=version` of installed packages, sorted. */
export async function installedVersions(packages: readonly string[]): Promise<string[]> {
  const format = `--showformat=\${Package}=\${Version}\n`;
  const { stdout } = await localHost.run(['dpkg-query', '--show', format, ...packages]);
  return stdout.trim().split('\n').sort();
}

async function build(place: BuildPlace, patches: readonly string[]): Promise<Record<string, string>> {
  const go = new GoTree(place);
  const apt = await openPrivateApt(join(place.scratch, 'apt'), place.log);
  await mkdir(dirname(go.tree), { recursive: true });
  const source = await place.stage('source', () => apt.unpackSource('kubernetes', go.tree));
  await replaceReflect2(go.tree);
  for (const patch of patches) await applyPatch(place, go.tree, patch);
  await place.stage('openapi', () => generateOpenApi(go));
  await place.stage('compile', () => compile(go, place.product));
  return { source };
}

/** A GOPATH: the package's tree has no go.mod that matches its vendor folder, so module mode refuses it. */
class GoTree {
  readonly tree: string;
  readonly #place: BuildPlace;

  constructor(place: BuildPlace) {
    this.#place = place;
    this.tree = join(place.scratch, 'gopath/src/k8s.io/kubernetes');
  }

  scratch(name: string): string {
    return join(this.#place.scratch, name);
  }

  async run(argv: readonly string[]): Promise<void> {
    const env = {
      PATH: `${GO_BIN}:/usr/bin:/bin`,
      GOPATH: this.scratch('gopath'),
      GOCACHE: this.scratch('gocache'),
      GO111MODULE: 'off',
      GOFLAGS: '',
      GOPROXY: 'off',
      CGO_ENABLED: '0',
    };
    await runLogged(this.#place.log, argv, { cwd: this.tree, env, nice: NICE });
  }
}

/** The vendored reflect2 1.0.1 reads Go's map internals as they were before Go 1.18 and crashes on the first custom resource. */
async function replaceReflect2(tree: string): Promise<void> {
  const vendored = join(tree, 'vendor/github.com/modern-go/reflect2');
  await rm(vendored, { recursive: true });
  await cp(REFLECT_SOURCE, vendored, { recursive: true, dereference: true });
}

/** Without fuzz: a source that differs around the change fails the build. */
async function applyPatch(place: BuildPlace, tree: string, patch: string): Promise<void> {
  await runLogged(place.log, ['patch', '--strip=1', '--fuzz=0', '--batch', `--input=${patch}`], {
    cwd: tree,
  });
}

/** Makes pkg/generated/openapi, the one generated file that the source package lacks; as upstream's Makefile.generated_files does. */
async function generateOpenApi(go: GoTree): Promise<void> {
  const generator = go.scratch('openapi-gen');
  await go.run([
    'go',
    'build',
    '-o',
    generator,
    'k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen',
  ]);
  await go.run([
    generator,
    '--logtostderr',
    '--input-dirs',
    (await packagesWithOpenApi(go.tree)).join(','),
    '--output-package',
    'k8s.io/kubernetes/pkg/generated/openapi',
    '--output-file-base',
    'zz_generated.openapi',
    '--go-header-file',
    'hack/boilerplate/boilerplate.generatego.txt',
    '--report-filename',
    go.scratch('openapi-violations.txt'),
  ]);
}

async function packagesWithOpenApi(tree: string): Promise<string[]> {
  const folders = ['cmd', 'pkg', 'plugin', 'staging/src/k8s.io'].map((folder) => join(tree, folder));
  const marked = ['grep', '-r', '-l', '--include=*.go', '+k8s:openapi-gen=', ...folders];
  const { stdout } = await localHost.run(marked);
  const notOurs = /code-generator|sample-apiserver|sample-controller|zz_generated|_test\.go$|\/testdata\//;
  const packages = stdout
    .trim()
    .split('\n')
    .filter((file) => !notOurs.test(file))
    .map((file) => relative(tree, dirname(file)).replace(/^staging\/src\//, 'vendor/'))
    .map((folder) => `k8s.io/kubernetes/${folder}`);
  return [...new Set(packages)].sort();
}

/** All programs in one run: shared packages compile once and Go keeps every core busy (1.4 GB per linker process). */
async function compile(go: GoTree, into: string): Promise<void> {
  const packages = KUBERNETES_PROGRAMS.map((program) => `./cmd/${program}`);
  await go.run(['go', 'build', '-trimpath', '-ldflags', linkerFlags(), '-o', `${into}/`, ...packages]);
}

function linkerFlags(): string {
  const targets = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const stamps = targets.flatMap((target) =>
    Object.entries(STAMP).map(([name, value]) => `-X k8s.io/kubernetes/vendor/${target}.${name}=${value}`),
  );
  return ['-s', '-w', ...stamps].join(' ');
}
