import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bootstrapFiles,
  bootstrapInPlaceFiles,
  bootstrapUnits,
  type MachineFile,
} from '#installer/bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '#installer/bootstrap/bootstrapFacts.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { localHost } from '#system/localHost.ts';
import { bareMetalFacts } from './bootstrapFacts.ts';
import { IN_PLACE, NONE_HA } from './bootstrapMachine.ts';

const data = openDataFiles('installer/data');
const MACHINES: readonly (readonly [string, BootstrapFacts])[] = [
  ['none', NONE_HA],
  ['a single node in place', IN_PLACE],
  ['bare metal', bareMetalFacts(NONE_HA)],
];

const filesOf = (facts: BootstrapFacts): MachineFile[] => [
  ...bootstrapFiles(facts, data),
  ...bootstrapInPlaceFiles(facts, data),
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-units-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode });
}

/** Keys of podman-systemd.unit(5) that podman 5 knows and that are used here. */
const QUADLET_KEYS: Readonly<Record<string, readonly string[]>> = {
  Container: [
    ...['AddCapability', 'ContainerName', 'Environment', 'EnvironmentFile', 'Exec', 'Image', 'Network'],
    ...['PodmanArgs', 'SecurityLabelDisable', 'Volume'],
  ],
  Volume: ['VolumeName'],
};

interface Section {
  readonly name: string;
  readonly lines: readonly string[];
}

