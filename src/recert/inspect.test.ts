import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCryptoInventory } from '#api/cryptoInventory.ts';
import { scanPem } from '#formats/pem.ts';
import { MemoryHost } from '#system/testing.ts';
import { inspect } from './inspect.ts';
import { renderInventoryGraph } from './inventoryGraph.ts';
import { MemoryEtcd, makeCluster, testMeans } from './testing.ts';

const config = { etcd_endpoint: 'memory', crypto_dirs: ['/etc/kubernetes', '/var/lib/kubelet'] };

async function inspected() {
  const cluster = makeCluster();
  const host = new MemoryHost(cluster.files);
  const inventory = await inspect(config, testMeans(host, new MemoryEtcd(cluster.objects)));
  return { cluster, host, inventory };
}

describe('inspect', () => {
  it('has every certificate of the cluster under its signer, with its places, and changes nothing', async () => {
    const { cluster, host, inventory } = await inspected();
    const stored = cluster.old
      .flatMap((text) => scanPem(text).blocks)
      .filter(({ label }) => label === 'CERTIFICATE')
      .map(({ der }) => new X509Certificate(der));
    expect(stored.length).toBeGreaterThan(2);
    const byFingerprint = new Map(inventory.certificates.map((found) => [found.fingerprint, found]));
    for (const certificate of stored) {
      const found = byFingerprint.get(createHash('sha256').update(certificate.raw).digest('hex'));
      expect(found?.locations.length, certificate.subject).toBeGreaterThan(0);
      if (found?.signedBy === undefined) continue;
      const signer = stored.find(
        ({ raw }) => createHash('sha256').update(raw).digest('hex') === found.signedBy,
      );
      expect(certificate.verify(signer!.publicKey)).toBe(true);
    }
    expect(inventory.certificates.some(({ signedBy }) => signedBy !== undefined)).toBe(true);
    expect(inventory.tokens.every(({ locations }) => locations.length > 0)).toBe(true);
    expect(host.files.tree()).toEqual(cluster.files);
  });

  it('is a document that can be kept: it reads back, and no secret is in it', async () => {
    const { cluster, inventory } = await inspected();
    const text = JSON.stringify(inventory);
    const read = parseCryptoInventory(text);
    expect(read.ok && read.value).toEqual(inventory);
    const secrets = cluster.old.filter((old) => old.includes('PRIVATE KEY') || old.split('.').length === 3);
    expect(secrets.length).toBeGreaterThan(0);
    for (const secret of secrets)
      for (const line of secret.split(/[\n.]/).filter((each) => each.length > 40))
        expect(text).not.toContain(line);
  });

  it('draws an arrow from each signer to what it signed', async () => {
    const { inventory } = await inspected();
    const graph = renderInventoryGraph(inventory);
    const signed = [...inventory.certificates, ...inventory.tokens].filter(
      ({ signedBy }) => signedBy !== undefined,
    );
    expect(graph.match(/ -> /g)).toHaveLength(signed.length);
    for (const { fingerprint, signedBy } of signed)
      expect(graph).toContain(`"${signedBy}" -> "${fingerprint}";`);
    expect(graph).toMatch(/^digraph crypto \{\n.*\n\}\n$/s);
  });
});
