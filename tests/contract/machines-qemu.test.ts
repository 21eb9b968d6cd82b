import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmptyDisk } from '#machines/disk.ts';
import { downNetwork, listLinks, upNetwork } from '#machines/network.ts';
import { QemuDriver } from '#machines/qemu.ts';
import { qemuPaths, tapName } from '#machines/qemuCommand.ts';
import { type Site, siteAt } from '#machines/site.ts';
import { waitFor } from '#machines/waiting.ts';
import { localHost } from '#system/localHost.ts';
import { askQemu } from '#system/qemuSockets.ts';

let folder: string;
let site: Site;
let driver: QemuDriver;
const NAME = 'empty';

beforeEach(async () => {
  folder = await mkdtemp('/var/tmp/sower-qemu-');
  site = siteAt(`t-${randomBytes(4).toString('hex')}`, folder);
  driver = new QemuDriver(localHost, site);
  await upNetwork(localHost, site, '192.168.199.1/24');
  await createEmptyDisk(localHost, `${folder}/disk.img`, 2 ** 20);
});

afterEach(async () => {
  await (await driver.find(NAME))?.kill();
  await downNetwork(localHost, site);
  await rm(folder, { recursive: true });
});

test('QEMU takes our arguments, and a disk without a boot loader does not boot', async () => {
  const machine = await driver.start({ name: NAME, disk: `${folder}/disk.img` });
  const said = await waitFor(
    async () => {
      const text = await localHost.files.readText(machine.consoleLog);
      return text.includes('No bootable device') ? text : undefined;
    },
    { timeoutSeconds: 60 },
  );
  expect(said).toContain('SeaBIOS');
  expect(await machine.isRunning()).toBe(true);
  expect(await listLinks(localHost, site)).toContain(tapName(site, NAME));
});

test('it is controlled over its socket, several at a time, and refuses what it can not do', async () => {
  await driver.start({ name: NAME, disk: `${folder}/disk.img` });
  const { control } = qemuPaths(site, NAME);
  const ask = (execute: string, words = {}) => askQemu(control, { execute, arguments: words }, 30);
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask('query-status')));
  for (const answer of answers) expect(answer).toMatchObject({ status: 'running', running: true });
  await expect(ask('device_add', { driver: 'scsi-cd', bus: 'nowhere' })).rejects.toMatchObject({
    code: 'system/qemu-refused',
    message: expect.stringContaining('nowhere'),
  });
});

test('a second start is refused, an end leaves nothing, and the agent of a machine without system is silent', async () => {
  const machine = await driver.start({ name: NAME, disk: `${folder}/disk.img` });
  await expect(driver.start({ name: NAME, disk: `${folder}/disk.img` })).rejects.toMatchObject({
    code: 'machines/already-running',
  });
  expect(await machine.host.isListening()).toBe(false);
  await machine.kill();
  expect(await machine.isRunning()).toBe(false);
  expect(await driver.find(NAME)).toBeUndefined();
  expect(await listLinks(localHost, site)).not.toContain(tapName(site, NAME));
});

test('a folder too deep for its sockets is refused before anything is made', async () => {
  const deep = new QemuDriver(localHost, siteAt(site.name, `${folder}/${'d'.repeat(90)}`));
  await expect(deep.start({ name: NAME, disk: `${folder}/disk.img` })).rejects.toMatchObject({
    code: 'machines/path-too-long',
  });
  expect(await listLinks(localHost, site)).not.toContain(tapName(site, NAME));
});
