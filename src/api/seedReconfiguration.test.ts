import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorsOf, renderProblem } from '#base/report.ts';
import {
  parseSeedReconfiguration,
  renderSeedReconfiguration,
  type SeedReconfiguration,
} from './seedReconfiguration.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const text = fc.string({ maxLength: 40 });
const proxy = fc.record({
  httpProxy: fc.constantFrom('', 'http://u:p@proxy.test:1'),
  httpsProxy: fc.constant(''),
  noProxy: text,
});
const network = fc.ipV4().map((address) => `${address}/24`);

/** Valid documents with every field set or empty. */
const documents: fc.Arbitrary<SeedReconfiguration> = fc
  .record({
    base_domain: domain,
    cluster_name: label,
    cluster_id: fc.uuid(),
    infra_id: fc.oneof(fc.constant(''), label),
    addresses: fc.array(fc.tuple(fc.ipV4(), network), { maxLength: 2 }),
    release_registry: text,
    hostname: fc.oneof(
      fc.constant(''),
      domain.filter((name) => name !== 'localhost'),
    ),
    pem: text,
    ssh_key: text,
    server_ssh_keys: fc.array(fc.record({ file_name: fc.constant('ssh_host_rsa_key'), file_content: text }), {
      maxLength: 2,
    }),
    raw_nm_state_config: text,
    proxy: fc.option(proxy, { nil: undefined }),
    status_proxy: fc.option(proxy, { nil: undefined }),
    node_labels: fc.dictionary(fc.stringMatching(/^[a-z./]{1,12}$/), text, { maxKeys: 3 }),
  })
  .map(({ addresses, pem, proxy: given, status_proxy, ...rest }) => ({
    ...rest,
    api_version: 1,
    node_ips: addresses.map(([ip]) => ip),
    machine_networks: addresses.map(([, cidr]) => cidr),
    ...(given && { proxy: given }),
    ...(status_proxy && { status_proxy }),
    KubeconfigCryptoRetention: {
      KubeAPICrypto: {
        ServingCrypto: {
          localhost_signer_private_key: pem,
          service_network_signer_private_key: pem,
          loadbalancer_external_signer_private_key: pem,
        },
        ClientAuthCrypto: { admin_ca_certificate: pem },
      },
      IngresssCrypto: { ingress_ca: pem, ingress_certificate_cn: pem },
    },
    kubeadmin_password_hash: `$2a$10$${'x'.repeat(53)}`,
    pull_secret: '{"auths":{"registry.test":{"auth":"eA=="}}}',
    install_config: '',
    chrony_config: pem,
    additionalTrustBundle: { userCaBundle: pem, proxyConfigmapName: '', proxyConfigmapBundle: '' },
  }));

const sample = (): Record<string, unknown> => ({
  ...(JSON.parse(renderSeedReconfiguration(fc.sample(documents, { numRuns: 1, seed: 7 })[0]!)) as object),
});

const problemsOf = (changes: Record<string, unknown>): string[] =>
  errorsOf(parseSeedReconfiguration(JSON.stringify({ ...sample(), ...changes })).report).map(renderProblem);

describe('SeedReconfiguration', () => {
  it('reads what it renders', () => {
    fc.assert(
      fc.property(documents, (document) => {
        expect(parseSeedReconfiguration(renderSeedReconfiguration(document))).toEqual({
          ok: true,
          value: document,
          report: [],
        });
      }),
    );
  });

  it('writes the singular beside the plural, for seeds that know only that', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const written = JSON.parse(renderSeedReconfiguration(document)) as Record<string, unknown>;
        expect(written['machine_network']).toBe(document.machine_networks[0]);
        expect(written['node_ip']).toBe(document.node_ips[0]);
      }),
    );
  });

  it.each([
    [{ node_ip: '192.0.2.9', node_ips: ['192.0.2.1'] }, ['192.0.2.1']],
    [{ node_ip: '192.0.2.9', node_ips: [] }, ['192.0.2.9']],
    [{ node_ip: '', node_ips: null }, []],
  ])('folds the singular into the plural: %j', (members, expected) => {
    const parsed = parseSeedReconfiguration(
      JSON.stringify({ ...sample(), machine_network: '', machine_networks: [], ...members }),
    );
    expect(parsed.ok && parsed.value.node_ips).toEqual(expected);
  });

  it.each([
    [{ api_version: 2 }, 'api_version: unsupported seed reconfiguration version 2, must be 1'],
    [{ cluster_id: undefined }, 'cluster_id: must be set'],
    [{ cluster_id: 'one' }, 'cluster_id: "one" is not a UUID'],
    [{ hostname: 'localhost' }, 'hostname: "localhost" can not be a node name'],
    [{ pull_secret: '' }, 'pull_secret: the pull secret was not provided'],
    [{ pull_secret: '{"auths":{}}' }, 'pull_secret: auths required'],
    [{ node_ips: ['192.0.2.300'] }, 'node_ips[0]: "192.0.2.300" is not a valid IP address'],
    [{ machine_networks: ['192.0.2.0'] }, 'machine_networks[0]: "192.0.2.0" is not a network in CIDR form'],
    [
      { node_ips: ['192.0.2.1'], machine_networks: ['2001:db8::/64'] },
      'machine_networks[0]: 2001:db8::/64 and node IP 192.0.2.1 are of different IP families',
    ],
    [
      { node_ips: ['192.0.2.1'], machine_networks: ['192.0.2.0/24', '198.51.100.0/24'] },
      'machine_networks: one machine network for each node IP is needed',
    ],
    [{ proxy: { httpProxy: 'no url' } }, 'proxy.httpProxy: is not a URL'],
    [{ additionalTrustBundle: { proxyConfigmapName: 'x' } }, 'must be given together'],
    [
      { server_ssh_keys: [{ file_name: '../../x' }] },
      'server_ssh_keys[0].file_name: must be the name of a host key',
    ],
    [
      { KubeconfigCryptoRetention: { IngresssCrypto: 'x' } },
      'KubeconfigCryptoRetention.IngresssCrypto: expected a mapping',
    ],
  ])('refuses %j', (changes, message) => {
    expect(problemsOf(changes).join('\n')).toContain(message);
  });

  it('tells all problems at once', () => {
    expect(
      problemsOf({ api_version: 3, cluster_id: '', pull_secret: 'x', hostname: 'localhost' }),
    ).toHaveLength(4);
  });

  it('drops unknown keys with a warning and matches keys without regard to case, as the original', () => {
    const { hostname: _, ...rest } = sample();
    const parsed = parseSeedReconfiguration(
      JSON.stringify({ ...rest, HostName: 'node.test', later_field: 1 }),
    );
    expect(parsed.ok && parsed.value.hostname).toBe('node.test');
    expect(parsed.report.map(renderProblem).toSorted()).toEqual([
      'HostName: read as "hostname"',
      'later_field: unknown field, ignored',
    ]);
  });

  it('never quotes the pull secret', () => {
    const report = parseSeedReconfiguration('{"pull_secret": "hunter2", "api_version": "hunter2"}').report;
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it('answers any text with a value or problems', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (anything) => {
        const parsed = parseSeedReconfiguration(anything);
        if (!parsed.ok) expect(errorsOf(parsed.report).length).toBeGreaterThan(0);
      }),
    );
  });
});
