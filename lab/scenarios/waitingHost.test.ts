import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderSeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_UNITS } from '#api/units.ts';
import { readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import { renderIso } from '#formats/iso9660Writer.ts';
import { findBootDeployment } from '#machines/deployment.ts';
import type { Machine } from '#machines/driver.ts';
import { upNetwork } from '#machines/network.ts';
import { putFile } from '#machines/putFile.ts';
import { machineFolder } from '#machines/site.ts';
import { waitFor } from '#machines/waiting.ts';
import { makeConfigImage } from '../clone/configure.ts';
import { LAB_NETWORK } from '../network.ts';
import { bootMachine } from '../seed.ts';
import { publicFile } from '../seedCluster/assets.ts';
import { makeSeedDisk } from '../seedDisk.ts';
import { createLabState } from '../state.ts';
import { wantedClone } from '../wantedClone.ts';
import { useScenario } from './scenario.ts';
import { describeSeed } from './seedDescription.ts';
import { changedPaths, digestTree } from './treeDigest.ts';

const scenario = useScenario();

describe('lca-cli post-pivot on a host that waits for its configuration', () => {
  const UNIT = 'installation-configuration.service';
  /** What a running system writes by itself, below the folder var. */
  const OWN_LIFE = [
    'log',
    'tmp',
    'cache',
    'lib/systemd',
    'lib/chrony',
    'lib/NetworkManager',
    'lib/containers',
  ];
  let host: Machine;
  let iso: string;

  beforeAll(async () => {
    const { lab, products, executables } = scenario();
    await createLabState(lab, new Date());
    await upNetwork(lab.host, lab.site, `${LAB_NETWORK.gateway}/${LAB_NETWORK.prefixLength}`);
    await lab.host.files.makeDirectory(`${lab.folder}/disks`);
    const disk = `${lab.folder}/disks/waiting.img`;
    const unit = SEED_UNITS.find(({ name }) => name === UNIT)!;
    const assets = new Map([
      [`/etc/systemd/system/${UNIT}`, publicFile(unit.text)],
      ['/var/seed_data/manifest.json', publicFile(renderSeedClusterInfo(describeSeed('4.17.0')))],
    ]);
    await makeSeedDisk(lab, products, disk, assets);
    host = await bootMachine(lab, 'waiting', disk);
    const content = await lab.host.files.read(`${executables}/sower`);
    await putFile(host.host, { path: '/usr/local/bin/lca-cli', content, mode: 0o755 });
    ({ iso } = await makeConfigImage(lab, executables, wantedClone({}, [])));
  });

  const unitFacts = async (): Promise<Readonly<Record<string, string>>> => {
    const { stdout } = await host.host.run([
      ...['systemctl', 'show', UNIT, '--property=ActiveState,SubState,NRestarts,ExecMainStatus'],
    ]);
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
  };
  const journal = async (): Promise<string> =>
    (await host.host.run(['journalctl', '--no-pager', '--output=cat', `--unit=${UNIT}`])).stdout;
  const system = async () => {
    const { lab } = scenario();
    const { root, varFolder } = await findBootDeployment(
      lab.host,
      `${machineFolder(lab.site, 'waiting')}/sysroot`,
    );
    return new Map([
      ...[...(await digestTree(`${root}/etc`))].map(([path, facts]) => [`etc/${path}`, facts] as const),
      ...[...(await digestTree(varFolder, OWN_LIFE))].map(([path, facts]) => [`var/${path}`, facts] as const),
    ]);
  };

  /** Starts post-pivot with this volume attached, waits for its word about it, and takes both away again. */
  async function whileAttached(volume: string, says: RegExp, check: () => Promise<void>): Promise<void> {
    const before = await system();
    const device = await host.attachBlockDevice(volume, { readOnly: true });
    try {
      await host.host.run(['systemctl', 'start', '--no-block', UNIT]);
      await waitFor(async () => (says.test(await journal()) ? true : undefined), { timeoutSeconds: 30 });
      expect(await journal()).toMatch(says);
      await check();
      expect(changedPaths(before, await system())).toEqual([]);
    } finally {
      await host.host.run(['systemctl', 'stop', UNIT]);
      await host.detachBlockDevice(device);
    }
  }

  test('an ISO without the label is named, and waited beyond', async () => {
    const unlabelled = await alteredIso({ volumeId: 'config' });
    const says =
      /\/dev\/loop\d+ is not a configuration volume: its label is \\?"config\\?" instead of cluster-config/;
    await whileAttached(unlabelled, says, async () => {
      expect(await unitFacts()).toMatchObject({
        ActiveState: 'activating',
        SubState: 'start',
        NRestarts: '0',
      });
    });
  });

  test.each([
    {
      name: 'a misspelled field',
      from: '"hostname"',
      to: '"hostnam"',
      says: /manifest\.json: hostname: is not given .*manifest\.json: hostnam: unknown field/,
    },
    {
      name: 'another version',
      from: '"api_version":1',
      to: '"api_version":7',
      says: /manifest\.json: api_version/,
    },
    { name: 'no JSON', from: '{', to: '[', says: /manifest\.json: / },
  ])('a configuration with $name is refused before anything is changed', async ({ from, to, says }) => {
    const broken = await alteredIso({ manifest: (text) => text.replace(from, to) });
    await whileAttached(broken, says, async () => {
      const failed = async () => ((await unitFacts())['ExecMainStatus'] === '1' ? true : undefined);
      expect(await waitFor(failed, { timeoutSeconds: 30 })).toBe(true);
      expect(await journal()).toContain('hint: nothing on this host was changed');
    });
  });

  /** The ISO of openshift-install with another label or another manifest. */
  async function alteredIso(change: {
    readonly volumeId?: string;
    readonly manifest?: (text: string) => string;
  }): Promise<string> {
    const { lab } = scenario();
    const source = { read: (offset: number, length: number) => lab.host.files.readAt(iso, offset, length) };
    const { volumeId, entries } = await readIso(source);
    const plan = await Promise.all(
      entries.map(async (entry) => {
        const { path, mode, kind } = entry;
        if (kind !== 'file') return { path, mode };
        const content = await readIsoFile(source, entry);
        if (change.manifest === undefined || !path.endsWith('manifest.json')) return { path, mode, content };
        const altered = change.manifest(content.toString('utf8'));
        if (altered === content.toString('utf8')) throw new Error(`${path} was not altered`);
        return { path, mode, content: Buffer.from(altered) };
      }),
    );
    const file = `${lab.folder}/work/${randomBytes(4).toString('hex')}.iso`;
    const created = new Date();
    const image = renderIso({
      volumeId: change.volumeId ?? volumeId,
      created,
      rootMode: 0o755,
      entries: plan,
    });
    await lab.host.files.write(file, image, { mode: 0o600 });
    return file;
  }
});
