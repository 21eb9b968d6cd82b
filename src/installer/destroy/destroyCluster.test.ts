import { describe, expect, test } from 'vitest';
import type { LogRecord } from '#base/logger.ts';
import { type Answer, MemoryHost } from '#system/testing.ts';
import { renderState } from '../stateFile.ts';
import { destroyBootstrap, destroyCluster } from './destroyCluster.ts';

const ROOT = '/clusters/bm';
const METADATA = JSON.stringify({
  clusterName: 'bm',
  clusterID: '00000000-0000-4000-8000-000000000000',
  infraID: 'bm-pthx5',
  baremetal: { libvirtURI: 'qemu:///system', bootstrapProvisioningIP: '', provisioningHostIP: '' },
  featureSet: '',
  customFeatureSet: null,
});
const KUBECONFIG = { File: { Filename: 'auth/kubeconfig', Data: 'e30=' } };
const STATE = renderState({
  values: new Map([['*kubeconfig.AdminClient', KUBECONFIG]]),
  made: {},
  consuming: {},
  consumed: {},
});
const FILES = {
  [`${ROOT}/metadata.json`]: METADATA,
  [`${ROOT}/.openshift_install_state.json`]: STATE,
  [`${ROOT}/auth/kubeconfig`]: '{}',
  [`${ROOT}/terraform.tfstate`]: '{}',
  [`${ROOT}/.openshift_install.log`]: 'told',
  [`${ROOT}/bootstrap.ign`]: '{}',
};

/** A libvirt that has these objects, by what lists them. */
const libvirtWith =
  (lists: Readonly<Record<string, string>>): Answer =>
  (argv) => ({ stdout: lists[argv.slice(3).join(' ')] ?? '' });
const POOL_THERE = {
  'pool-list --all --name': 'default\nbm-pthx5-bootstrap\n\n',
  'pool-list --name': 'bm-pthx5-bootstrap\n\n',
  'vol-list bm-pthx5-bootstrap':
    ' Name                  Path\n------------------------\n bm-pthx5-bootstrap       /p/a\n bm-pthx5-bootstrap-base  /p/b\n\n',
};

function optionsFor(host: MemoryHost) {
  const told: LogRecord[] = [];
  return {
    told,
    options: { dir: 'bm', root: ROOT, host, logger: { log: (record: LogRecord) => told.push(record) } },
  };
}
const changes = (host: MemoryHost): string[] =>
  host.commands.map((argv) => argv.slice(3).join(' ')).filter((words) => !words.includes('list'));
const pathsLeft = async (host: MemoryHost): Promise<string[]> => [
  ...(await host.files.list(ROOT)),
  ...((await host.files.exists(`${ROOT}/auth`)) ? await host.files.list(`${ROOT}/auth`) : []),
];

