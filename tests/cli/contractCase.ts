import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import { readEmbeddedIgnition } from './embeddedIgnition.ts';
import { fileFacts, keyedIgnition, type RecordedIgnition } from './fileFacts.ts';
import { maskBuild, maskVolatile } from './masks.ts';
import type { RecordedStep } from './recordedSteps.ts';
import { recordingIo } from './recordingIo.ts';

/** A recorded case of the original, as far as it is compared; see tests/fixtures/contracts/INDEX.md. */
export interface ContractCase {
  readonly case: string;
  /** As a person typed them; `stepsOf` reads them. */
  readonly commands: string;
  readonly in: Readonly<Record<string, string>>;
  readonly iso?: Readonly<Record<string, FileFacts>>;
  readonly embeddedIgnition?: unknown;
  readonly steps: Readonly<Record<string, RunFacts>>;
}

interface RunFacts {
  readonly rc: number;
  readonly stderr: readonly string[];
  /** Only of commands that print. */
  readonly stdout?: string;
  readonly dir: Readonly<Record<string, FileFacts>>;
}

interface FileFacts {
  readonly mode: string;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: number;
  readonly yaml?: unknown;
  readonly ign?: unknown;
  readonly kubeconfig?: unknown;
  readonly pattern?: string;
  readonly stateKeys?: readonly string[];
}

const CONTRACTS = join(import.meta.dirname, '../fixtures/contracts');

export const readContract = async (name: string): Promise<ContractCase> =>
  JSON.parse(await readFile(join(CONTRACTS, `${name}.json`), 'utf8')) as ContractCase;

export async function writeTree(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** What a step comes to, as path -> value; two runs are equal if these are. Volatile values are masked. */
export type Facts = ReadonlyMap<string, unknown>;

/** The recorded facts of a step. */
export function recordedFacts(contract: ContractCase, step = 'run'): Facts {
  const run = contract.steps[step]!;
  const dir = Object.entries(run.dir).map(([path, facts]) => [
    path,
    facts.ign === undefined ? facts : { ...facts, ign: keyedIgnition(facts.ign as RecordedIgnition) },
  ]);
  return factsOf(
    {
      ...run,
      dir: Object.fromEntries(dir) as Record<string, FileFacts>,
      iso: contract.iso ?? {},
      embeddedIgnition: contract.embeddedIgnition,
    },
    clusterNameOf(contract),
  );
}

/** Runs the program in `root`, which has the step's input already, and gathers the same facts. */
export async function runStep(
  contract: ContractCase,
  root: string,
  { argv, env }: Pick<RecordedStep, 'argv' | 'env'>,
): Promise<Facts> {
  const io = { ...recordingIo({ cwd: root }), env };
  const rc = await openshiftInstallMain(argv, io);
  const stderr = io
    .stderrText()
    .split('\n')
    .filter((line) => line !== '');
  const run: CaseFacts = {
    rc,
    stderr,
    stdout: io.stdoutText(),
    dir: await factsOfTree(root),
    iso: {
      ...(await factsOfIso(join(root, 'imagebasedconfig.iso'))),
      ...(await factsOfIso(join(root, 'rhcos-ibi.iso'))),
    },
    embeddedIgnition: await readEmbeddedIgnition(join(root, 'rhcos-ibi.iso')),
  };
  return factsOf(run, clusterNameOf(contract));
}

const clusterNameOf = (contract: ContractCase): string | undefined => {
  const config = parse(contract.in['install-config.yaml'] ?? '{}') as { metadata?: { name?: string } };
  return config.metadata?.name;
};

async function factsOfTree(root: string): Promise<Record<string, FileFacts>> {
  const paths = await listFiles(root);
  const facts = paths.map(async (path): Promise<[string, FileFacts]> => {
    const mode = `0o${((await stat(join(root, path))).mode & 0o7777).toString(8)}`;
    if (path.endsWith('.iso')) return [path, { mode }];
    return [path, { mode, ...fileFacts(path, await readFile(join(root, path))) }];
  });
  return Object.fromEntries(await Promise.all(facts));
}

export async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();
}

