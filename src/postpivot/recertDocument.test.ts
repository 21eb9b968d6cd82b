import { describe, expect, it } from 'vitest';
import { parseRecertConfig, renderRecertConfig } from '#api/recertConfig.ts';
import { KUBECONFIG_CRYPTO } from './paths.ts';
import { type Identity, planRecertConfig, retainedCryptoFiles } from './recertDocument.ts';
import { sshMachineConfigs } from './sshAccess.ts';
import { noCrypto, privateKeyPem, reconfiguration, seedInfo } from './testing.ts';

const identityOf = (change: Partial<Identity> = {}): Identity => {
  const target = change.target ?? reconfiguration();
  return {
    seed: seedInfo(),
    target,
    hostname: target.hostname,
    nodeIps: ['198.51.100.20'],
    proxy: undefined,
    certManagerKeys: [],
    manifests: [],
    regenerateSshHostKeys: false,
    existing: new Set(['/etc/kubernetes', '/etc/chrony.conf']),
    ...change,
  };
};

const withSigners = () =>
  reconfiguration({
    KubeconfigCryptoRetention: {
      KubeAPICrypto: {
        ServingCrypto: {
          localhost_signer_private_key: privateKeyPem(),
          service_network_signer_private_key: privateKeyPem(),
          loadbalancer_external_signer_private_key: privateKeyPem(),
        },
        ClientAuthCrypto: { admin_ca_certificate: 'certificate' },
      },
      IngresssCrypto: { ingress_ca: privateKeyPem(), ingress_certificate_cn: 'ingress-operator@1800000000' },
    },
  });

describe('planRecertConfig', () => {
  it('is a document that recert reads', () => {
    const config = planRecertConfig(identityOf({ target: withSigners() }));
    expect(parseRecertConfig(renderRecertConfig(config))).toMatchObject({ ok: true });
  });

  it('names only paths that exist', () => {
    const config = planRecertConfig(identityOf());
    expect(config.crypto_dirs).toEqual(['/etc/kubernetes']);
    expect(config.crypto_files).toEqual([]);
    expect(config.cluster_customization_files).toEqual(['/etc/chrony.conf']);
  });

  it('renames with and without an infra ID', () => {
    const target = reconfiguration({ infra_id: 'abc-12345' });
    expect(planRecertConfig(identityOf({ target })).cluster_rename).toBe(
      `${target.cluster_name}:${target.base_domain}:abc-12345`,
    );
    expect(planRecertConfig(identityOf()).cluster_rename?.split(':')).toHaveLength(2);
  });

  it('leaves out what the seed has already', () => {
    const seed = seedInfo();
    const target = reconfiguration({ hostname: seed.sno_hostname, machine_networks: seed.machine_networks });
    const config = planRecertConfig(identityOf({ seed, target, nodeIps: seed.node_ips }));
    expect(Object.keys(config)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(hostname|ip|machine_network_cidr)$/)]),
    );
    expect(planRecertConfig(identityOf({ seed }))).toMatchObject({
      ip: ['198.51.100.20'],
      machine_network_cidr: ['198.51.100.0/24'],
    });
  });

  it('has the rename rules in their order', () => {
    const identity = identityOf({ target: withSigners() });
    const { seed, target, hostname } = identity;
    const [from, to] = [seed, target].map((c) => `${c.cluster_name}.${c.base_domain}`);
    expect(planRecertConfig(identity).cn_san_replace_rules).toEqual([
      `system:node:${seed.sno_hostname},system:node:${hostname}`,
      `${seed.sno_hostname},${hostname}`,
      `api.${from},api.${to}`,
      `api-int.${from},api-int.${to}`,
      `*.apps.${from},*.apps.${to}`,
      '192.0.2.10,198.51.100.20',
      'ingress-operator@1700000000,ingress-operator@1800000000',
    ]);
  });

  it('has no address rules when the counts differ', () => {
    const rules = planRecertConfig(
      identityOf({ nodeIps: ['198.51.100.20', '2001:db8::1'] }),
    ).cn_san_replace_rules;
    expect(rules?.some((rule) => rule.startsWith('192.0.2.10,'))).toBe(false);
  });

  it('keeps the retained keys, and no rule where no key was given', () => {
    const config = planRecertConfig(identityOf({ target: withSigners() }));
    expect(config.use_key_rules).toEqual([
      `kube-apiserver-lb-signer ${KUBECONFIG_CRYPTO}/loadbalancer-serving-signer.key`,
      `kube-apiserver-localhost-signer ${KUBECONFIG_CRYPTO}/localhost-serving-signer.key`,
      `kube-apiserver-service-network-signer ${KUBECONFIG_CRYPTO}/service-network-serving-signer.key`,
      `ingress-operator@1700000000 ${KUBECONFIG_CRYPTO}/ingresskey-ingress-operator.key`,
    ]);
    expect(config.use_cert_rules).toEqual([`${KUBECONFIG_CRYPTO}/admin-kubeconfig-client-ca.crt`]);
    expect(planRecertConfig(identityOf()).use_key_rules).toEqual([]);
    expect(retainedCryptoFiles(noCrypto).size).toBe(0);
  });

  it('adds cert-manager keys by the CN in their names', () => {
    const certManagerKeys = ['/k/CN=site.example__ns_name.key', '/k/other.key'];
    expect(planRecertConfig(identityOf({ certManagerKeys })).use_key_rules).toEqual([
      'site.example /k/CN=site.example__ns_name.key',
    ]);
  });

  it.each([
    ['user-ca-bundle', 'PEM', 'user-ca-bundle:'],
    ['other', 'PEM', 'other:PEM'],
  ])('gives the proxy bundle of ConfigMap %s', (proxyConfigmapName, proxyConfigmapBundle, expected) => {
    const target = reconfiguration({
      additionalTrustBundle: { userCaBundle: 'PEM', proxyConfigmapName, proxyConfigmapBundle },
    });
    expect(planRecertConfig(identityOf({ target }))).toMatchObject({
      user_ca_bundle: 'PEM',
      proxy_trusted_ca_bundle: expected,
    });
  });

  it('always gives the kubeadmin hash: empty deletes the secret', () => {
    expect(planRecertConfig(identityOf()).kubeadmin_password_hash).toBe('');
  });
});

