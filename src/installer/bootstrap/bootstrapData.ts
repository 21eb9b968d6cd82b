import type { DataFiles } from '#system/dataFiles.ts';
import type { BootstrapFacts } from './bootstrapFacts.ts';
import { renderTemplate, type TemplateValues } from './template.ts';
import { templateValues } from './templateValues.ts';

/** A file of the bootstrap machine. */
export interface MachineFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
  /** Added to a file that the machine's image has; otherwise such a file is replaced. */
  readonly append?: true;
}

/** A systemd unit of the bootstrap machine. */
export interface MachineUnit {
  readonly name: string;
  /** Absent where the unit of the machine's image is kept. */
  readonly contents?: string;
  /** Absent where something else starts it. */
  readonly enabled?: true;
  readonly dropins: readonly { readonly name: string; readonly contents: string }[];
}

const ROOT = 'bootstrap';
const TEMPLATE = '.template';
const IN_PLACE = 'bootstrap-in-place';

/** Folders that hold `files/<absolute path>` and `units/<unit name>` for every machine, and those for some of them. */
const machineGroups = ({ platform }: BootstrapFacts): string[] => [
  ROOT,
  `${ROOT}/rhcos`,
  `${ROOT}/${platform}`,
];
const inPlaceGroups = ({ inPlace }: BootstrapFacts): string[] =>
  inPlace === undefined ? [] : [`${ROOT}/${IN_PLACE}`];

/** Nothing else starts these (spec/installer/06.5). */
const ENABLED = new Set([
  'approve-csr.service',
  'chown-gatewayd-key.service',
  'coredns.service',
  'install-to-disk.service',
  'ironic.service',
  'keepalived.service',
  'kubelet.service',
  'master-bmh-update.service',
  'progress.service',
  'systemd-journal-gatewayd.socket',
]);

/** Scripts, settings and units' files of any bootstrap machine, and those of the platform, in this order. */
export const bootstrapFiles = (facts: BootstrapFacts, data: DataFiles): MachineFile[] =>
  filesOf(machineGroups(facts), facts, data);

/** What comes on top where the bootstrap machine itself becomes the single node; nothing elsewhere. */
export const bootstrapInPlaceFiles = (facts: BootstrapFacts, data: DataFiles): MachineFile[] =>
  filesOf(inPlaceGroups(facts), facts, data);

/** The units of the machine, of its platform and of a bootstrap in place, in this order. */
export function bootstrapUnits(facts: BootstrapFacts, data: DataFiles): MachineUnit[] {
  const values = templateValues(facts);
  return [...machineGroups(facts), ...inPlaceGroups(facts)].flatMap((group) =>
    unitsOf(entriesBelow(`${group}/units/`, data, values)),
  );
}

/** Modes are a matter of the place (spec/installer/06.1). */
export function modeOf(path: string): number {
  const [name, folder] = path.split('/').toReversed();
  if (['bin', 'dispatcher.d', 'system-generators'].includes(folder ?? '')) return 0o555;
  return ['motd', 'containers.conf', 'registries.conf'].includes(name ?? '') ? 0o644 : 0o600;
}

const isAppended = (path: string): boolean => /\/(motd|containers\.conf)$/.test(path);

function filesOf(groups: readonly string[], facts: BootstrapFacts, data: DataFiles): MachineFile[] {
  const values = templateValues(facts);
  return groups.flatMap((group) =>
    entriesBelow(`${group}/files/`, data, values).map(({ name, content }) => {
      const path = `/${name}`;
      return { path, mode: modeOf(path), content, ...(isAppended(path) && { append: true as const }) };
    }),
  );
}

interface Entry {
  /** Relative to the folder it was looked for in, without `.template`. */
  readonly name: string;
  readonly content: string;
}

function entriesBelow(folder: string, data: DataFiles, values: TemplateValues): Entry[] {
  const paths = data.list().filter((path) => path.startsWith(folder));
  return paths.map((path) => {
    const name = path.slice(folder.length);
    const text = data.read(path);
    if (!name.endsWith(TEMPLATE)) return { name, content: text };
    return { name: name.slice(0, -TEMPLATE.length), content: renderTemplate(path, text, values) };
  });
}

/** `NAME` holds a unit, or nothing when it is only enabled; `NAME.d/X.conf` adds to a unit. */
function unitsOf(entries: readonly Entry[]): MachineUnit[] {
  const names = new Set(entries.map(({ name }) => name.replace(/\.d\/.*$/, '')));
  return [...names].map((name) => {
    const contents = entries.find((entry) => entry.name === name)?.content ?? '';
    const dropins = entries
      .filter((entry) => entry.name.startsWith(`${name}.d/`))
      .map((entry) => ({ name: entry.name.slice(`${name}.d/`.length), contents: entry.content }));
    return {
      name,
      ...(contents !== '' && { contents }),
      ...(ENABLED.has(name) && { enabled: true as const }),
      dropins,
    };
  });
}
