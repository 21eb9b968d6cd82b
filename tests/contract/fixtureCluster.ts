import { execFile } from 'node:child_process';
import { generateKeyPair } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { RecertConfig } from '#api/recertConfig.ts';
import { renderPrivateKeyFile } from '#pki/keys.ts';
import type { NodeContents } from './recertNode.ts';

const GENERATOR = join(import.meta.dirname, '../fixtures/recert/gen_fixture.py');
/** Debian's own, which has its package python3-cryptography, whatever else is on the PATH. */
const PYTHON = '/usr/bin/python3';

/** What the generator calls its cluster where it is not told otherwise. */
const SEED = { domain: 'seed.redhat.com', ip: '192.168.126.10' };

const run = promisify(execFile);

/** The cluster that tests/fixtures/recert/gen_fixture.py makes in the folder `out`; keys are new every time. */
export async function generateCluster(out: string, args: readonly string[] = []): Promise<NodeContents> {
  await run(PYTHON, [GENERATOR, '--out', out, ...args]);
  const stored = JSON.parse(readFileSync(join(out, 'objects.json'), 'utf8')) as Record<string, string>;
  const backup = join(out, 'backup');
  const files = readdirSync(backup, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return {
    objects: new Map(Object.entries(stored).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
    files: Object.fromEntries(
      files.map((path) => [`/${relative(backup, path)}`, readFileSync(path, 'utf8')]),
    ),
  };
}

/** All that a clone renames, for a node whose files lie below `at('')`. */
export const cloneOf = (at: (path: string) => string): RecertConfig => ({
  crypto_dirs: ['etc/kubernetes', 'var/lib/kubelet', 'etc/machine-config-daemon'].map(at),
  crypto_files: [at('etc/mcs-machine-config-content.json')],
  cluster_customization_dirs: ['etc/kubernetes', 'var/lib/kubelet', 'etc/machine-config-daemon'].map(at),
  cluster_customization_files: ['etc/mcs-machine-config-content.json', 'etc/chrony.conf'].map(at),
  cn_san_replace_rules: [
    `api-int.${SEED.domain}:api-int.clone.example.org`,
    `*.apps.${SEED.domain}:*.apps.clone.example.org`,
    `${SEED.ip},192.0.2.99`,
  ],
  cluster_rename: 'clone:example.org:clone-x7f2q',
  hostname: 'node.clone',
  ip: '192.0.2.99',
  extend_expiration: true,
});

/** Writes a file of prepared RSA-2048 keys, as `key_pool` takes it. */
export async function writeKeyPool(path: string, count: number): Promise<void> {
  const generate = promisify(generateKeyPair);
  const pairs = await Promise.all(
    Array.from({ length: count }, () => generate('rsa', { modulusLength: 2048 })),
  );
  writeFileSync(path, pairs.map(({ privateKey }) => renderPrivateKeyFile(privateKey)).join(''), {
    mode: 0o600,
  });
}
