import { describe, expect, it } from 'vitest';
import { Failure } from '#base/failure.ts';
import type { LogRecord } from '#base/logger.ts';
import { type AnyAsset, defineAsset, type InputFile } from './asset.ts';
import type { State } from './stateFile.ts';
import { AssetStore } from './store.ts';
import { plainContext } from './testing.ts';

/** `grandchild` is made of `child`, `child` of `parent`; each can be given on disk. */
function graph(made: string[]) {
  const one = (name: string, inputs: Record<string, AnyAsset>): AnyAsset =>
    defineAsset<unknown, Record<string, AnyAsset>>({
      name,
      stateKey: `*test.${name}`,
      inputs,
      source: {
        path: [name, `${name}.more`],
        parse: (files) => {
          const text = files.map(({ content }) => content.toString()).join('');
          if (text === 'broken') throw new Failure({ code: 'test/broken', message: `${name} is broken` });
          if (text === 'not it') return undefined;
          return { value: text, warnings: [] };
        },
      },
      generate: (values) => {
        made.push(name);
        return [name, ...Object.values(values)].join(' of ');
      },
    });
  const parent = one('parent', {});
  const child = one('child', { parent });
  const grandchild = one('grandchild', { child });
  return { parent, child, grandchild };
}

async function run(disk: Record<string, string>, state: Record<string, unknown>) {
  const made: string[] = [];
  const logged: LogRecord[] = [];
  const { grandchild } = graph(made);
  const readInputs = async (path: string): Promise<InputFile[]> =>
    disk[path] === undefined ? [] : [{ path, content: Buffer.from(disk[path]) }];
  const store = new AssetStore({
    state: new Map(Object.entries(state)) satisfies State,
    readInputs,
    context: plainContext(logged),
  });
  const value = await store.fetch(grandchild);
  const warnings = logged.filter(({ level }) => level === 'warning').map(({ message }) => message.trim());
  const consumable = (await store.consumable()).flatMap(({ files }) => files.map(({ path }) => path));
  return { value, made, warnings, consumable, state: Object.fromEntries(await store.values()) };
}

const STORED = { '*test.parent': 'P', '*test.child': 'C', '*test.grandchild': 'G' };

describe('the asset store', () => {
  it('generates everything in an empty directory, each asset once', async () => {
    const { value, made, state } = await run({}, {});
    expect(value).toBe('grandchild of child of parent');
    expect(made).toEqual(['parent', 'child', 'grandchild']);
    expect(Object.keys(state).toSorted()).toEqual(['*test.child', '*test.grandchild', '*test.parent']);
  });

  it('takes everything from the state where nothing is on disk', async () => {
    expect(await run({}, STORED)).toMatchObject({ value: 'G', made: [], consumable: [] });
  });

  it('makes again what depends on a changed file', async () => {
    const { value, made, consumable } = await run({ parent: 'edited' }, STORED);
    expect(value).toBe('grandchild of child of edited');
    expect(made).toEqual(['child', 'grandchild']);
    expect(consumable).toEqual(['parent']);
  });

  it('keeps what depends on a file that is as in the state, and consumes the file', async () => {
    expect(await run({ parent: 'P' }, STORED)).toMatchObject({
      value: 'G',
      made: [],
      consumable: ['parent'],
    });
  });

  it('uses a given child of a parent that did not change', async () => {
    expect(await run({ child: 'given' }, STORED)).toMatchObject({
      value: 'grandchild of given',
      made: ['grandchild'],
      warnings: [],
    });
  });

  it('discards a given child of a changed parent, says so, and consumes it', async () => {
    const { value, warnings, consumable } = await run({ parent: 'edited', child: 'given' }, {});
    expect(value).toBe('grandchild of child of edited');
    expect(warnings).toEqual([
      'Discarding the child that was provided in the target directory because its dependencies are dirty and it needs to be regenerated',
    ]);
    expect(consumable.toSorted()).toEqual(['child', 'parent']);
  });

  it('makes an asset of all of its files', async () => {
    expect(await run({ parent: 'edi', 'parent.more': 'ted' }, {})).toMatchObject({
      value: 'grandchild of child of edited',
      consumable: ['parent', 'parent.more'],
    });
  });

  it('takes files that do not give the asset for none, and leaves them alone', async () => {
    expect(await run({ parent: 'not it' }, STORED)).toMatchObject({ value: 'G', made: [], consumable: [] });
  });

  it('names the chain to a broken file', async () => {
    await expect(run({ parent: 'broken' }, {})).rejects.toThrow(
      'failed to fetch grandchild: failed to load asset "parent": parent is broken',
    );
  });
});
