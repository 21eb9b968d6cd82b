import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import type { KeySource } from '#pki/keySource.ts';
import { dataFilesOf } from '#system/dataFiles.ts';
import type { Files } from '#system/host.ts';
import { hashPassword } from '#system/passwordHasher.ts';
import { MemoryHost } from '#system/testing.ts';
import { type AnyAsset, defineAsset } from './asset.ts';
import { infraIdStem } from './assets/installConfig/clusterId.ts';
import { installConfigText } from './assets/testing.ts';
import { PasswordSource } from './passwords.ts';
import { randomBelow } from './random.ts';
import { createTarget, renderDirectories } from './run.ts';
import { parseState, renderState } from './stateFile.ts';
import { TARGETS } from './targets.ts';

const INSTALL_CONFIG = installConfigText();

const INPUTS = {
  '/work/dir/install-config.yaml': INSTALL_CONFIG,
  '/work/dir/image-based-config.yaml': 'hostname: node.test\n',
  '/work/dir/extra-manifests/a.yaml': 'a: 1\n',
  '/work/dir/notes.txt': 'mine\n',
};

/** One key for all: making six would be the slowest part of the test. */
const KEY: KeyObject = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const keys: KeySource = { next: async () => KEY };

const baseIso = (): Promise<string> => Promise.reject(new Error('no target here is made of a base ISO'));

function counter(): (octets: number) => Buffer {
  let next = 0;
  return (octets) => Buffer.from(Array.from({ length: octets }, () => next++ % 200));
}

async function create(host: MemoryHost, settings: { keepsInputs?: boolean } = {}): Promise<void> {
  const context = {
    now: new Date('2031-02-03T04:05:06Z'),
    random: counter(),
    keys,
    passwords: new PasswordSource(counter(), hashPassword),
    data: dataFilesOf({}),
    logger: silentLogger,
    env: {},
    unknownKeys: 'error' as const,
  };
  const options = { dir: 'dir', root: '/work/dir', files: host.files, context, baseIso, ...settings };
  await createTarget(TARGETS['image-based config-image'], options);
}

describe('creating a config image', () => {
  it('writes the outputs, saves the state and consumes exactly the inputs', async () => {
    const host = new MemoryHost(INPUTS);
    await create(host);
    expect(Object.keys(host.files.tree())).toEqual([
      '/work/dir/.openshift_install_state.json',
      '/work/dir/auth/kubeadmin-password',
      '/work/dir/auth/kubeconfig',
      '/work/dir/imagebasedconfig.iso',
      '/work/dir/notes.txt',
    ]);
    expect(await host.files.exists('/work/dir/extra-manifests')).toBe(false);
  });

  it('keeps the inputs where that is asked for, and makes the same of them again', async () => {
    const host = new MemoryHost(INPUTS);
    await create(host, { keepsInputs: true });
    const first = host.files.tree();
    expect(first).toMatchObject(INPUTS);
    await create(host, { keepsInputs: true });
    expect(host.files.tree()).toEqual(first);
  });

  it('keeps what it consumes in the state, octet by octet', async () => {
    const host = new MemoryHost(INPUTS);
    await create(host);
    const state = parseState(await host.files.readText('/work/dir/.openshift_install_state.json'), 'path');
    const consumed = Object.entries(state.consumed).map(([path, content]) => [
      `/work/dir/${path}`,
      Buffer.from(content, 'base64').toString(),
    ]);
    const { '/work/dir/notes.txt': _, ...inputs } = INPUTS;
    expect(Object.fromEntries(consumed)).toEqual(inputs);
    expect(state.made).toEqual({ 'Config-Image': '2031-02-03T04:05:06.000Z' });
    expect(state.consuming).toEqual({});
  });

  it('lets nobody else read what holds a secret', async () => {
    const host = new MemoryHost(INPUTS);
    await create(host);
    for (const path of Object.keys(host.files.tree()).filter((name) => !name.endsWith('notes.txt'))) {
      expect((await host.files.facts(path))!.mode & 0o007).toBe(0);
    }
  });

  it('gives the same bytes for the same input, time and randomness', async () => {
    const [a, b] = [new MemoryHost(INPUTS), new MemoryHost(INPUTS)];
    await create(a);
    await create(b);
    expect(a.files.tree()).toEqual(b.files.tree());
  });
});

