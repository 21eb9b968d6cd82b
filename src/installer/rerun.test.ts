import { describe, expect, it } from 'vitest';
import type { LogRecord } from '#base/logger.ts';
import { MemoryHost } from '#system/testing.ts';
import { type AnyAsset, defineAsset } from './asset.ts';
import { createTarget } from './run.ts';
import { renderState, STATE_FILE } from './stateFile.ts';
import { plainContext } from './testing.ts';

/** Names of assets by the asset that they are inputs of; each asset is one file of its name in a folder of its name. */
type Graph = Readonly<Record<string, readonly string[]>>;

interface Case {
  readonly graph: Graph;
  /** Default: `a`. */
  readonly target?: readonly string[];
  /** Assets in the state file. */
  readonly state?: readonly string[];
  /** Files with another content than the state has. */
  readonly edited?: readonly string[];
  /** Files as they are in the state. */
  readonly same?: readonly string[];
  /** What is generated, in order. */
  readonly made: readonly string[];
  readonly discarded?: readonly string[];
  readonly consumed?: readonly string[];
}

const ONE: Graph = { a: [] };
const PAIR: Graph = { a: ['b'], b: [] };
const FORK: Graph = { a: ['b', 'c'], b: [], c: [] };
const CHAIN: Graph = { a: ['b'], b: ['c'], c: [] };
const DIAMOND: Graph = { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] };
const LADDER: Graph = { a: ['b', 'c'], b: ['c'], c: [] };

/** What a second run in a directory does (spec/installer/02.2 and the store's vectors in 11.3). */
const CASES: Readonly<Record<string, Case>> = {
  'makes one asset': { graph: ONE, made: ['a'] },
  'makes an input before what is made of it': { graph: PAIR, made: ['b', 'a'] },
  'makes all inputs': { graph: FORK, made: ['b', 'c', 'a'] },
  'makes a chain from its end': { graph: CHAIN, made: ['c', 'b', 'a'] },
  'makes a shared input once': { graph: DIAMOND, made: ['d', 'b', 'c', 'a'] },
  'makes an input that is also an input of another one first': { graph: LADDER, made: ['c', 'b', 'a'] },
  'makes nothing that is in the state': { graph: PAIR, state: ['a', 'b'], made: [] },
  'makes nothing for an asset in the state whose input never was there': {
    graph: PAIR,
    state: ['a'],
    made: [],
  },
  'makes only what is not in the state': { graph: PAIR, state: ['b'], made: ['a'] },
  'takes the target from its file, and needs nothing else': { graph: PAIR, edited: ['a'], made: [] },
  'makes the target of an input file': { graph: PAIR, edited: ['b'], made: ['a'], consumed: ['b'] },
  'discards a file whose input is a file': {
    graph: PAIR,
    edited: ['a', 'b'],
    made: ['a'],
    discarded: ['a'],
    consumed: ['b'],
  },
  'makes everything of a shared input that is a file': {
    graph: DIAMOND,
    edited: ['d'],
    made: ['b', 'c', 'a'],
    consumed: ['d'],
  },
  'makes one side of a diamond whose other side is a file': {
    graph: DIAMOND,
    edited: ['b'],
    made: ['d', 'c', 'a'],
    consumed: ['b'],
  },
  'takes the side of a diamond from the state that does not depend on the file': {
    graph: DIAMOND,
    state: ['a', 'b', 'c', 'd'],
    edited: ['b'],
    made: ['a'],
    consumed: ['b'],
  },
  'keeps an edited file whose input did not change': {
    graph: CHAIN,
    state: ['a', 'b', 'c'],
    edited: ['b'],
    made: ['a'],
    consumed: ['b'],
  },
  'makes grandchildren of an edited file again': {
    graph: CHAIN,
    state: ['a', 'b', 'c'],
    edited: ['c'],
    made: ['b', 'a'],
    consumed: ['c'],
  },
  'discards a file between an edited one and the target': {
    graph: CHAIN,
    state: ['a', 'b', 'c'],
    edited: ['b', 'c'],
    made: ['b', 'a'],
    discarded: ['b'],
    consumed: ['b', 'c'],
  },
  'does not mind a file that is as in the state': {
    graph: PAIR,
    state: ['a', 'b'],
    same: ['b'],
    made: [],
    consumed: ['b'],
  },
  'takes the same content for an edit where the state has none': {
    graph: PAIR,
    state: ['a'],
    same: ['b'],
    made: ['a'],
    consumed: ['b'],
  },
  'leaves the files of the target itself': {
    graph: PAIR,
    target: ['a', 'b'],
    state: ['a', 'b'],
    same: ['a', 'b'],
    made: [],
  },
  'makes what two assets of a target share once': {
    graph: DIAMOND,
    target: ['b', 'c'],
    made: ['d', 'b', 'c'],
  },
};