describe('destroy cluster', () => {
  test('removes the pool with its volumes, and the files of the cluster', async () => {
    const host = new MemoryHost(FILES, libvirtWith(POOL_THERE));
    const { told, options } = optionsFor(host);
    await destroyCluster(options);
    expect(
      host.commands.every((argv) => argv.slice(0, 3).join(' ') === 'virsh --connect qemu:///system'),
    ).toBe(true);
    expect(changes(host)).toEqual([
      'vol-delete bm-pthx5-bootstrap --pool bm-pthx5-bootstrap',
      'vol-delete bm-pthx5-bootstrap-base --pool bm-pthx5-bootstrap',
      'pool-destroy bm-pthx5-bootstrap',
      'pool-delete bm-pthx5-bootstrap',
      'pool-undefine bm-pthx5-bootstrap',
    ]);
    expect(await pathsLeft(host)).toEqual(['.openshift_install.log', 'bootstrap.ign']);
    expect(told.at(-1)?.message).toBe('Uninstallation complete!');
  });

  test('warns where there is no pool, and touches no other one', async () => {
    const host = new MemoryHost(
      FILES,
      libvirtWith({ 'pool-list --all --name': 'default\nother-bootstrap\n' }),
    );
    const { told, options } = optionsFor(host);
    await destroyCluster(options);
    expect(changes(host)).toEqual([]);
    expect(told[0]).toEqual({ level: 'warning', message: 'Storage pool bm-pthx5-bootstrap was not found' });
  });

  test('keeps the metadata when libvirt fails, so that it can be repeated', async () => {
    const failing: Answer = (argv) =>
      argv.includes('pool-destroy') ? { code: 1, stderr: 'busy' } : libvirtWith(POOL_THERE)(argv, {});
    const host = new MemoryHost(FILES, failing);
    await expect(destroyCluster(optionsFor(host).options)).rejects.toThrow(
      /^failed to destroy cluster: .*busy/,
    );
    expect(Object.keys(FILES)).toHaveLength((await pathsLeft(host)).length - 1);
    await destroyCluster(optionsFor(new MemoryHost(FILES, libvirtWith(POOL_THERE))).options);
  });

  test.each([
    ['no metadata', undefined, 'open bm/metadata.json: no such file or directory'],
    ['no platform', METADATA.replace('"baremetal"', '"x"'), 'no platform configured in metadata'],
    ['a cloud', METADATA.replace('"baremetal"', '"aws"'), 'no destroyers registered for "aws"'],
    [
      'a name that is an option',
      METADATA.replace('bm-pthx5', '--all'),
      'bm/metadata.json: is no metadata of a cluster',
    ],
  ])('refuses %s before anything is removed', async (_, text, message) => {
    const { [`${ROOT}/metadata.json`]: _metadata, ...others } = FILES;
    const files = text === undefined ? others : { ...others, [`${ROOT}/metadata.json`]: text };
    const host = new MemoryHost(files, libvirtWith(POOL_THERE));
    const before = await pathsLeft(host);
    await expect(destroyCluster(optionsFor(host).options)).rejects.toThrow(
      `failed while preparing to destroy cluster: ${message}`,
    );
    expect(host.commands).toEqual([]);
    expect(await pathsLeft(host)).toEqual(before);
  });
});

describe('destroy bootstrap', () => {
  test('stops and removes the machine, then its storage, and leaves the files', async () => {
    const host = new MemoryHost(
      FILES,
      libvirtWith({
        ...POOL_THERE,
        'list --name': 'bm-pthx5-bootstrap\n\n',
        'list --all --name': 'bm-pthx5-bootstrap\nother\n\n',
      }),
    );
    await destroyBootstrap(optionsFor(host).options);
    expect(changes(host).slice(0, 2)).toEqual([
      'destroy bm-pthx5-bootstrap',
      'undefine bm-pthx5-bootstrap --nvram',
    ]);
    expect(changes(host).at(-1)).toBe('pool-undefine bm-pthx5-bootstrap');
    expect(await host.files.exists(`${ROOT}/metadata.json`)).toBe(true);
  });

  test('only removes the definition of a machine that is off, and of a pool that is inactive', async () => {
    const host = new MemoryHost(
      FILES,
      libvirtWith({
        'list --all --name': 'bm-pthx5-bootstrap\n',
        'pool-list --all --name': 'bm-pthx5-bootstrap\n',
      }),
    );
    await destroyBootstrap(optionsFor(host).options);
    expect(changes(host)).toEqual([
      'undefine bm-pthx5-bootstrap --nvram',
      'pool-undefine bm-pthx5-bootstrap',
    ]);
  });

  test('says what to install where there is no virsh', async () => {
    const host = new MemoryHost(FILES, undefined, []);
    await expect(destroyBootstrap(optionsFor(host).options)).rejects.toMatchObject({
      message: 'error destroying bootstrap resources: virsh is not installed',
      hint: expect.stringContaining('libvirt-clients'),
    });
  });

  test('tells of missing metadata in the words of the original', async () => {
    await expect(destroyBootstrap({ ...optionsFor(new MemoryHost()).options, dir: '.' })).rejects.toThrow(
      /^open metadata.json: no such file or directory$/,
    );
  });
});