const sectionsOf = (text: string): Section[] =>
  text
    .split(/^(?=\[)/m)
    .filter((part) => part.startsWith('['))
    .map((part) => {
      const [header, ...lines] = part.split('\n');
      return {
        name: header!.slice(1, -1),
        lines: lines.filter((line) => line !== '' && !line.startsWith('#')),
      };
    });

/** What podman's generator makes of a quadlet, as far as systemd's settings go. */
function serviceOf(quadlet: MachineFile): { name: string; text: string } {
  const name = basename(quadlet.path)
    .replace(/\.container$/, '.service')
    .replace(/\.volume$/, '-volume.service');
  const sections = sectionsOf(quadlet.content).filter(({ name }) => !(name in QUADLET_KEYS));
  const withService = sections.some(({ name }) => name === 'Service')
    ? sections
    : [...sections, { name: 'Service', lines: ['Type=oneshot'] }];
  const text = withService.map(({ name, lines }) => [
    `[${name}]`,
    ...lines,
    ...(name === 'Service' ? ['ExecStart=/usr/bin/podman run'] : []),
  ]);
  return { name, text: `${text.flat().join('\n')}\n` };
}

const isQuadlet = ({ path }: MachineFile): boolean => path.startsWith('/etc/containers/systemd/');

/** Lays out units, scripts and stand-ins of the other programs that units name; returns the names of units that have contents. */
async function layOut(root: string, facts: BootstrapFacts): Promise<string[]> {
  const units = new Map<string, string>();
  for (const { name, contents, dropins } of bootstrapUnits(facts, data)) {
    if (contents !== undefined) units.set(name, contents);
    for (const dropin of dropins) {
      // The unit itself is one of the machine's image.
      if (contents === undefined) units.set(name, '[Service]\nExecStart=/usr/bin/true\n');
      await put(join(root, 'etc/systemd/system', `${name}.d`, dropin.name), dropin.contents, 0o644);
    }
  }
  const files = filesOf(facts);
  for (const file of files) {
    await put(join(root, file.path), file.content, file.mode);
    if (file.path.startsWith('/etc/systemd/system/')) units.set(basename(file.path), file.content);
    if (isQuadlet(file)) units.set(serviceOf(file).name, serviceOf(file).text);
  }
  for (const [name, text] of units) await put(join(root, 'etc/systemd/system', name), text, 0o644);
  const dropins = bootstrapUnits(facts, data).flatMap((unit) => unit.dropins.map(({ contents }) => contents));
  const settings = [...units.values(), ...dropins].join('\n');
  for (const [, program] of settings.matchAll(/^Exec\w+=-?(\/usr\/(?!local\/)\S+)/gm)) {
    await put(join(root, program!), '', 0o755);
  }
  await put(join(root, 'usr/bin/true'), '', 0o755);
  return [...units.keys()];
}

/** What systemd has to say about the units. */
const complaintsOf = async (root: string, units: readonly string[]): Promise<string> => {
  const files = units.map((name) => join(root, 'etc/systemd/system', name));
  const program = ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', `--root=${root}`];
  return (await localHost.run([...program, ...files], { okCodes: [0, 1] })).stderr;
};

describe.each(MACHINES)('the bootstrap machine of %s', (name, facts) => {
  const root = (): string => join(folder, name.replaceAll(' ', '-'));

  it('has units that systemd finds nothing to say about', async () => {
    const units = await layOut(root(), facts);
    expect(units.length).toBeGreaterThan(10);
    expect(await complaintsOf(root(), units)).toBe('');
  });

  it('has units that start only scripts that are there', async () => {
    const paths = new Set(filesOf(facts).map(({ path }) => path));
    const texts = [
      ...bootstrapUnits(facts, data).map(({ contents }) => contents ?? ''),
      ...filesOf(facts).map(({ content }) => content),
    ];
    const named = texts.flatMap((text) =>
      [...text.matchAll(/^Exec\w+=(\/usr\/local\/\S+)/gm)].map(([, path]) => path!),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !paths.has(path))).toEqual([]);
  });

  it('has scripts that bash can read', async () => {
    const scripts = filesOf(facts).filter(({ content }) => /^#!.*\bbash\b/.test(content));
    expect(scripts.length).toBeGreaterThan(10);
    for (const { path, content, mode } of scripts) {
      const file = join(root(), path);
      await put(file, content, mode);
      const { stderr } = await localHost.run(['bash', '-n', file], { okCodes: [0, 1, 2] });
      expect(stderr, path).toBe('');
    }
  });
});

describe('the check of the units', () => {
  it('finds a key that systemd does not know, and a program that is missing', async () => {
    const root = join(folder, 'wrong');
    await layOut(root, NONE_HA);
    await put(
      join(root, 'etc/systemd/system/wrong.service'),
      '[Service]\nExecStartt=/usr/bin/true\nExecStart=/usr/bin/missing\n',
      0o644,
    );
    const complaints = await complaintsOf(root, ['wrong.service']);
    expect(complaints).toContain("Unknown key 'ExecStartt'");
    expect(complaints).toContain('/usr/bin/missing is not executable');
  });
});

describe('the quadlets of bare metal', () => {
  const quadlets = filesOf(bareMetalFacts(NONE_HA)).filter(isQuadlet);

  it('have only keys that podman knows', () => {
    expect(quadlets).toHaveLength(7);
    for (const { path, content } of quadlets) {
      for (const { name, lines } of sectionsOf(content)) {
        if (['Unit', 'Service', 'Install'].includes(name)) continue;
        expect(Object.keys(QUADLET_KEYS), path).toContain(name);
        expect(QUADLET_KEYS[name], path).toEqual(
          expect.arrayContaining(lines.map((line) => line.split('=')[0]!)),
        );
      }
    }
  });

  it('name volumes, networks and units of this machine', () => {
    const names = new Set([
      ...quadlets.map((quadlet) => serviceOf(quadlet).name),
      ...bootstrapUnits(bareMetalFacts(NONE_HA), data).map(({ name }) => name),
      ...['multi-user.target'],
    ]);
    const wanted = quadlets.flatMap(({ content }) =>
      [...content.matchAll(/^(?:Requires|Wants|After|BindsTo|WantedBy)=(.*)$/gm)].flatMap(([, list]) =>
        list!.split(' '),
      ),
    );
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});
