import { beforeAll, describe, expect, it } from 'vitest';
import { buildLab, type LabProducts } from '#lab/build/all.ts';
import { localHost } from '#system/localHost.ts';

let products: LabProducts;

beforeAll(async () => {
  products = await buildLab();
}, 1_800_000);

describe('Kubernetes', () => {
  it('names the version that the images are tagged with', async () => {
    const { stdout } = await localHost.run([products.kubectl, 'version', '--client', '--output=json']);
    const version = JSON.parse(stdout) as { clientVersion: { gitVersion: string } };
    const apiServer = products.imageLayouts.find(({ name }) => name.includes('/kube-apiserver:'));
    expect(apiServer?.name).toMatch(new RegExp(`:${version.clientVersion.gitVersion}$`));
  });
});

describe('the images', () => {
  it('can be inspected by skopeo, each with the program it starts', async () => {
    expect(products.imageLayouts.length).toBeGreaterThan(5);
    for (const { name, layout } of products.imageLayouts) {
      const { stdout } = await localHost.run(['skopeo', 'inspect', '--config', `oci:${layout}`]);
      const { config } = JSON.parse(stdout) as { config: { Entrypoint: string[] } };
      expect(config.Entrypoint, name).toHaveLength(1);
    }
  });
});

describe('the operating system', () => {
  const ostree = async (command: string, ...args: string[]) =>
    (await localHost.run(['ostree', command, `--repo=${products.osRepo}`, ...args])).stdout;
  let files: string[];

  beforeAll(async () => {
    files = (await ostree('ls', '-R', products.osRef))
      .split('\n')
      .map((line) => line.split(/ +/).slice(4).join(' '));
  });

  it('is one commit without a parent', async () => {
    expect((await ostree('rev-parse', products.osRef)).trim()).toBe(products.osCommit);
    expect((await ostree('log', products.osRef)).match(/^commit /gm)).toHaveLength(1);
  });

  it('has a kernel with its initramfs, the kubelet and no state', () => {
    expect(
      files.filter((path) => /^\/usr\/lib\/modules\/[^/]+\/(vmlinuz|initramfs\.img)$/.test(path)),
    ).toHaveLength(2);
    expect(files).toContain('/usr/bin/kubelet');
    expect(files.filter((path) => /^\/(var|etc|boot)\//.test(path))).toEqual([]);
  });

  it('carries no identity and nothing that depends on the machine that built it', async () => {
    expect(await ostree('cat', products.osRef, '/usr/etc/machine-id')).toBe('uninitialized\n');
    expect(files.filter((path) => path.includes('/ssh_host_') || path.startsWith('/usr/etc/apt'))).toEqual(
      [],
    );
  });

  it('has the libraries of the executable, and no Node, Perl or Python', () => {
    expect(files.filter((path) => /^\/usr\/bin\/(node|perl|python3)$/.test(path))).toEqual([]);
    expect(files.filter((path) => /\/(libstdc\+\+\.so\.6|libgcc_s\.so\.1)( ->|$)/.test(path))).toHaveLength(
      2,
    );
  });

  it('enables in its presets exactly what is enabled in its /etc', async () => {
    const preset = await ostree('cat', products.osRef, '/usr/lib/systemd/system-preset/00-lab.preset');
    const wanted = [...preset.matchAll(/^enable (.+\.service)$/gm)].map((match) => match[1]!);
    const links = files.filter((path) =>
      /^\/usr\/etc\/systemd\/system\/.*\.wants\/.*\.service -> /.test(path),
    );
    const linked = links.map((link) => /([^/]+) -> /.exec(link)![1]!);
    for (const unit of linked) expect(wanted).toContain(unit);
    expect(wanted).not.toContain('kubelet.service');
  });
});
