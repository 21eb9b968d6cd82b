import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { type EmbedArea, findEmbedArea } from '#formats/embedArea.ts';
import { renderIgnitionArchive } from '#installer/liveIso.ts';
import { localHost } from '#system/localHost.ts';
import { recordingIo } from '../cli/recordingIo.ts';
import { type CoreosIsoOptions, EMBED_AREA, makeCoreosIso } from './coreosIso.ts';

const CONFIG = {
  seedImage: 'registry.test:5000/seeds/one:1',
  seedVersion: '4.19.7',
  installationDisk: '/dev/disk/by-id/one',
  pullSecret: '{"auths":{"registry.test:5000":{"auth":"aHVudGVyMg=="}}}',
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-live-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('an installation ISO', () => {
  const bases: readonly (Omit<CoreosIsoOptions, 'folder'> & { readonly name: string })[] = [
    { name: 'says only the file', igninfo: { file: 'images/ignition.img' } },
    {
      name: 'says a part of a file',
      igninfo: { file: 'images/ignition.img', offset: 4096, length: 100_000 },
    },
    { name: 'says nothing' },
  ];

  it.each(bases)('differs from a base that $name in the embed area only', async (base) => {
    const { before, after, area } = await createFrom(CONFIG, base);
    expect(after.length).toBe(before.length);
    const end = area.offset + area.length;
    expect(after.subarray(0, area.offset).equals(before.subarray(0, area.offset))).toBe(true);
    expect(after.subarray(end).equals(before.subarray(end))).toBe(true);
    const used = renderIgnitionArchive(gunzippedConfig(after, area)).length;
    expect(after.subarray(area.offset + used, end).every((byte) => byte === 0)).toBe(true);
  });

  it('has an archive that cpio unpacks to a config that ignition-validate accepts', async () => {
    const config = await configOf({ ...CONFIG, ...(await everything()) });
    expect(config.ignition.version).toBe('3.2.0');
    expect(config.storage.files.map(({ path, mode }) => [path, mode])).toEqual([
      ['/etc/containers/registries.conf', 0o644],
      ['/etc/pki/ca-trust/source/anchors/additional-trust-bundle.pem', 0o600],
      ['/var/tmp/post.sh', 0o755],
      ['/etc/motd', 0o640],
      ['/usr/local/bin/install-rhcos-and-restore-seed.sh', 0o555],
      ['/var/tmp/ibi-configuration.json', 0o600],
      ['/var/tmp/network-config.yaml', 0o600],
      ['/var/tmp/pull-secret.json', 0o600],
    ]);
    expect(config.systemd.units.map(({ name, enabled }) => [name, enabled])).toEqual([
      ['extra.service', true],
      ['install-rhcos-and-restore-seed.service', true],
      ['network-config.service', true],
    ]);
  });

  it('has a script that bash can parse', async () => {
    const config = await configOf(CONFIG);
    const script = config.storage.files.find(({ path }) => path.endsWith('.sh'))!;
    const input = Buffer.from(script.contents.source.split(',')[1]!, 'base64');
    await localHost.run(['bash', '-n'], { input });
  });

  it('has units that systemd accepts', async () => {
    const config = await configOf({ ...CONFIG, ...(await everything()) });
    for (const { name, contents } of config.systemd.units) await writeFile(join(folder, name), contents);
    const units = config.systemd.units.map(({ name }) => join(folder, name));
    // The programs that it names are on the live system only.
    const { stderr } = await localHost.run(['systemd-analyze', 'verify', '--man=no', ...units], {
      okCodes: [0, 1],
    });
    expect(
      stderr.split('\n').filter((line) => line.includes(folder) && !line.includes('is not executable')),
    ).toEqual([]);
  });

  it('is not readable by others, and leaves nothing else behind', async () => {
    await createFrom(CONFIG, {});
    expect((await stat(join(folder, 'site/rhcos-ibi.iso'))).mode & 0o777).toBe(0o640);
    expect((await readdir(join(folder, 'site'))).toSorted()).toEqual([
      '.openshift_install.log',
      '.openshift_install_state.json',
      'rhcos-ibi.iso',
    ]);
  });

  it('is refused where the config does not fit, and nothing is consumed', async () => {
    const base = { areaBytes: 1024, igninfo: { file: 'images/ignition.img' } };
    await expect(createFrom(CONFIG, base)).rejects.toThrow(
      /content length \(\d+\) exceeds embed area size \(1024\)/,
    );
    expect((await readdir(join(folder, 'site'))).toSorted()).toEqual([
      '.openshift_install.log',
      'image-based-installation-config.yaml',
    ]);
  });
});

interface Created {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly area: EmbedArea;
}

async function createFrom(config: object, base: Omit<CoreosIsoOptions, 'folder'>): Promise<Created> {
  const image = await makeCoreosIso({ folder, ...base });
  const site = join(folder, 'site');
  await mkdir(site, { recursive: true });
  await writeFile(join(site, 'image-based-installation-config.yaml'), stringify(config));
  const io = recordingIo({ cwd: site });
  const code = await openshiftInstallMain(['image-based', 'create', 'image', '--base-iso', image], io);
  if (code !== 0) throw new Error(io.stderrText());
  expect(io.stderrText()).not.toContain('aHVudGVyMg==');
  const before = await readFile(image);
  const after = await readFile(join(site, 'rhcos-ibi.iso'));
  const area = await findEmbedArea({
    read: async (offset, length) => after.subarray(offset, offset + length),
  });
  return { before, after, area };
}

interface Config {
  readonly ignition: { readonly version: string };
  readonly storage: {
    readonly files: readonly {
      readonly path: string;
      readonly mode: number;
      readonly contents: { readonly source: string };
    }[];
  };
  readonly systemd: {
    readonly units: readonly {
      readonly name: string;
      readonly enabled?: boolean;
      readonly contents: string;
    }[];
  };
}

/** The embedded config, unpacked by cpio and checked by ignition-validate. */
async function configOf(config: object): Promise<Config> {
  const { after, area } = await createFrom(config, { igninfo: { file: 'images/ignition.img' } });
  expect(area.length).toBe(EMBED_AREA);
  const archive = gunzipSync(after.subarray(area.offset, area.offset + area.length));
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await localHost.run(['cpio', '-i', '--quiet'], { cwd: unpacked, input: archive });
  expect(await readdir(unpacked)).toEqual(['config.ign']);
  await localHost.run(['ignition-validate', join(unpacked, 'config.ign')]);
  return JSON.parse(await readFile(join(unpacked, 'config.ign'), 'utf8')) as Config;
}

/** One field of each kind. */
async function everything(): Promise<object> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = join(folder, 'ca.key');
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const made = await localHost.run([
    'openssl',
    'req',
    '-x509',
    '-new',
    '-key',
    key,
    '-subj',
    '/CN=site',
    '-days',
    '1',
  ]);
  await mkdir(join(folder, 'site'));
  await writeFile(join(folder, 'site/post.sh'), '#!/bin/bash\ntrue\n');
  const override = {
    ignition: { version: '3.2.0' },
    storage: { files: [{ path: '/etc/motd', mode: 0o640, contents: { source: 'data:,hello' } }] },
    systemd: {
      units: [{ name: 'extra.service', enabled: true, contents: '[Service]\nExecStart=/bin/true\n' }],
    },
  };
  return {
    additionalTrustBundle: made.stdout,
    networkConfig: { interfaces: [{ name: 'eth0', type: 'ethernet', state: 'up' }] },
    imageDigestSources: [{ source: 'registry.test/a', mirrors: ['mirror.test:5000/a'] }],
    proxy: { httpProxy: 'http://u%40x:p"w@proxy.test:3128', noProxy: '.test, 192.0.2.0/24' },
    coreosInstallerArgs: ['--append-karg', 'console=ttyS0'],
    ignitionConfigOverride: JSON.stringify(override),
    extraPartitionStart: '-50G',
    shutdown: true,
  };
}

/** The text of config.ign as it stands in the image; its length is in the archive's header. */
function gunzippedConfig(image: Buffer, { offset, length }: EmbedArea): string {
  const archive = gunzipSync(image.subarray(offset, offset + length));
  const size = Number.parseInt(archive.toString('latin1', 54, 62), 16);
  const start = 110 + 'config.ign\0'.length + (-(110 + 'config.ign\0'.length) & 3);
  return archive.toString('utf8', start, start + size);
}