async function factsOfIso(path: string): Promise<Record<string, FileFacts>> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return {};
  const source = { read: async (offset: number, length: number) => bytes.subarray(offset, offset + length) };
  const files = (await readIso(source)).entries.filter(({ kind }) => kind === 'file');
  const facts = files.map(async (file): Promise<[string, FileFacts]> => {
    const content = factsOfContent(file.path, await readIsoFile(source, file));
    return [file.path, { mode: `0o${file.mode.toString(8)}`, ...content }];
  });
  return Object.fromEntries(await Promise.all(facts));
}

function factsOfContent(path: string, bytes: Buffer): Partial<FileFacts> {
  const text = bytes.toString('utf8');
  if (path.endsWith('.json')) return { json: JSON.parse(text) as unknown };
  return Buffer.from(text).equals(bytes) ? { text } : { bytes: bytes.length };
}

interface CaseFacts extends RunFacts {
  readonly iso: Readonly<Record<string, FileFacts>>;
  readonly embeddedIgnition: unknown;
}

/** Facts of the same kind for recordings and for runs of ours. */
function factsOf(run: CaseFacts, clusterName: string | undefined): Facts {
  const facts = new Map<string, unknown>([['rc', run.rc]]);
  const put = (path: string, value: unknown): void => flatten(value, path, clusterName, facts);
  const stderr = run.stderr.map((line) => maskVolatile(line, clusterName));
  for (const line of stderr) facts.set(`stderr.${line}`, countOf(stderr, line));
  for (const line of (run.stdout ?? '').split('\n').filter((each) => each !== ''))
    facts.set(`stdout.${maskBuild(line)}`, true);
  for (const [path, { mode, text, stateKeys, yaml, json, ign, kubeconfig, pattern }] of Object.entries(
    run.dir,
  )) {
    facts.set(`dir.${path}.mode`, mode);
    if (path.endsWith('.yaml') && text !== undefined)
      put(`dir.${path}.text`, unfolded(withoutComments(text)));
    for (const key of stateKeys ?? []) facts.set(`stateKeys.${key}`, true);
    put(`dir.${path}`, { yaml, json, ign, kubeconfig, pattern });
  }
  put('embeddedIgnition', run.embeddedIgnition);
  for (const [path, { mode, json, text, bytes }] of Object.entries(run.iso)) {
    facts.set(`iso.${path}.mode`, mode);
    if (bytes !== undefined) facts.set(`iso.${path}.bytes`, bytes);
    if (text !== undefined) facts.set(`iso.${path}.text`, text);
    put(`iso.${path}.json`, json);
  }
  return facts;
}

const countOf = (lines: readonly string[], line: string): number =>
  lines.filter((other) => other === line).length;

/** Where a long line of YAML is folded is a matter of the writer; an install-config is also the value of a ConfigMap. */
const unfolded = (yaml: string): string => parseDocument(yaml).toString({ lineWidth: 0 });
const FOLDED = /\.data\.install-config$/;

const withoutComments = (yaml: string): string => yaml.replaceAll(/^#.*\n/gm, '');

function flatten(
  value: unknown,
  path: string,
  clusterName: string | undefined,
  facts: Map<string, unknown>,
): void {
  if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, member] of Object.entries(value))
      flatten(member, isList ? `${path}[${key}]` : `${path}.${key}`, clusterName, facts);
  } else if (typeof value === 'string') {
    facts.set(path, maskVolatile(FOLDED.test(path) ? unfolded(value) : value, clusterName));
  } else if (value !== undefined) facts.set(path, value);
}

/** Paths at which a run differs from the recording. Of a machine's files only some contents were recorded. */
export function differingPaths(recorded: Facts, actual: Facts): string[] {
  const paths = new Set([...recorded.keys(), ...actual.keys()]);
  return [...paths]
    .filter((path) => recorded.get(path) !== actual.get(path))
    .filter((path) => recorded.has(path) || !/\.ign\.files\..*\.content$/.test(path))
    .toSorted();
}

export interface ExpectedDifference {
  /** `*`: in every case. */
  readonly case: string;
  /** `*`: the whole case. */
  readonly path: string;
  readonly reason: string;
}

export const readExpectedDifferences = async (): Promise<ExpectedDifference[]> => {
  const path = join(import.meta.dirname, '../contract/expected-differences.json');
  return JSON.parse(await readFile(path, 'utf8')) as ExpectedDifference[];
};

export const isExpected = (row: ExpectedDifference, name: string, path: string): boolean =>
  (row.case === '*' || row.case === name) && (row.path === '*' || row.path === path);
