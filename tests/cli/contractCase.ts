import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import { scanPem } from '#formats/pem.ts';
import { parseCertificate } from '#pki/certificate.ts';
import { OID } from '#pki/oids.ts';
import { readEmbeddedIgnition } from './embeddedIgnition.ts';
import { recordingIo } from './recordingIo.ts';

/** A recorded case of the original, as far as it is compared; see tests/fixtures/contracts/INDEX.md. */
export interface ContractCase {
  readonly case: string;
  readonly in: Readonly<Record<string, string>>;
  readonly iso?: Readonly<Record<string, FileFacts>>;
  readonly embeddedIgnition?: unknown;
  readonly steps: { readonly run: RunFacts };
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

/** What a case comes to, as path -> value; two runs are equal if these are. Volatile values are masked. */
export type Facts = ReadonlyMap<string, unknown>;

/** The recorded facts. */
export function recordedFacts(contract: ContractCase): Facts {
  return factsOf({
    ...contract.steps.run,
    iso: contract.iso ?? {},
    embeddedIgnition: contract.embeddedIgnition,
  });
}

/** Runs the program on a case's input in `root` and gathers the same facts. */
export async function runCase(contract: ContractCase, root: string, argv: readonly string[]): Promise<Facts> {
  await mkdir(root, { recursive: true });
  await writeTree(root, contract.in);
  const io = recordingIo({ cwd: root });
  const rc = await openshiftInstallMain(argv, io);
  const stderr = io
    .stderrText()
    .split('\n')
    .filter((line) => line !== '');
  return factsOf({
    rc,
    stderr,
    stdout: io.stdoutText(),
    dir: await factsOfTree(root),
    iso: {
      ...(await factsOfIso(join(root, 'imagebasedconfig.iso'))),
      ...(await factsOfIso(join(root, 'rhcos-ibi.iso'))),
    },
    embeddedIgnition: await readEmbeddedIgnition(join(root, 'rhcos-ibi.iso')),
  });
}

async function factsOfTree(root: string): Promise<Record<string, FileFacts>> {
  const paths = await listFiles(root);
  const facts = paths.map(async (path): Promise<[string, FileFacts]> => {
    const mode = `0o${((await stat(join(root, path))).mode & 0o7777).toString(8)}`;
    const text = await readFile(join(root, path), 'utf8');
    if (path.endsWith('state.json')) {
      return [path, { mode, stateKeys: Object.keys(JSON.parse(text) as Record<string, unknown>) }];
    }
    return [path, { mode, text }];
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

/** Of the target directory's files only those with plain text are compared by content here; the others have tests of their own. */
function factsOf(run: CaseFacts): Facts {
  const facts = new Map<string, unknown>([['rc', run.rc]]);
  for (const line of run.stderr) facts.set(`stderr.${line}`, countOf(run.stderr, line));
  for (const line of (run.stdout ?? '').split('\n').filter((each) => each !== ''))
    facts.set(`stdout.${maskBuild(line)}`, true);
  for (const [path, { mode, text, stateKeys }] of Object.entries(run.dir)) {
    facts.set(`dir.${path}.mode`, mode);
    if (path.endsWith('.yaml') && text !== undefined) facts.set(`dir.${path}.text`, withoutComments(text));
    for (const key of stateKeys ?? []) facts.set(`stateKeys.${key}`, true);
  }
  flatten(run.embeddedIgnition, 'embeddedIgnition', facts);
  for (const [path, { mode, json, text, bytes }] of Object.entries(run.iso)) {
    facts.set(`iso.${path}.mode`, mode);
    if (bytes !== undefined) facts.set(`iso.${path}.bytes`, bytes);
    if (text !== undefined) facts.set(`iso.${path}.text`, text);
    flatten(json, `iso.${path}.json`, facts);
  }
  return facts;
}

const countOf = (lines: readonly string[], line: string): number =>
  lines.filter((other) => other === line).length;

const withoutComments = (yaml: string): string => yaml.replaceAll(/^#.*\n/gm, '');

function flatten(value: unknown, path: string, facts: Map<string, unknown>): void {
  if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, member] of Object.entries(value))
      flatten(member, isList ? `${path}[${key}]` : `${path}.${key}`, facts);
  } else if (value !== undefined) facts.set(path, typeof value === 'string' ? mask(value, path) : value);
}

/** Volatile values by their form; a value of a wrong form stays as it is and differs. */
function mask(text: string, path: string): string {
  const masked = maskPem(text)
    .replace(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '<uuid>')
    .replace(/^\$2a\$10\$[./A-Za-z0-9]{53}$/, '<bcrypt>')
    .replace(/^ingress-operator@\d{10}$/, 'ingress-operator@<time>');
  return path.endsWith('.infra_id')
    ? masked.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '-<suffix>')
    : masked;
}

/** What is stamped into one build of the program, in the output of `version`. */
const maskBuild = (line: string): string =>
  line
    .replace(/^(built from commit) [0-9a-f]{40}$/, '$1 <commit>')
    .replace(/^(release image) [\w./-]+[:@][\w.:]+$/, '$1 <pull spec>')
    .replace(/^(sower) \d+\.\d+\.\d+$/, '$1 <version>');

/** As the recordings do it: `<LABEL subject>`. */
function maskPem(text: string): string {
  let masked = text;
  for (const { label, der, start, end } of scanPem(text).blocks.toReversed()) {
    const subject = label === 'CERTIFICATE' ? ` ${subjectOf(der)}` : '';
    masked = `${masked.slice(0, start)}<${label}${subject}>${masked.slice(end)}`;
  }
  return masked;
}

const LABELS: Readonly<Record<string, string>> = {
  [OID.commonName]: 'CN',
  [OID.organization]: 'O',
  [OID.organizationalUnit]: 'OU',
};

/** RFC 4514: the last attribute first. */
export const subjectOf = (der: Buffer): string =>
  parseCertificate(der)
    .subject.attributes.toReversed()
    .map(({ oid, value }) => `${LABELS[oid]}=${value}`)
    .join(',');

/** Paths at which two runs differ. */
export function differingPaths(a: Facts, b: Facts): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path)).toSorted();
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
