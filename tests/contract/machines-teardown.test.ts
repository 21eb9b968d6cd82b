import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLabProcesses, gatherInventory, isEmpty } from '#lab/inventory.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { LAB_NETWORK } from '#lab/network.ts';
import { findRegistry, startRegistry } from '#lab/registry.ts';
import { createLabState, readLabState } from '#lab/state.ts';
import { tearDown } from '#lab/tearDown.ts';
import { createCgroup } from '#machines/cgroups.ts';
import { upNetwork } from '#machines/network.ts';
import { killAll } from '#machines/processes.ts';
import { inNetwork } from '#machines/site.ts';
import { waitUntil } from '#machines/waiting.ts';
import { localHost } from '#system/localHost.ts';

const ADDRESS = `${LAB_NETWORK.gateway}/${LAB_NETWORK.prefixLength}`;
const CRASHING_LAB = join(import.meta.dirname, 'crashingLab.ts');

let stateFolder: string;
let name: string;
let lab: Lab;

beforeEach(async () => {
  stateFolder = await mkdtemp('/var/tmp/sower-test-');
  name = `t${Math.random().toString(36).slice(2, 10)}`;
  lab = openLab(localHost, { name, stateFolder });
  expect(isEmpty(await gatherInventory(lab))).toBe(true);
});
afterEach(async () => {
  if (await readLabState(lab)) await tearDown(lab);
  await rm(stateFolder, { recursive: true });
  expect(await gatherInventory(lab)).toEqual(NOTHING);
});

const NOTHING = {
  processes: [],
  mounts: [],
  loopDevices: [],
  networkNamespaces: [],
  links: [],
  cgroups: [],
};

describe('the network of a lab', () => {
  test('comes up, is kept when it is there, and leads nowhere', async () => {
    await createLabState(lab, new Date());
    await upNetwork(lab.host, lab.site, ADDRESS);
    await upNetwork(lab.host, lab.site, ADDRESS);
    const { networkNamespaces, links } = await gatherInventory(lab);
    expect(networkNamespaces).toEqual([`sower-${name}`]);
    expect(links).toEqual(['br0']);
    const routes = await lab.host.run(inNetwork(lab.site, ['ip', '-json', 'route', 'show']));
    const destinations = (JSON.parse(routes.stdout) as { dst: string }[]).map(({ dst }) => dst);
    expect(destinations).toEqual([LAB_NETWORK.subnet]);
    const v6 = await lab.host.run(inNetwork(lab.site, ['ip', '-6', 'route', 'show', 'default']));
    expect(v6.stdout).toBe('');
  });

  test('is made whole again after an "ip netns add" that was cut short', async () => {
    await createLabState(lab, new Date());
    await lab.host.files.makeDirectory('/run/netns');
    await writeFile(`/run/netns/sower-${name}`, '');
    await upNetwork(lab.host, lab.site, ADDRESS);
    expect((await gatherInventory(lab)).links).toEqual(['br0']);
  });
});

describe('the registry of a lab', () => {
  test('serves what is pushed under the same digest, inside the lab only, and is found again', async () => {
    await createLabState(lab, new Date());
    await upNetwork(lab.host, lab.site, ADDRESS);
    const registry = await startRegistry(lab);
    const { layout, digest } = await writeLayout(lab.folder);
    expect(await registry.push(layout, 'some/image:1')).toBe(digest);
    const again = await findRegistry(lab);
    expect(again?.process).toEqual(registry.process);
    expect(await again?.getDigest('some/image:1')).toBe(digest);
    await registry.stop();
    expect(await findRegistry(lab)).toBeUndefined();
    expect(await (await startRegistry(lab)).getDigest('some/image:1')).toBe(digest);
  });
});

