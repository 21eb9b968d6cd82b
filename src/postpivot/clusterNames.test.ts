import { describe, expect, it } from 'vitest';
import { renderDnsmasqOverrides, replaceInHosts } from './clusterNames.ts';

const seed = { cluster_name: 'old', base_domain: 'a.example', hostname: 'host-a', node_ips: ['192.0.2.1'] };
const target = { cluster_name: 'new', base_domain: 'b.example', hostname: 'host-b', node_ips: ['192.0.2.2'] };

it('renderDnsmasqOverrides has three lines and no newline at the end', () => {
  expect(renderDnsmasqOverrides(target, '192.0.2.2').split('\n')).toEqual([
    'SNO_CLUSTER_NAME_OVERRIDE=new',
    'SNO_BASE_DOMAIN_OVERRIDE=b.example',
    'SNO_DNSMASQ_IP_OVERRIDE=192.0.2.2',
  ]);
});

describe('replaceInHosts', () => {
  it("replaces the seed's address and names", () => {
    expect(replaceInHosts('192.0.2.1 host-a api.old.a.example api-int.old.a.example\n', seed, target)).toBe(
      '192.0.2.2 host-b api.new.b.example api-int.new.b.example\n',
    );
  });

  it('leaves other lines and comments byte for byte', () => {
    const text = '# 192.0.2.1 host-a\n127.0.0.1\tlocalhost\n192.0.2.1  registry.other.example\n\n';
    expect(replaceInHosts(text, seed, target)).toBe(text);
  });

  it('does not take names that only end alike', () => {
    const text = '192.0.2.1 told.a.example xhost-a\n';
    expect(replaceInHosts(text, seed, target)).toBe(text);
  });
});
