import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InstallerCommand, isUnbuilt } from '#cli/installerCommand.ts';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { INSTALLER_COMMANDS } from '#cli/openshiftInstallCommands.ts';
import { makeCoreosIso } from '../contract/coreosIso.ts';
import {
  differingPaths,
  type Facts,
  isExpected,
  listFiles,
  readExpectedDifferences,
  writeTree,
} from './contractCase.ts';
import { recordingIo } from './recordingIo.ts';

/** A recorded run on an input that is mostly refused; see tests/fixtures/contracts/INDEX.md. */
interface Row {
  readonly name: string;
  readonly cmd: string;
  readonly in: Readonly<Record<string, string>>;
  readonly rc: number;
  readonly stderr: readonly string[];
  /** `<size> <mode> <path>` for each file that is there afterwards. */
  readonly left: string;
}

const PATH = join(import.meta.dirname, '../fixtures/contracts/invalid.json');
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-refused-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

it('differs from the original only where a row says so, and every row is needed', {
  timeout: 300_000,
}, async () => {
  await makeCoreosIso({ folder: root, igninfo: { file: 'images/ignition.img' } });
  const recorded = JSON.parse(await readFile(PATH, 'utf8')) as Row[];
  const rows = await readExpectedDifferences();
  const excused = new Set(rows.filter((row) => row.case === '*').map(({ path }) => path));
  const used = new Set<unknown>();
  const surprises: string[] = [];
  let ran = 0;
  for (const row of recorded) {
    const { argv, env } = callOf(row);
    if (isUnbuilt(commandOf(argv))) continue;
    ran++;
    const ours = factsOf(await runRow(row, argv, env), excused);
    const theirs = factsOf(recordedOutcome(row), excused);
    for (const path of differingPaths(theirs, ours)) {
      const name = `invalid/${row.name}`;
      const excuse = rows.find((candidate) => isExpected(candidate, name, path));
      if (excuse === undefined) surprises.push(`${name}: ${path}`);
      else used.add(excuse);
    }
  }
  expect(surprises).toEqual([]);
  expect(rows.filter((row) => row.case.startsWith('invalid/') && !used.has(row))).toEqual([]);
  expect(ran).toBeGreaterThanOrEqual(110);
});

interface CallOfRow {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** `cd in; NAME=value openshift-install words`, or `(cwd: ...) openshift-install words # comment`. */
function callOf({ cmd }: Row): CallOfRow {
  const match = /^(?:cd in;|\(cwd: [^)]*\)) (?:(\w+)=(.*) )? *openshift-install ?([^#]*?) *(?:#.*)?$/.exec(
    cmd,
  );
  const [, name, value, words] = match ?? [];
  if (words === undefined) throw new Error(`what is run by "${cmd}"?`);
  const argv = words === '' ? [] : words.split(' ').map((word) => word.replace('$TMP', root));
  return {
    argv: words === 'image-based create image' ? [...argv, '--base-iso', '../live.iso'] : argv,
    env: name === undefined ? {} : { [name]: value! },
  };
}

/** The command that the words lead to; the whole program where they lead nowhere. */
function commandOf(argv: readonly string[]): InstallerCommand {
  let at: InstallerCommand = { name: 'openshift-install', summary: '', commands: INSTALLER_COMMANDS };
  for (const word of argv) at = at.commands?.find(({ name }) => name === word) ?? at;
  return at;
}

async function runRow(row: Row, argv: readonly string[], env: CallOfRow['env']): Promise<Outcome> {
  const folder = join(root, row.name);
  await mkdir(folder);
  await writeTree(folder, row.in);
  const io = { ...recordingIo({ cwd: folder }), env };
  const rc = await openshiftInstallMain(argv, io);
  const paths = await listFiles(folder);
  const modes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).mode & 0o7777));
  return {
    rc,
    stderr: io
      .stderrText()
      .split('\n')
      .filter((line) => line !== ''),
    modes: paths.map((path, i) => [path, `0${modes[i]!.toString(8)}`]),
  };
}

function recordedOutcome({ rc, stderr, left }: Row): Outcome {
  const lines = left.split('\n').filter((line) => line !== '');
  const modes = lines.map((line): [string, string] => {
    const [, mode = '', path = ''] = /^\d+ (\d+) (.*)$/.exec(line) ?? [];
    return [path, mode];
  });
  return { rc, stderr, modes };
}

interface Outcome {
  readonly rc: number;
  readonly stderr: readonly string[];
  readonly modes: readonly (readonly [path: string, mode: string])[];
}

/** Told for every command: what goes on inside, which is not the same. */
const DEBUG = /^level=debug msg=/;

function factsOf({ rc, stderr, modes }: Outcome, excused: ReadonlySet<string>): Facts {
  const told = stderr.filter((line) => !DEBUG.test(line)).map(maskLine);
  // A line that is excused in every recording would move the others.
  const lines = told.filter((line) => !excused.has(`stderr.${line}`));
  const facts = new Map<string, unknown>([['rc', rc]]);
  for (const [i, line] of inFixedOrder(lines).entries()) facts.set(`stderr[${i}]`, line);
  for (const [path, mode] of modes) facts.set(`dir.${path}.mode`, mode);
  return facts;
}

/** The original consumes its inputs in random order; ours come last, when everything is written. */
function inFixedOrder(lines: readonly string[]): string[] {
  const isConsumption = (line: string): boolean => line.startsWith('level=info msg=Consuming ');
  return [...lines.filter((line) => !isConsumption(line)), ...lines.filter(isConsumption).toSorted()];
}

/** Times differ; the original lists some supported values in random order. */
const maskLine = (line: string): string =>
  line
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replaceAll(
      /(supported values: )("[^"]*"(?:, "[^"]*")*)/g,
      (_, title: string, values: string) => title + values.split(', ').toSorted().join(', '),
    );
