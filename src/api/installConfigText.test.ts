import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseInstallConfig } from './installConfig.ts';
import { renderInstallConfig } from './installConfigText.ts';

function read(document: object) {
  const result = parseInstallConfig(JSON.stringify(document), { unknownKeys: 'error' });
  if (!result.ok) throw new Error(JSON.stringify(result.report));
  return result.value;
}

describe('renderInstallConfig', () => {
  it('is read back as the same config', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 9 }),
        fc.boolean(),
        fc.array(fc.string(), { maxLength: 3 }),
        (text, replicas, fips, noise) => {
          const config = read({
            metadata: { name: text },
            sshKey: text,
            fips,
            featureGates: noise,
            controlPlane: { replicas, platform: {} },
            platform: { baremetal: { apiVIPs: noise, hosts: [{ name: text, role: 'master' }] } },
          });
          const again = parseInstallConfig(renderInstallConfig(config), { unknownKeys: 'error' });
          expect(again).toEqual({ ok: true, value: config, report: [] });
        },
      ),
    );
  });

  it('writes hosts by role, those without one last', () => {
    const hosts = ['', 'worker', 'arbiter', 'master', 'worker'].map((role, i) => ({ name: `h${i}`, role }));
    const written = parse(renderInstallConfig(read({ platform: { baremetal: { hosts } } }))) as {
      platform: { baremetal: { hosts: { name: string }[] } };
    };
    expect(written.platform.baremetal.hosts.map(({ name }) => name)).toEqual(['h3', 'h2', 'h1', 'h4', 'h0']);
  });

  it('tells a disk that must not rotate from any disk', () => {
    const hosts = [{ name: 'a', rootDeviceHints: { minSizeGigabytes: 9, rotational: false } }];
    expect(renderInstallConfig(read({ platform: { baremetal: { hosts } } }))).toContain('rotational: false');
    const anyDisk = [{ name: 'a', rootDeviceHints: { minSizeGigabytes: 9 } }];
    const written = renderInstallConfig(read({ platform: { baremetal: { hosts: anyDisk } } }));
    expect(written).not.toContain('rotational');
  });
});
