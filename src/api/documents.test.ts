import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderProblem } from '#base/report.ts';
import { parseFieldPath, renderFieldPath } from './fieldPath.ts';
import { parseIBIPrepareConfig, renderIBIPrepareConfig } from './ibiConfiguration.ts';
import { findNearestName } from './nearestName.ts';
import { parseSeedClusterInfo, renderSeedClusterInfo } from './seedClusterInfo.ts';
import { parseSourceText } from './sourceText.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,15}$/);

describe('SeedClusterInfo', () => {
  const documents = fc.record({
    seed_cluster_ocp_version: name,
    base_domain: name,
    cluster_name: name,
    node_ips: fc.array(fc.ipV4(), { minLength: 1, maxLength: 2 }),
    release_registry: fc.oneof(fc.constant(''), name),
    mirror_registry_configured: fc.boolean(),
    sno_hostname: name,
    recert_image_pull_spec: name,
    has_proxy: fc.boolean(),
    has_fips: fc.boolean(),
    cluster_network_cidr: fc.constantFrom([], ['10.128.0.0/14']),
    service_network_cidr: fc.constantFrom([], ['172.30.0.0/16', 'fd02::/112']),
    additionalTrustBundle: fc.option(
      fc.record({ hasUserCaBundle: fc.boolean(), proxyConfigmapName: fc.string() }),
    ),
    container_storage_mountpoint_target: fc.string(),
    ingress_certificate_cn: fc.string(),
    machine_networks: fc.constantFrom([], ['192.0.2.0/24']),
  });

  it('reads what it renders, and writes node_ip beside node_ips', () => {
    fc.assert(
      fc.property(documents, (info) => {
        const written = renderSeedClusterInfo(info);
        expect(parseSeedClusterInfo(written)).toEqual({ ok: true, value: info, report: [] });
        expect((JSON.parse(written) as Record<string, unknown>)['node_ip']).toBe(info.node_ips[0]);
      }),
    );
  });

  it('reads an old seed: singular address, no newer fields', () => {
    const old =
      '{"seed_cluster_ocp_version":"4.16.0","base_domain":"a.test","cluster_name":"s","sno_hostname":"n","node_ip":"192.0.2.7","additionalTrustBundle":null}';
    const parsed = parseSeedClusterInfo(old);
    expect(parsed.ok && parsed.value.node_ips).toEqual(['192.0.2.7']);
    expect(parsed.ok && parsed.value.machine_networks).toEqual([]);
  });

  it('names everything that is missing', () => {
    expect(parseSeedClusterInfo('{}').report.map(({ path }) => path)).toEqual([
      'seed_cluster_ocp_version',
      'base_domain',
      'cluster_name',
      'sno_hostname',
      'node_ips',
    ]);
  });
});

describe('IBIPrepareConfig', () => {
  const minimal = 'seedImage: registry.test/seed:1\nseedVersion: 4.19.0\ninstallationDisk: /dev/vda\n';

  it('fills in the defaults', () => {
    const parsed = parseIBIPrepareConfig(minimal);
    expect(parsed.ok && parsed.value).toMatchObject({
      extraPartitionStart: '-40G',
      extraPartitionLabel: 'var-lib-containers',
      extraPartitionNumber: 5,
      coreosInstallerArgs: [],
      shutdown: false,
    });
  });

  it('reads what it renders', () => {
    const parsed = parseIBIPrepareConfig(
      `${minimal}shutdown: true\ncoreosInstallerArgs: [--append-karg, a=b]\n`,
    );
    if (!parsed.ok) throw new Error('refused');
    expect(parseIBIPrepareConfig(renderIBIPrepareConfig(parsed.value))).toEqual(parsed);
  });

  it.each([
    ['skipDiskCleanUp: true', 'skipDiskCleanUp: unknown field, did you mean "skipDiskCleanup"?'],
    ['extraPartitionStart: 1.5G', 'extraPartitionStart: "1.5G" must be 0 or'],
    ['extraPartitionStart: -1P', 'extraPartitionStart: "-1P" must be 0 or'],
    ['extraPartitionNumber: -1', 'extraPartitionNumber: must be positive'],
    ['shutdown: maybe', 'shutdown: expected true or false'],
  ])('refuses %s', (line, message) => {
    const { ok, report } = parseIBIPrepareConfig(`${minimal}${line}\n`);
    expect(ok).toBe(false);
    expect(renderProblem(report[0]!)).toContain(message);
    expect(report[0]!.position).toEqual({ line: 4, column: 1 });
  });

  it('warns of fields that only the wider document has, and does not carry them', () => {
    const parsed = parseIBIPrepareConfig(`${minimal}pullSecret: hunter2\n`);
    expect(parsed.ok && parsed.value).not.toHaveProperty('pullSecret');
    expect(parsed.report.map(renderProblem)).toEqual(['pullSecret: is not read from this file, ignored']);
  });
});

describe('source text', () => {
  it('answers any text with a value or problems with a position', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'a:-[]{}"\'\n #&*!|>%@`'), maxLength: 60 }),
        (text) => {
          const parsed = parseSourceText(text);
          if (!parsed.ok) expect(parsed.report.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('refuses an alias bomb and duplicate keys', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((key, i) => `${key}: &${key} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
    ];
    expect(parseSourceText(bomb.join('\n')).ok).toBe(false);
    expect(parseSourceText('a: 1\na: 2\n').report[0]?.position).toEqual({ line: 2, column: 1 });
  });

  it('finds the place of a field or of its nearest ancestor', () => {
    const parsed = parseSourceText('a:\n  - b: 1\n    c: 2\n');
    if (!parsed.ok) throw new Error('refused');
    expect(parsed.value.positionOf(['a', 0, 'c'])).toEqual({ line: 3, column: 5 });
    expect(parsed.value.positionOf(['a', 0, 'missing'])).toEqual({ line: 2, column: 5 });
    expect(parsed.value.positionOf(['A', 0])).toEqual({ line: 2, column: 5 });
  });
});

describe('field paths', () => {
  it('are read back as they are written', () => {
    const step = fc.oneof(fc.nat(99), fc.stringMatching(/^[A-Za-z_][\w-]{0,8}$/), fc.constant('a.b/c'));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (path) => {
        expect(parseFieldPath(renderFieldPath(path))).toEqual(path);
      }),
    );
  });
});

describe('did you mean', () => {
  it.each([
    ['instalationDisk', 'installationDisk'],
    ['seed_image', 'seedImage'],
    ['SEEDVERSION', 'seedVersion'],
    ['seedVerison', 'seedVersion'],
    ['unrelated', undefined],
  ])('%s -> %s', (word, expected) => {
    expect(findNearestName(word, ['seedImage', 'seedVersion', 'installationDisk'])).toBe(expected);
  });
});