describe('objects of the configuration', () => {
  const manifest = (kind: string, apiVersion: string, applyType: 'replace' | 'merge' = 'replace') => ({
    file: 'a.yaml',
    applyType,
    object: { apiVersion, kind, metadata: { name: 'a' } },
  });
  const names = (config: ReturnType<typeof planRecertConfig>) =>
    config.put_objects?.map((text) => (JSON.parse(text) as { kind: string }).kind);

  it('that set up the node are there before the cluster starts, those that are merged later', () => {
    const manifests = [
      manifest('ImageDigestMirrorSet', 'config.openshift.io/v1'),
      manifest('ImageDigestMirrorSet', 'config.openshift.io/v9'),
      manifest('MachineConfig', 'machineconfiguration.openshift.io/v1', 'merge'),
      manifest('ConfigMap', 'v1'),
      ...sshMachineConfigs('ssh-ed25519 A\n\nssh-rsa B\n'),
    ];
    const config = planRecertConfig(identityOf({ manifests }));
    expect(names(config)).toEqual(['ImageDigestMirrorSet', 'MachineConfig', 'MachineConfig']);
    expect(config.put_objects?.[1]).toContain('"sshAuthorizedKeys":["ssh-ed25519 A","ssh-rsa B"]');
  });

  it('replace the mirror rules and catalogs of the seed', () => {
    expect(planRecertConfig(identityOf()).delete_objects).toEqual([
      'operator.openshift.io/imagecontentsourcepolicies/',
      'config.openshift.io/imagedigestmirrorsets/',
      'operators.coreos.com/catalogsources/',
    ]);
  });
});
