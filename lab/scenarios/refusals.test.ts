import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderSeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_FORMAT, SEED_FORMAT_LABEL, SEED_INFO_LABEL } from '#api/seedImage.ts';
import { writeOciImage } from '#formats/ociLayout.ts';
import { writeTar } from '#formats/tar.ts';
import { createEmptyDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { type LiveEnvironment, startLiveEnvironment } from '#machines/liveEnvironment.ts';
import { upNetwork } from '#machines/network.ts';
import { putFile } from '#machines/putFile.ts';
import { machineFolder } from '#machines/site.ts';
import { localLayout } from '#system/localLayout.ts';
import { LAB_NETWORK, LAB_REGISTRY } from '../network.ts';
import { type Registry, startRegistry } from '../registry.ts';
import { pullSecret } from '../seedCluster/identity.ts';
import { newSiteAuthority } from '../siteAuthority.ts';
import { createLabState } from '../state.ts';
import { configImageInputs, wantedClone } from '../wantedClone.ts';
import { useScenario } from './scenario.ts';
import { describeSeed } from './seedDescription.ts';
import { changedPaths, digestFile, digestTree } from './treeDigest.ts';

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);
const MIB = 1024 ** 2;

const scenario = useScenario();
const wanted = wantedClone({}, []);
const version = `4.${randomBytes(2).readUInt16BE(0)}.0`;

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end, whatever its answer is. */
async function answerOf(
  host: Pick<Machine['host'], 'run'>,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await host.run(argv, { okCodes: ANY_CODE, env });
  return { code, output: stdout + stderr };
}

beforeAll(async () => {
  const { lab } = scenario();
  await createLabState(lab, new Date());
  await upNetwork(lab.host, lab.site, `${LAB_NETWORK.gateway}/${LAB_NETWORK.prefixLength}`);
});

describe('openshift-install image-based create config-image', () => {
  const LOG = '.openshift_install.log';
  const cases: readonly { name: string; edit: Edit; code: number; says: RegExp }[] = [
    {
      name: 'a misspelled field of the install-config',
      edit: replace('install-config.yaml', 'baseDomain:', 'baseDomian:'),
      code: 3,
      says: /install-config\.yaml.*baseDomian: unknown field, did you mean \\?"baseDomain/,
    },
    {
      name: 'an install-config that is no YAML',
      edit: replace('install-config.yaml', 'metadata:', 'metadata: ['),
      code: 3,
      says: /install-config\.yaml.*line \d+/,
    },
    {
      name: 'a misspelled field of the image-based config',
      edit: replace('image-based-config.yaml', 'hostname:', 'hostnmae:'),
      code: 1,
      says: /image-based-config\.yaml.*hostnmae: unknown field, did you mean \\?"hostname/,
    },
  ];

  test.each(cases)('refuses $name and changes no file', async ({ edit, code, says }) => {
    const { lab, executables } = scenario();
    const folder = `${lab.folder}/work/inputs-${randomBytes(4).toString('hex')}`;
    for (const [name, text] of Object.entries(
      edit(configImageInputs(wanted, await newSiteAuthority('refused'))),
    )) {
      await lab.host.files.makeDirectory(`${folder}/${name}`.replace(/\/[^/]*$/, ''));
      await lab.host.files.write(`${folder}/${name}`, text);
    }
    const before = await digestTree(folder);
    const program = [`${executables}/openshift-install`, 'image-based', 'create', 'config-image'];
    const answer = await answerOf(lab.host, [...program, '--dir', folder]);
    expect(answer.output).toMatch(says);
    expect(answer.code).toBe(code);
    expect(changedPaths(before, await digestTree(folder, [LOG]))).toEqual([]);
  });
});

describe('recert', () => {
  test.each([
    {
      name: 'a misspelled field',
      change: { cluster_renam: 'a:b' },
      says: /config\.json: unknown keys "cluster_renam"(.|\n)*Hint: correct/,
    },
    { name: 'a folder that is not there', change: { crypto_dirs: ['/no/such'] }, says: /\/no\/such/ },
  ])('refuses $name and changes no file', async ({ change, says }) => {
    const { lab, executables } = scenario();
    const folder = `${lab.folder}/work/recert-${randomBytes(4).toString('hex')}`;
    await lab.host.files.makeDirectory(`${folder}/crypto`);
    await lab.host.run(['openssl', 'genrsa', '-out', `${folder}/crypto/tls.key`, '2048']);
    const config = { crypto_dirs: [`${folder}/crypto`], extend_expiration: true, ...change };
    await lab.host.files.write(`${folder}/config.json`, JSON.stringify(config));
    const before = await digestTree(folder);
    const env = { RECERT_CONFIG: `${folder}/config.json` };
    const answer = await answerOf(lab.host, [`${executables}/recert`], env);
    expect(answer.output).toMatch(says);
    expect(answer.code).toBe(1);
    expect(changedPaths(before, await digestTree(folder))).toEqual([]);
  });

  test('takes an unknown flag for a mistake in the command line', async () => {
    const { lab, executables } = scenario();
    const answer = await answerOf(lab.host, [`${executables}/recert`, '--crypto-dirr', '/etc']);
    expect(answer.output).toContain('--crypto-dirr');
    expect(answer.code).toBe(2);
  });
});

