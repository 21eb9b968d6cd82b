import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { localHost } from '#system/localHost.ts';
import { type AptSource, parseAptSources, renderAptSources } from './aptSources.ts';
import { runLogged } from './loggedCommand.ts';

/** An apt of its own below one directory: the machine's configuration and state stay as they are. */
export interface PrivateApt {
  /** A deb822 file of the machine's Debian archive, as mmdebstrap takes it. */
  readonly binarySources: string;
  /** Unpacks the newest source package, with Debian's patches applied, to `<into>`; returns its version. */
  unpackSource(name: string, into: string): Promise<string>;
}

/** Writes the configuration and fetches the index of source packages. */
export async function openPrivateApt(directory: string, log: string): Promise<PrivateApt> {
  const sources = await machineSources();
  const parts = join(directory, 'sources.d');
  for (const folder of [parts, join(directory, 'lists/partial'), join(directory, 'archives/partial')]) {
    await mkdir(folder, { recursive: true });
  }
  const binarySources = join(directory, 'binary.sources');
  await writeFile(binarySources, renderAptSources(sources, 'deb'));
  await writeFile(join(parts, 'source.sources'), renderAptSources(sources, 'deb-src'));
  const options = [
    `Dir::Etc::sourcelist=/dev/null`,
    `Dir::Etc::sourceparts=${parts}`,
    `Dir::State::lists=${join(directory, 'lists')}`,
    `Dir::Cache=${directory}`,
    // The directory may lie below a home that apt's unprivileged user can't enter.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  return {
    binarySources,
    async unpackSource(name, into) {
      const place = join(directory, 'source', name);
      await mkdir(place, { recursive: true });
      await runLogged(log, ['apt-get', ...options, 'update'], { cwd: place });
      await runLogged(log, ['apt-get', ...options, 'source', '--only-source', name], { cwd: place });
      return await placeSource(place, into);
    },
  };
}

async function placeSource(place: string, into: string): Promise<string> {
  const entries = await readdir(place, { withFileTypes: true });
  const tree = entries.find((entry) => entry.isDirectory());
  const description = entries.find((entry) => entry.name.endsWith('.dsc'));
  if (tree === undefined || description === undefined) {
    throw new Failure({
      code: 'lab/source-package-incomplete',
      message: `apt-get left no source in ${place}`,
    });
  }
  await localHost.run(['mv', join(place, tree.name), into]);
  const text = await readFile(join(place, description.name), 'utf8');
  return /^Version: (.+)$/m.exec(text)?.[1] ?? 'unknown';
}

/** The machine's own Debian archive, whatever host or proxy it comes from. */
async function machineSources(): Promise<AptSource[]> {
  const codename = await debianCodename();
  const folder = '/etc/apt/sources.list.d';
  const names = (await localHost.files.exists(folder)) ? await localHost.files.list(folder) : [];
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  const sources: AptSource[] = [];
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name))) {
    const text = await localHost.files.readIfExists(file);
    if (text !== undefined) sources.push(...parseAptSources(file, text.toString('utf8'), codename));
  }
  if (sources.length === 0) {
    throw new Failure({
      code: 'lab/no-package-source',
      message: `no source of Debian ${codename} packages in /etc/apt/sources.list and ${folder}`,
      hint: `add the main component of ${codename} there, see sources.list(5)`,
    });
  }
  return sources;
}

/** For example `bookworm`. */
export async function debianCodename(): Promise<string> {
  const text = await localHost.files.readText('/etc/os-release');
  return /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(text)?.[1] ?? 'unknown';
}
