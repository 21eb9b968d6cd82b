import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildLab } from '#lab/build/all.ts';
import { createEmptyDisk } from '#machines/disk.ts';
import { GuestHost } from '#machines/guestHost.ts';
import { type LiveEnvironment, startLiveEnvironment } from '#machines/liveEnvironment.ts';
import { downNetwork, upNetwork } from '#machines/network.ts';
import { type Site, siteAt } from '#machines/site.ts';
import { waitFor } from '#machines/waiting.ts';
import type { RunningProgram } from '#system/host.ts';
import { localHost } from '#system/localHost.ts';

/** The QEMU guest agent of the lab's operating system, in a container: it talks as it does in a virtual machine. */
let folder: string;
let site: Site;
let live: LiveEnvironment;
let agent: RunningProgram;
let socket: string;
let guest: GuestHost;

beforeAll(async () => {
  const { osRepo, osRef } = await buildLab();
  folder = await mkdtemp('/var/tmp/sower-agent-');
  site = siteAt(`t-${randomBytes(4).toString('hex')}`, folder);
  const disk = `${folder}/disk.img`;
  await upNetwork(localHost, site, '192.168.198.1/24');
  await createEmptyDisk(localHost, disk, 2 ** 20);
  live = await startLiveEnvironment(localHost, site, {
    name: 'agent',
    operatingSystem: { repo: osRepo, ref: osRef },
    disk,
    files: [],
  });
  agent = live.host.start(['qemu-ga', '--method=unix-listen', '--path=/var/agent', '--statedir=/run'], {
    okCodes: [0, 128, 137],
  });
  agent.done.catch(() => {}); // it ends with its container
  socket = `${folder}/machines/agent/var/agent`;
  guest = new GuestHost(socket);
  await waitFor(async () => ((await guest.isListening()) ? true : undefined), { timeoutSeconds: 30 });
}, 1_800_000);

afterAll(async () => {
  await live?.stop();
  await downNetwork(localHost, site);
  await rm(folder, { recursive: true });
});

test('a program gets its input, environment and directory, and gives its output', async () => {
  const input = Buffer.from('äö\0\n'.repeat(50_000));
  const { stdout } = await guest.run(['cat'], { input });
  expect(stdout).toBe(input.toString());
  const options = { env: { COLOUR: 'blue' }, cwd: '/usr/lib' };
  const told = await guest.run(['bash', '-c', 'echo "$COLOUR $PWD $HOME"; echo aside >&2'], options);
  expect(told).toEqual({ code: 0, stdout: 'blue /usr/lib /root\n', stderr: 'aside\n' });
});

test('an exit code is an answer where it is wanted, and a failure with the last words elsewhere', async () => {
  const argv = ['bash', '-c', 'echo no such luck >&2; exit 3'];
  expect((await guest.run(argv, { okCodes: [0, 3] })).code).toBe(3);
  await expect(guest.run(argv)).rejects.toMatchObject({
    code: 'system/command-failed',
    message: expect.stringMatching(/exit code 3: no such luck/),
  });
});

test('a time limit is kept inside', async () => {
  const result = await guest.run(['sleep', '1000'], { timeoutSeconds: 0.2, okCodes: [124] });
  expect(result.code).toBe(124);
  const { stdout } = await guest.run(['pgrep', '--full', '--exact', 'sleep 1000'], { okCodes: [0, 1] });
  expect(stdout).toBe('');
});

test('programs run side by side, asked for by several that know nothing of each other', async () => {
  const others = [guest, new GuestHost(socket), new GuestHost(socket)];
  const words = Array.from({ length: 9 }, (_, number) => `word ${number}`);
  const answers = await Promise.all(
    words.map((word, index) => others[index % others.length]!.run(['echo', word])),
  );
  expect(answers.map(({ stdout }) => stdout)).toEqual(words.map((word) => `${word}\n`));
});

test('half a command that somebody has left behind disturbs nobody', async () => {
  const rude = connect(socket);
  await new Promise((resolve) => rude.write('{"execute": "guest-ex', resolve));
  rude.destroy();
  expect((await guest.run(['echo', 'well'])).stdout).toBe('well\n');
});