describe('lca-cli ibi in the live system of an installation ISO', () => {
  let live: LiveEnvironment;
  let disk: string;
  let images: Readonly<Record<'good' | 'oldFormat', string>>;
  const CONFIGURATION = '/var/tmp/ibi-configuration.json';

  beforeAll(async () => {
    const { lab, products, executables } = scenario();
    const registry = await startRegistry(lab);
    images = { good: await pushLabels(registry, SEED_FORMAT), oldFormat: await pushLabels(registry, '3') };
    disk = `${lab.folder}/disks/full.img`;
    await lab.host.files.makeDirectory(`${lab.folder}/disks`);
    await createEmptyDisk(lab.host, disk, 256 * MIB);
    await fillEnds(disk, 256 * MIB);
    const content = await lab.host.files.read(`${executables}/sower`);
    live = await startLiveEnvironment(lab.host, lab.site, {
      name: 'live',
      operatingSystem: { repo: products.osRepo, ref: products.osRef },
      disk,
      files: [
        { path: '/var/tmp/pull-secret.json', content: pullSecret(), mode: 0o600 },
        { path: '/usr/local/bin/lca-cli', content, mode: 0o755 },
      ],
    });
  });

  const cases: readonly { name: string; change: () => Record<string, unknown>; says: RegExp }[] = [
    {
      name: 'a misspelled field',
      change: () => ({ skipDiskCleanUp: true }),
      says: /ibi-configuration\.json.*skipDiskCleanUp: unknown field.*skipDiskCleanup/,
    },
    {
      name: 'a seed image of another format',
      change: () => ({ seedImage: images.oldFormat }),
      says: /seed format 3, this program installs format 4/,
    },
    {
      name: 'another version than that of the seed',
      change: () => ({ seedVersion: '4.0.1' }),
      says: /seedVersion: is 4\.0\.1, but the seed is 4\./,
    },
    {
      name: 'a device that is not there',
      change: () => ({ installationDisk: '/dev/disk/by-id/none' }),
      says: /installationDisk: \/dev\/disk\/by-id\/none is not a block device/,
    },
    {
      name: 'an image that the registry does not have',
      change: () => ({ seedImage: `${LAB_REGISTRY.name}/seeds/none:1` }),
      says: /could not read image .*seeds\/none:1/,
    },
  ];

  test.each(cases)('refuses $name; disk and system stay as they are', async ({ change, says }) => {
    const { lab } = scenario();
    const { good: seedImage } = images;
    const valid = { seedImage, seedVersion: version, installationDisk: live.disk };
    const configuration = { ...valid, extraPartitionStart: '-64M', ...change() };
    await putFile(live.host, { path: CONFIGURATION, content: JSON.stringify(configuration), mode: 0o600 });
    const system = async () => {
      const folder = machineFolder(lab.site, 'live');
      return [await digestFile(disk), await digestTree(`${folder}/upper`), await digestTree(`${folder}/var`)];
    };
    const before = await system();
    const answer = await answerOf(live.host, ['/usr/local/bin/lca-cli', 'ibi', '-f', CONFIGURATION]);
    expect(answer.output).toMatch(says);
    expect(answer.output).toMatch(/hint: \w+/);
    expect(answer.code).toBe(1);
    expect(await system()).toEqual(before);
  });
});

type Inputs = Readonly<Record<string, string>>;
type Edit = (files: Inputs) => Inputs;

function replace(file: string, what: string, by: string): Edit {
  return (files) => {
    const text = files[file]?.replace(what, by);
    if (text === undefined || text === files[file]) throw new Error(`nothing to replace in ${file}`);
    return { ...files, [file]: text };
  };
}

/** An image that says of itself what a seed image says; there is nothing in it, as nothing is to be pulled. */
async function pushLabels(registry: Registry, format: string): Promise<string> {
  const { lab } = scenario();
  const layout = `${lab.folder}/work/layout-${randomBytes(4).toString('hex')}`;
  const labels = {
    [SEED_FORMAT_LABEL]: format,
    [SEED_INFO_LABEL]: renderSeedClusterInfo(describeSeed(version)),
  };
  const layers = [{ tar: writeTar([]), compression: 'gzip' as const }];
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const facts = { architecture, created: '2026-01-01T00:00:00Z', reference: 'seed' };
  await writeOciImage({ layers, config: { Labels: labels }, ...facts }, localLayout(layout));
  const name = `seeds/${randomBytes(4).toString('hex')}:1`;
  await registry.push(layout, name);
  return `${LAB_REGISTRY.name}/${name}`;
}

/** Somebody's data where partition tables and boot loaders would be written. */
async function fillEnds(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  const data = randomBytes(4 * MIB);
  await handle.write(data, 0, data.length, 0);
  await handle.write(data, 0, data.length, bytes - data.length);
  await handle.close();
}
