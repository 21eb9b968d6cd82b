import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrapFiles, type MachineFile } from '#installer/bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '#installer/bootstrap/bootstrapFacts.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { localHost } from '#system/localHost.ts';
import { NONE_HA } from './bootstrapMachine.ts';

const data = openDataFiles('installer/data');
const fileOf = (path: string, facts: Partial<BootstrapFacts> = {}): MachineFile =>
  bootstrapFiles({ ...NONE_HA, ...facts }, data).find((file) => file.path === path)!;

const PROXY = '/etc/profile.d/proxy.sh';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-settings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the settings of the bootstrap machine', () => {
  it('are there and empty where nothing was given', () => {
    expect(fileOf(PROXY)).toMatchObject({ content: '', mode: 0o600 });
    expect(fileOf('/etc/systemd/system.conf.d/10-default-env.conf').content).toBe('[Manager]\n');
    expect(fileOf('/etc/containers/registries.conf')).toMatchObject({ content: '', mode: 0o644 });
    expect(fileOf('/etc/pki/ca-trust/source/anchors/ca.crt')).toMatchObject({ content: '', mode: 0o600 });
  });

  it('hold what was given as it is', () => {
    const pem = '-----BEGIN CERTIFICATE-----\n$1 $& {{x}}\n-----END CERTIFICATE-----\n';
    const ca = fileOf('/etc/pki/ca-trust/source/anchors/ca.crt', { additionalTrustBundle: pem });
    expect(ca.content).toBe(pem);
    const secret = fileOf('/root/.docker/config.json', { pullSecret: '{"auths":{"a":{}}}' });
    expect(secret).toMatchObject({ content: '{"auths":{"a":{}}}\n', mode: 0o600 });
  });

  it('tell the Machine Config Operator of FIPS', () => {
    const path = '/etc/ignition-machine-config-encapsulated.json';
    for (const isFips of [true, false]) {
      expect(JSON.parse(fileOf(path, { isFips }).content)).toEqual({
        metadata: { name: 'bootstrap-fips' },
        spec: { config: { ignition: { version: '3.1.0' } }, kernelArguments: [], fips: isFips },
      });
    }
  });

  it('add the hint to the message of the day, and replace everything else', () => {
    const appended = bootstrapFiles(NONE_HA, data).filter(({ append }) => append);
    expect(appended.map(({ path, mode }) => [path, mode])).toEqual([['/etc/motd', 0o644]]);
    expect(appended[0]!.content).toMatch(/release-image\.service.*bootkube\.service/s);
  });

  it('list mirrors by source', () => {
    const registryMirrors = [
      { location: 'quay.test/a', mirrors: ['mirror.test/a', 'mirror.test/b'] },
      { location: 'quay.test/none', mirrors: [] },
    ];
    const { content } = fileOf('/etc/containers/registries.conf', { registryMirrors });
    expect(content.match(/^location = .*/gm)).toEqual([
      'location = "quay.test/a"',
      'location = "mirror.test/a"',
      'location = "mirror.test/b"',
    ]);
    expect(content).toContain('mirror-by-digest-only = true');
  });

  it('reach a shell whatever is in a password', async () => {
    const proxy = {
      httpProxy: `http://u:'"\\$(id)%25 \`x\`@proxy:3128`,
      httpsProxy: '',
      noProxy: '.cluster.local,10.0.0.0/8',
    };
    const path = join(folder, 'proxy.sh');
    await writeFile(path, fileOf(PROXY, { proxy }).content);
    const { stdout } = await localHost.run(['bash', '-c', '. "$0"; env --null', path], {
      env: { HTTPS_PROXY: 'untouched' },
    });
    const variables = stdout.split('\0').filter((line) => /^(HTTPS?|NO)_PROXY=/.test(line));
    expect(variables.sort()).toEqual([
      'HTTPS_PROXY=untouched',
      `HTTP_PROXY=${proxy.httpProxy}`,
      `NO_PROXY=${proxy.noProxy}`,
    ]);
  });
});
