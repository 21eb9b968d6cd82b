import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOciImage } from '#formats/ociLayout.ts';
import { type TarSource, writeTar } from '#formats/tar.ts';
import { labImage } from '#lab/network.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';
import { recipeFile } from '../checkout.ts';
import type { BuildPlace, Product, Recipe } from './cache.ts';
import { GO_COMMAND, installedVersions, KUBERNETES_VERSION } from './kubernetes.ts';
import { runLogged } from './loggedCommand.ts';

/** An image without a base: its files and the program it starts. */
interface Image {
  readonly name: string;
  readonly tag: string;
  readonly entrypoint: string;
  /** Path in the image to path on this machine. */
  readonly files: Readonly<Record<string, string>>;
}

/** Pull spec and OCI layout of an image of the product. */
export interface ImageLayout {
  readonly name: string;
  readonly layout: string;
}

const STATIC_KUBERNETES_IMAGES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const IPTABLES = '/usr/sbin/xtables-nft-multi';
const IPTABLES_EXTENSIONS = '/usr/lib/x86_64-linux-gnu/xtables';
const IPTABLES_NAMES = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);
/** The machine's packages whose files go into images. */
const PACKAGES = ['conntrack', 'etcd-client', 'etcd-server', 'gcc', 'iptables', 'libc6', 'libc6-dev'];

const PAUSE_SOURCE = 'pause.c';
const WEB_SOURCE = 'web.go';

/** The images of the lab's cluster, an OCI layout each, made from this machine's packages and our Kubernetes. */
export async function imagesRecipe(kubernetes: Product): Promise<Recipe> {
  return {
    name: 'images',
    revision: 3,
    inputs: {
      kubernetes: kubernetes.digest,
      packages: await installedVersions(PACKAGES),
      pause: await fileDigest(recipeFile(PAUSE_SOURCE)),
      web: await fileDigest(recipeFile(WEB_SOURCE)),
    },
    build: (place) => build(place, kubernetes),
  };
}

/** The images of a product, by the pull specs under which the lab's registry serves them. */
export async function imageLayouts(product: Product): Promise<ImageLayout[]> {
  const names = await readdir(product.path, { withFileTypes: true });
  return names
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name: labImage(name, product.facts[name]!), layout: join(product.path, name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns each image's tag by its name. */
async function build(place: BuildPlace, kubernetes: Product): Promise<Record<string, string>> {
  const compiled = await place.stage('compile', () => compileOwnPrograms(place));
  const images = [
    ...STATIC_KUBERNETES_IMAGES.map((name) =>
      staticImage(name, KUBERNETES_VERSION, join(kubernetes.path, name)),
    ),
    staticImage('pause', '1', compiled.pause),
    staticImage('web', '1', compiled.web),
    await etcdImage(),
    await kubeProxyImage(join(kubernetes.path, 'kube-proxy')),
  ];
  await place.stage('layouts', async () => {
    for (const image of images) await writeImage(image, join(place.product, image.name));
  });
  return Object.fromEntries(images.map(({ name, tag }) => [name, tag]));
}

async function compileOwnPrograms(place: BuildPlace): Promise<{ pause: string; web: string }> {
  const pause = join(place.scratch, 'pause');
  const web = join(place.scratch, 'web');
  await mkdir(join(place.scratch, 'go'));
  const env = {
    GOPATH: join(place.scratch, 'go'),
    GOCACHE: join(place.scratch, 'go/cache'),
    GO111MODULE: 'off',
    CGO_ENABLED: '0',
  };
  await Promise.all([
    runLogged(place.log, [
      'gcc',
      '-static',
      '-Os',
      '-s',
      '-Wall',
      '-Werror',
      '-o',
      pause,
      recipeFile(PAUSE_SOURCE),
    ]),
    runLogged(
      place.log,
      [GO_COMMAND, 'build', '-trimpath', '-ldflags', '-s -w', '-o', web, recipeFile(WEB_SOURCE)],
      {
        env,
      },
    ),
  ]);
  return { pause, web };
}

const staticImage = (name: string, tag: string, program: string): Image => ({
  name,
  tag,
  entrypoint: `/usr/bin/${name}`,
  files: { [`/usr/bin/${name}`]: program },
});

async function etcdImage(): Promise<Image> {
  const { stdout } = await localHost.run(['etcd', '--version']);
  return {
    name: 'etcd',
    tag: /etcd Version: (\S+)/.exec(stdout)?.[1] ?? 'unknown',
    entrypoint: '/usr/bin/etcd',
    files: await withLibraries(['/usr/bin/etcd', '/usr/bin/etcdctl']),
  };
}

/** kube-proxy calls iptables, which loads its matches and targets from a folder, and conntrack. */
async function kubeProxyImage(program: string): Promise<Image> {
  const extensions = (await readdir(IPTABLES_EXTENSIONS)).map((name) => join(IPTABLES_EXTENSIONS, name));
  return {
    ...staticImage('kube-proxy', KUBERNETES_VERSION, program),
    files: {
      '/usr/bin/kube-proxy': program,
      ...(await withLibraries(['/usr/sbin/conntrack', IPTABLES, ...extensions])),
      ...Object.fromEntries(IPTABLES_NAMES.map((name) => [`/usr/sbin/${name}`, IPTABLES])),
    },
  };
}

/** Programs and plug-ins with the shared libraries that the dynamic linker finds for them, each at its own path. */
async function withLibraries(files: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await localHost.run(['ldd', ...files]);
  const libraries = [...stdout.matchAll(/(?:=>\s+|^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!);
  return Object.fromEntries([...files, ...libraries].map((path) => [path, path]));
}

async function writeImage(image: Image, directory: string): Promise<void> {
  const files = Object.entries(image.files).sort(([a], [b]) => (a < b ? -1 : 1));
  const members = await Promise.all(files.map(([path, source]) => tarSource(path, source)));
  await writeOciImage(
    {
      // Nodes unpack zstd several times faster than gzip, and skopeo leaves compressed layers as they are.
      layers: [{ tar: writeTar(members), compression: 'zstd' }],
      architecture: 'amd64',
      created: '2026-01-01T00:00:00Z',
      config: { Entrypoint: [image.entrypoint], Env: ['PATH=/usr/sbin:/usr/bin'] },
      reference: image.tag,
    },
    localLayout(directory),
  );
}

async function tarSource(path: string, source: string): Promise<TarSource> {
  const { size } = await stat(source);
  const content = createReadStream(source, { highWaterMark: 1024 * 1024 });
  // All of it is programs and libraries; the dynamic linker is both.
  return { path: path.slice(1), mode: 0o755, size, content };
}

async function fileDigest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