describe('tearDown', () => {
  test.each(['network', 'disk', 'registry', 'machine'])(
    'leaves nothing of a lab whose program was killed after "%s"',
    async (stage) => {
      const program = spawn(process.execPath, [CRASHING_LAB, name, stateFolder, stage], {
        stdio: 'inherit',
      });
      const [, signal] = await once(program, 'exit');
      expect(signal).toBe('SIGKILL');
      expect(isEmpty(await gatherInventory(lab))).toBe(false);
      await tearDown(lab);
      expect(await gatherInventory(lab)).toEqual(NOTHING);
      expect(await lab.host.files.exists(lab.folder)).toBe(false);
    },
  );

  test('ends what was started for the lab, wherever it went, and nothing of another lab', async () => {
    const other = openLab(localHost, { name: `${name}x`, stateFolder });
    await createLabState(lab, new Date());
    const log = `${lab.folder}/log`;
    const [mine, theirs] = await Promise.all([
      lab.host.launch(['sleep', '1000'], { log }),
      other.host.launch(['sleep', '1000'], { log }),
    ]);
    const listed = async (): Promise<boolean> =>
      (await gatherInventory(lab)).processes.some(({ pid }) => pid === mine);
    expect(await waitUntil(listed, { timeoutSeconds: 5 })).toBe(true);
    await tearDown(lab);
    const others = (await gatherInventory(other)).processes;
    await killAll(localHost, () => findLabProcesses(other));
    expect(others).toEqual([{ pid: theirs, command: 'sleep' }]);
  });

  test('can be repeated, and takes an absent lab for done', async () => {
    await tearDown(lab);
    await createLabState(lab, new Date());
    await tearDown(lab);
    await tearDown(lab);
  });

  test('a lab is not begun where its mounts and devices would bear another path', async () => {
    await lab.host.files.makeDirectory(`${stateFolder}/real`);
    await lab.host.files.symlink(`${stateFolder}/real`, `${stateFolder}/link`);
    const linked = openLab(localHost, { name, stateFolder: `${stateFolder}/link` });
    await expect(createLabState(linked, new Date())).rejects.toMatchObject({ code: 'lab/folder-path' });
    expect(await readLabState(linked)).toBeUndefined();
  });

  test('touches nothing in a folder that is not a lab', async () => {
    await lab.host.files.makeDirectory(lab.folder);
    await writeFile(`${lab.folder}/thesis.txt`, 'mine');
    await expect(tearDown(lab)).rejects.toMatchObject({ code: 'lab/foreign-folder' });
    expect(await lab.host.files.readText(`${lab.folder}/thesis.txt`)).toBe('mine');
  });
});

test('a program that is not installed is not launched', async () => {
  await createLabState(lab, new Date());
  const launch = lab.host.launch(['no-such-program'], { log: `${lab.folder}/log` });
  await expect(launch).rejects.toMatchObject({ code: 'system/program-missing' });
});

test('a launched program is in its control groups from its first moment, and goes on without its parent', async () => {
  await createLabState(lab, new Date());
  const cgroups = await createCgroup(lab.host, `${lab.site.cgroup}/m`);
  const log = `${lab.folder}/log`;
  await lab.host.launch(['cat', '/proc/self/cgroup'], { log, cgroups });
  const complete = async (): Promise<boolean> => (await lab.host.files.readText(log)) !== '';
  expect(await waitUntil(complete, { timeoutSeconds: 5 })).toBe(true);
  const lines = (await lab.host.files.readText(log)).trim().split('\n');
  expect(lines).toHaveLength(cgroups.length);
  for (const line of lines) expect(line).toMatch(new RegExp(`:/${lab.site.cgroup}/m$`));
});

/** An image without layers; its bytes are new each time. */
async function writeLayout(folder: string): Promise<{ layout: string; digest: string }> {
  const layout = `${folder}/layout`;
  const { files } = localHost;
  await files.makeDirectory(`${layout}/blobs/sha256`);
  const addBlob = async (mediaType: string, value: unknown) => {
    const text = JSON.stringify(value);
    const hash = createHash('sha256').update(text).digest('hex');
    await files.write(`${layout}/blobs/sha256/${hash}`, text);
    return { mediaType, digest: `sha256:${hash}`, size: Buffer.byteLength(text) };
  };
  const config = await addBlob('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { at: String(Math.random()) } },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await addBlob(mediaType, { schemaVersion: 2, mediaType, config, layers: [] });
  await files.write(`${layout}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  await files.write(`${layout}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return { layout, digest: manifest.digest };
}
