import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderKeyfile } from './nmKeyfile.ts';
import { renderNmstate } from './nmstate.ts';

const textOf = (document: unknown): string => {
  const result = renderNmstate(JSON.stringify(document));
  if (!result.ok) throw new Error(JSON.stringify(result.report));
  return result.value.map(({ text }) => text.replace(/uuid=.*\n/, '')).join('----\n');
};

const ethernet = (name: string, change: object = {}) => ({
  name,
  type: 'ethernet',
  state: 'up',
  ipv4: { enabled: true, dhcp: false, address: [{ ip: '192.0.2.5', 'prefix-length': 24 }] },
  ...change,
});

describe('renderNmstate', () => {
  it('renders static addresses, DNS and routes', () => {
    const document = {
      interfaces: [ethernet('eth0', { mtu: 9000, ipv6: { enabled: false } })],
      'dns-resolver': { config: { server: ['192.0.2.1', '192.0.2.2'], search: ['site.example'] } },
      routes: {
        config: [
          {
            destination: '0.0.0.0/0',
            'next-hop-address': '192.0.2.1',
            'next-hop-interface': 'eth0',
            metric: 100,
          },
          {
            destination: '10.0.0.0/8',
            'next-hop-address': '192.0.2.9',
            'next-hop-interface': 'eth0',
            'table-id': 7,
          },
        ],
      },
    };
    expect(textOf(document).split('\n')).toEqual([
      ...['[connection]', 'id=eth0', 'type=ethernet', 'interface-name=eth0', 'autoconnect=true'],
      ...['autoconnect-priority=1', '', '[ethernet]', 'mtu=9000', ''],
      ...['[ipv4]', 'method=manual', 'address1=192.0.2.5/24', 'route1=0.0.0.0/0,192.0.2.1,100'],
      ...['route2=10.0.0.0/8,192.0.2.9', 'route2_options=table=7'],
      ...['dns=192.0.2.1;192.0.2.2;', 'dns-search=site.example;', '', '[ipv6]', 'method=disabled', ''],
    ]);
  });

  it('renders automatic addresses of both families', () => {
    const automatic = {
      ipv4: { enabled: true, dhcp: true, 'auto-dns': false },
      ipv6: { enabled: true, dhcp: true, autoconf: true, 'auto-routes': false },
    };
    const text = textOf({ interfaces: [ethernet('eth0', automatic)] });
    expect(text).toContain('[ipv4]\nmethod=auto\nignore-auto-dns=true\n');
    expect(text).toContain('[ipv6]\nmethod=auto\nignore-auto-routes=true\n');
  });

  it('matches by MAC address where asked to', () => {
    const byMac = { identifier: 'mac-address', 'mac-address': '02:00:00:00:00:01' };
    const text = textOf({ interfaces: [ethernet('any', byMac)] });
    expect(text).not.toContain('interface-name');
    expect(text).toContain('mac-address=02:00:00:00:00:01');
  });

  it('gives each family of DNS servers to one interface', () => {
    const document = {
      interfaces: [ethernet('eth0'), ethernet('eth1')],
      'dns-resolver': { config: { server: ['192.0.2.1'] } },
    };
    expect(textOf(document).match(/^dns=/gm)).toHaveLength(1);
  });

  it.each([
    ['a bond', { interfaces: [ethernet('bond0', { type: 'bond' })] }, 'interfaces[0].type'],
    [
      'an interface to remove',
      { interfaces: [ethernet('eth0', { state: 'absent' })] },
      'interfaces[0].state',
    ],
    ['a VLAN', { interfaces: [ethernet('eth0', { vlan: { id: 5 } })] }, 'interfaces[0].vlan'],
    ['route rules', { 'route-rules': {} }, 'route-rules'],
    ['no address', { interfaces: [ethernet('eth0', { ipv4: { enabled: true } })] }, 'interfaces[0].ipv4'],
    ['a name with a path', { interfaces: [ethernet('../x')] }, 'interfaces[0].name'],
    ['a route to nowhere', { routes: { config: [{ destination: '0.0.0.0/0' }] } }, 'routes.config[0]'],
  ])('refuses %s', (_, document, path) => {
    const result = renderNmstate(JSON.stringify(document));
    expect(result.ok).toBe(false);
    expect(result.report.map((p) => p.path)).toContain(path);
  });

  it('never throws, and is the same each time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(renderNmstate(text)).toEqual(renderNmstate(text));
      }),
    );
  });
});

it('a keyfile value never breaks out of its line', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const text = renderKeyfile([{ name: 's', values: [['k', value]] }]);
      expect(text.split('\n')).toHaveLength(3);
    }),
  );
});