function assetsOf(graph: Graph, made: string[]): Record<string, AnyAsset> {
  const assets: Record<string, AnyAsset> = {};
  const assetOf = (name: string): AnyAsset => {
    assets[name] ??= defineAsset<unknown, Record<string, AnyAsset>>({
      name,
      stateKey: `*test.${name}`,
      inputs: Object.fromEntries(graph[name]!.map((input) => [input, assetOf(input)])),
      source: {
        path: `${name}/${name}.yaml`,
        parse: ([file]) => ({ value: file!.content.toString(), warnings: [] }),
      },
      generate: () => {
        made.push(name);
        return `made ${name}`;
      },
      files: (value) => [{ path: `${name}/${name}.yaml`, content: value as string, mode: 0o640 }],
    });
    return assets[name];
  };
  Object.keys(graph).forEach(assetOf);
  return assets;
}

async function run(host: MemoryHost, { graph, target = ['a'] }: Case) {
  const made: string[] = [];
  const log: LogRecord[] = [];
  const assets = assetsOf(graph, made);
  await createTarget(
    { title: 'Test', assets: target.map((name) => assets[name]!) },
    {
      dir: '.',
      root: '/dir',
      files: host.files,
      context: plainContext(log),
      baseIso: () => Promise.reject(new Error('no base image is needed')),
    },
  );
  const named = (form: RegExp): string[] =>
    log.flatMap(({ message }) => form.exec(message.trim())?.[1] ?? []).toSorted();
  return {
    made,
    discarded: named(/^Discarding the (\w+) that/),
    consumed: named(/^Consuming (\w+) from/),
  };
}

const stateOf = (names: readonly string[]): string =>
  renderState({
    values: new Map(names.map((name) => [`*test.${name}`, `made ${name}`])),
    consuming: {},
    consumed: {},
    made: {},
  });

function directoryOf({ state = [], edited = [], same = [] }: Case): MemoryHost {
  const files = [
    ...edited.map((name) => [`/dir/${name}/${name}.yaml`, `edited ${name}`]),
    ...same.map((name) => [`/dir/${name}/${name}.yaml`, `made ${name}`]),
    ...(state.length > 0 ? [[`/dir/${STATE_FILE}`, stateOf(state)]] : []),
  ];
  return new MemoryHost({ '/dir/notes.txt': 'mine', ...Object.fromEntries(files) });
}

describe.each(Object.entries(CASES))('a run in a directory %s', (_, given) => {
  const target = given.target ?? ['a'];

  it('as the original does', async () => {
    const host = directoryOf(given);
    const { made, discarded = [], consumed = [] } = given;
    expect(await run(host, given)).toEqual({ made, discarded, consumed });
    const left = Object.keys(host.files.tree()).filter((path) => !path.endsWith(STATE_FILE));
    expect(left).toEqual([...target.map((name) => `/dir/${name}/${name}.yaml`), '/dir/notes.txt']);
  });

  it('and changes nothing when it is repeated', async () => {
    const host = directoryOf(given);
    await run(host, given);
    const files = host.files.tree();
    expect(await run(host, given)).toEqual({ made: [], discarded: [], consumed: [] });
    expect(host.files.tree()).toEqual(files);
  });
});
