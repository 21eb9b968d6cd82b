import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { localHost } from '#system/localHost.ts';
import { recordingIo } from '../cli/recordingIo.ts';

const ROOT = join(import.meta.dirname, '../..');
const PIN = join(ROOT, 'src/installer/stream/rhcos.json');

let folder: string;
let stream: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-stream-'));
  stream = join(folder, 'stream.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('coreos print-stream-json', () => {
  const jq = async (filter: string): Promise<string> =>
    (await localHost.run(['jq', '--raw-output', '--exit-status', filter, stream])).stdout.trim();

  beforeEach(async () => {
    const io = recordingIo({ cwd: folder });
    expect(await openshiftInstallMain(['coreos', 'print-stream-json'], io)).toBe(0);
    expect(io.stderrText()).toBe('');
    await writeFile(stream, io.stdoutText());
  });

  it('prints the pinned file byte for byte', async () => {
    expect(await readFile(stream, 'utf8')).toBe(await readFile(PIN, 'utf8'));
  });

  it.each(['us-west-1', 'us-east-1', 'eu-central-1'])(
    'has the AMI of %s where people look',
    async (region) => {
      for (const architecture of ['x86_64', 'aarch64']) {
        const ami = await jq(`.architectures.${architecture}.images.aws.regions["${region}"].image`);
        expect(ami).toMatch(/^ami-[0-9a-f]{17}$/);
      }
    },
  );

  it.each([
    ['openstack', '"qcow2.gz"', /-openstack\.x86_64\.qcow2\.gz$/],
    ['qemu', '"qcow2.gz"', /-qemu\.x86_64\.qcow2\.gz$/],
    ['metal', 'iso', /-live-iso\.x86_64\.iso$/],
  ])('has the disk of %s with its sum', async (platform, format, location) => {
    const disk = `.architectures.x86_64.artifacts.${platform}.formats.${format}.disk`;
    expect(await jq(`${disk}.location`)).toMatch(location);
    expect(await jq(`${disk}.sha256`)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is the release that every location names', async () => {
    const locations = await jq('.. | .location? // empty');
    const release = await jq('.architectures.x86_64.artifacts.metal.release');
    expect(locations.split('\n').length).toBeGreaterThan(30);
    for (const location of locations.split('\n')) expect(location).toContain(`/${release}/`);
  });
});

describe('updateStream', () => {
  const update = (pin: string) =>
    localHost.run([process.execPath, join(ROOT, 'tools/updateStream.ts'), stream, pin], {
      okCodes: [0, 1],
    });

  it('pins a stream file with everything that is in it', async () => {
    const pin = join(folder, 'pin.json');
    const other = { ...(JSON.parse(await readFile(PIN, 'utf8')) as object), stream: 'next', 'of-later': [1] };
    await writeFile(stream, JSON.stringify(other));
    expect((await update(pin)).code).toBe(0);
    expect(JSON.parse(await readFile(pin, 'utf8'))).toEqual(other);
  });

  it('gives a file without metadata its own', async () => {
    const pin = join(folder, 'pin.json');
    const { metadata: _, ...bare } = JSON.parse(await readFile(PIN, 'utf8')) as Record<string, unknown>;
    await writeFile(stream, JSON.stringify(bare));
    await update(pin);
    expect(JSON.parse(await readFile(pin, 'utf8'))).toEqual({
      ...bare,
      metadata: { 'last-modified': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/), generator: 'sower' },
    });
  });

  it('leaves the pin alone when the file is no stream', async () => {
    const pin = join(folder, 'pin.json');
    await writeFile(pin, 'before');
    await writeFile(stream, (await readFile(PIN, 'utf8')).replace(/"sha256": "../, '"sha256": "zz'));
    const { code, stderr } = await update(pin);
    expect(code).toBe(1);
    expect(stderr).toContain('sha256: must be 64 hexadecimal digits');
    expect(await readFile(pin, 'utf8')).toBe('before');
  });
});