describe('a killed run', () => {
  const input = defineAsset<string, Record<never, never>>({
    name: 'Input',
    stateKey: '*test.Input',
    inputs: {},
    source: {
      path: 'in/*',
      parse: (found) => ({ value: found.map(({ content }) => content.toString()).join(), warnings: [] }),
    },
    generate: () => {
      throw new Error('the input was lost');
    },
  });
  const output = (path: string): AnyAsset =>
    defineAsset({
      name: path,
      stateKey: `*test.${path}`,
      inputs: { input },
      generate: (values) => `made of ${values.input}`,
      files: (content) => [{ path, content, mode: 0o640 }],
    }) as AnyAsset;
  const target = { title: 'Test', assets: [output('a/one'), output('b/two')] };
  const files = { '/dir/in/a.yaml': 'a: 1', '/dir/in/b.json': '{}' };

  const create = (host: MemoryHost, over: Files = host.files): Promise<void> =>
    createTarget(target, {
      dir: '.',
      root: '/dir',
      files: over,
      context: {
        now: new Date(0),
        random: counter(),
        keys,
        passwords: new PasswordSource(counter(), hashPassword),
        data: dataFilesOf({}),
        logger: silentLogger,
        env: {},
        unknownKeys: 'error' as const,
      },
      baseIso,
    });

  it('is finished by the same command, at whichever change it was killed', async () => {
    const whole = new MemoryHost(files);
    await create(whole);
    let kills = 0;
    for (let changes = 0; changes < 20; changes++) {
      const host = new MemoryHost(files);
      await create(host, dyingFiles(host.files, changes)).catch((error: Error) => {
        if (error.message !== 'killed') throw error;
        kills++;
      });
      await create(host);
      expect(host.files.tree()).toEqual(whole.files.tree());
    }
    expect(kills).toBeGreaterThanOrEqual(5);
  });
});

/** Files that fail instead of making the change number `changes`. */
function dyingFiles(files: Files, changes: number): Files {
  let left = changes;
  const alive = (): void => {
    if (left-- <= 0) throw new Error('killed');
  };
  return new Proxy(files, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === 'write' || name === 'remove') alive();
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}

describe('the state file', () => {
  it('is read back as it is written, with sorted keys', () => {
    const state = new Map<string, unknown>([
      ['*b.B', { x: 1 }],
      ['*a.A', 'text'],
    ]);
    const text = renderState({ values: state, consuming: {}, consumed: {}, made: {} });
    expect(parseState(text, 'path').values).toEqual(new Map([...state].toSorted()));
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['*a.A', '*b.B', '*sower.State']);
  });

  it.each([undefined, '', ' \n', '{}'])('is empty when it says nothing: %j', (text) => {
    expect(parseState(text, 'path')).toEqual({
      values: new Map(),
      consuming: {},
      consumed: {},
      made: {},
    });
  });

  it.each([
    ['{"*installconfig.ClusterID":{}}', 'was made by another program'],
    ['{"*sower.State":{"format":99}}', 'was made by another program'],
    ['{"password":"hunter2"', 'it is no JSON object'],
    ['[]', 'it is no JSON object'],
  ])('is refused: %s', (text, reason) => {
    expect(() => parseState(text, 'path')).toThrow(reason);
    expect(() => parseState(text, 'path')).not.toThrow('hunter2');
  });
});

describe('infraID', () => {
  it.each([
    ['clone', 'clone'],
    ['a.b..c', 'a-b-c'],
    ['abcdefghijklmnopqrst.uvw', 'abcdefghijklmnopqrst'],
    ['a'.repeat(54), 'a'.repeat(21)],
  ])('of %s starts with %s', (name, stem) => {
    expect(infraIdStem(name)).toBe(stem);
  });
});

describe('random numbers', () => {
  it('leave out octets that would make some values likelier', () => {
    const octets = [255, 254, 251, 3];
    expect(randomBelow(() => Buffer.from([octets.shift()!]), 50)).toBe(3);
  });
});

describe('the directories of a message', () => {
  const files = (...paths: string[]) => paths.map((path) => ({ path, content: '', mode: 0 }));

  it.each([
    ['.', files('a.yaml'), '.'],
    ['.', files('auth/x', 'auth/y'), 'auth'],
    ['d', files('m/x', 'o/y'), 'd/m and d/o'],
    ['d', files('a/x', 'b/x', 'c/x'), 'd/a, d/b and d/c'],
    ['d', files('a/x', 'b/x', 'c/x', 'e/x'), 'd'],
  ])('in %s', (dir, list, expected) => {
    expect(renderDirectories(dir, list)).toBe(expected);
  });
});
