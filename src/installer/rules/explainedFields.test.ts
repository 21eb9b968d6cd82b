import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type DocumentField, describeDocument } from '#api/documentFields.ts';
import { installConfigSchema } from '#api/installConfig.ts';
import { INSTALL_CONFIG_FIELDS } from '#api/installConfigFields.ts';
import { errorsOf } from '#base/report.ts';
import { memberAt } from '../interview.ts';
import { readInstallConfig } from './readInstallConfig.ts';

const ROOT = describeDocument(installConfigSchema, INSTALL_CONFIG_FIELDS);

const CONFIG = {
  apiVersion: 'v1',
  baseDomain: 'site.test',
  metadata: { name: 'c' },
  pullSecret: '{"auths":{"registry.test":{"auth":"eA=="}}}',
};
const NONE = { ...CONFIG, platform: { none: {} } };
const HOST = {
  name: 'a',
  bootMACAddress: '52:54:00:00:00:01',
  bmc: { address: 'ipmi://192.0.2.1', username: 'u', password: 'p' },
};
const BARE_METAL = {
  ...CONFIG,
  controlPlane: { replicas: 1 },
  compute: [{ name: 'worker', replicas: 0 }],
  platform: { baremetal: { apiVIPs: ['10.0.0.5'], ingressVIPs: ['10.0.0.6'], hosts: [HOST] } },
};

const read = (config: unknown) =>
  readInstallConfig(stringify(config), { unknownKeys: 'error', isAgent: false });

/** Fields that are no part of a list. */
function fieldsOf(field: DocumentField, path: readonly string[] = []): [readonly string[], DocumentField][] {
  const below = Object.entries(field.fields ?? {}).flatMap(([name, member]) =>
    fieldsOf(member, [...path, name]),
  );
  return [[path, field], ...below];
}

describe('what is explained is what is done', () => {
  it('defaults', () => {
    const none = read(NONE);
    const metal = read(BARE_METAL);
    if (!none.ok || !metal.ok) throw new Error('the drafts are valid');
    let compared = 0;
    for (const [path, field] of fieldsOf(ROOT)) {
      const config = path[1] === 'baremetal' ? metal.value : none.value;
      const made = memberAt(config, path);
      if (field.default === undefined || made === undefined || made === '') continue;
      expect([path.join('.'), made]).toMatchObject([path.join('.'), field.default]);
      compared++;
    }
    expect(compared).toBeGreaterThan(12);
  });

  it('values, where the rules check them', () => {
    const unchecked = ['apiVersion', 'platform.external.cloudControllerManager', 'credentialsMode'];
    let compared = 0;
    for (const [path, field] of fieldsOf(ROOT)) {
      if (field.values === undefined || unchecked.includes(path.join('.'))) continue;
      if (path.includes('operatorPublishingStrategy') || path.includes('arbiter')) continue;
      for (const value of [...field.values, 'nonsense']) {
        const report = errorsOf(read(withMember(BARE_METAL, path, value)).report);
        const refused = report.filter((one) => one.path === path.join('.')).map(({ message }) => message);
        const isUnknown = refused.some((message) =>
          /Unsupported value|supported values|invalid .* type/.test(message),
        );
        expect([path.join('.'), value, isUnknown]).toEqual([path.join('.'), value, value === 'nonsense']);
      }
      compared++;
    }
    expect(compared).toBeGreaterThan(6);
  });

  it('required fields', () => {
    for (const [name, field] of Object.entries(ROOT.fields ?? {})) {
      const { [name]: _, ...others } = { ...NONE } as Record<string, unknown>;
      expect([name, read(others).ok]).toEqual([name, field.isRequired !== true]);
    }
  });
});

function withMember(config: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const members = (config ?? {}) as Record<string, unknown>;
  return { ...members, [step]: withMember(members[step], rest, value) };
}
