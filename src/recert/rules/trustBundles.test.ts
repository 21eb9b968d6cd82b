import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderPemFile } from '#formats/pem.ts';
import { dataOf, labelOf } from '#k8s/data.ts';
import { identityOf, parseResource, type Resource } from '#k8s/resource.ts';
import { applyRules, type Draft } from '../applyRules.ts';
import { configMapObject } from '../testing.ts';
import { mergedProxyTrust, type ProxyTrust } from '../trustBundles.ts';
import { bundleHash } from './trustBundles.ts';

const certificate = (): string => renderPemFile('CERTIFICATE', randomBytes(100));
const KEY = 'ca-bundle.crt';
const OWN = `# seed\n${certificate()}${certificate()}`;
const SYSTEM = `# public\n${certificate()}\n# another\n${certificate()}`;
const NEW = `# clone\n${certificate()}`.trimEnd();
const MERGED = `${NEW}\n${SYSTEM}`;
const INJECTED = { 'config.openshift.io/inject-trusted-cabundle': 'true' };

type Objects = Record<string, Buffer | object>;

const map = (path: string, text: string, labels: Record<string, string> = {}): Objects => {
  const [namespace = '', name = ''] = path.split('/');
  return { [`configmaps/${path}`]: configMapObject(namespace, name, { [KEY]: text }, {}, labels) };
};

const key = (path: string): string => `/kubernetes.io/${path}`;

/** Rules on a cluster of these objects and files; the answer looks things up by path. */
function applied(
  objects: Objects,
  given: { user?: string; proxy?: ProxyTrust },
  files: Record<string, string> = {},
) {
  const stored = new Map(
    Object.entries(objects).map(([path, value]): [string, Resource] => [
      key(path),
      parseResource(key(path), Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))),
    ]),
  );
  const draft: Draft = {
    objects: new Map(stored),
    files: new Map(
      Object.entries(files).map(([path, text]) => [
        path,
        { content: Buffer.from(text), isListed: false, isCustomized: true },
      ]),
    ),
    fileNames: new Map(),
    renamedObjects: new Map(),
  };
  const result = applyRules(draft, {
    addresses: [],
    nameRules: [],
    renewsCrypto: false,
    ...(given.user !== undefined && { userCaBundle: given.user }),
    ...(given.proxy && { proxyTrust: mergedProxyTrust(given.proxy, (path) => stored.get(key(path))) }),
  });
  const get = (path: string) => draft.objects.get(key(path));
  return {
    draft,
    result,
    get,
    bundle: (path: string) => get(`configmaps/${path}`) && dataOf(get(`configmaps/${path}`)!, KEY),
    file: (path: string) => draft.files.get(path)?.content.toString(),
  };
}

const user = { user: NEW };
const both = { user: NEW, proxy: { configMap: 'user-ca-bundle', bundle: NEW } };
const proxyNaming = (name: string) => ({
  'config.openshift.io/proxies/cluster': { kind: 'Proxy', spec: { trustedCA: { name } } },
});

describe('the user’s CA bundle', () => {
  it('replaces the one of the cluster, of MachineConfigs, of the controller and of the node', () => {
    const path = '/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt';
    const source = `data:text/plain;base64,${Buffer.from(OWN).toString('base64')}`;
    const config = { storage: { files: [{ path, contents: { source } }] } };
    const machineConfig = { kind: 'MachineConfig', spec: { config } };
    const controller = 'machineconfiguration.openshift.io/controllerconfigs/machine-config-controller';
    const { get, bundle, file } = applied(
      {
        ...map('openshift-config/user-ca-bundle', OWN),
        ...map('openshift-config/other', OWN),
        'machineconfiguration.openshift.io/machineconfigs/m': machineConfig,
        [controller]: { spec: { additionalTrustBundle: 'b2xk', more: 1 } },
      },
      user,
      { [path]: OWN, '/etc/machine-config-daemon/currentconfig': JSON.stringify(machineConfig) },
    );
    const base64 = Buffer.from(NEW).toString('base64');
    const carried = JSON.stringify(machineConfig).replace(source, `data:text/plain;base64,${base64}`);
    expect(bundle('openshift-config/user-ca-bundle')).toBe(NEW);
    expect(bundle('openshift-config/other')).toBe(OWN);
    expect(get('machineconfiguration.openshift.io/machineconfigs/m')?.value.toString()).toBe(carried);
    expect(get(controller)?.value.toString()).toBe(`{"spec":{"additionalTrustBundle":"${base64}","more":1}}`);
    expect([file(path), file('/etc/machine-config-daemon/currentconfig')]).toEqual([NEW, carried]);
  });

  it('is a note where the cluster has no place for it', () => {
    const controller = 'machineconfiguration.openshift.io/controllerconfigs/machine-config-controller';
    const { result, draft } = applied({ [controller]: { spec: {} } }, both);
    expect(result.absent).toContain('configmaps/openshift-config/user-ca-bundle');
    expect(result.absent).toContain('config.openshift.io/proxies/cluster');
    expect(result.notes.join()).toContain('/spec/additionalTrustBundle is missing');
    expect(draft.objects.get(key(controller))?.value.toString()).toBe('{"spec":{}}');
  });
});

describe('the bundle that the proxy trusts', () => {
  const holders = ['openshift-config-managed/trusted-ca-bundle', 'a/injected', 'b/injected'];
  const cluster = (name: string, merged = OWN + SYSTEM): Objects => ({
    ...proxyNaming(name),
    ...map(`openshift-config/${name}`, OWN),
    ...map(holders[0]!, merged),
    ...map('a/injected', merged, INJECTED),
    ...map('b/injected', 'stale', INJECTED),
    ...map('b/own', OWN),
    ...map('openshift-controller-manager/openshift-user-ca', OWN),
  });
  const file = '/etc/kubernetes/static-pod-resources/x/configmaps/trusted-ca-bundle/ca-bundle.crt';

  it.each([
    ['the user’s bundle', 'user-ca-bundle', both],
    ['a bundle of its own', 'corporate', { proxy: { configMap: 'corporate', bundle: NEW } }],
  ])('goes before the system’s everywhere, as %s', (_what, name, given) => {
    const after = applied(cluster(name), given, { [file]: OWN + SYSTEM });
    for (const holder of holders) expect([holder, after.bundle(holder)]).toEqual([holder, MERGED]);
    expect(after.bundle('b/own')).toBe(OWN);
    expect(after.bundle(`openshift-config/${name}`)).toBe(NEW);
    expect(after.bundle('openshift-controller-manager/openshift-user-ca')).toBe(NEW);
    expect(after.file(file)).toBe(MERGED);
  });

  it.each([
    ['without its comments', OWN.replace('# seed\n', '') + SYSTEM],
    ['with other line ends', OWN.replaceAll('\n', '\r\n') + SYSTEM],
    ['not at all, as the proxy trusted nothing of its own', SYSTEM],
  ])('is found in the merged bundle %s', (_what, merged) => {
    expect(applied(cluster('user-ca-bundle', merged), both).bundle(holders[0]!)).toBe(MERGED);
  });

  it('keeps a system part that has the same certificate again', () => {
    const { bundle } = applied(cluster('user-ca-bundle', OWN + SYSTEM + OWN), both);
    expect(bundle(holders[0]!)).toBe(MERGED + OWN);
  });

  it('is refused where the merged bundle has only a part of it, or another is trusted', () => {
    const half = OWN.slice(0, OWN.indexOf('-----END') + 25);
    expect(() => applied(cluster('user-ca-bundle', half + SYSTEM), both)).toThrow(/only 1 of the 2/);
    expect(() => applied({ ...cluster('user-ca-bundle'), ...proxyNaming('x') }, both)).toThrow(
      /trustedCA\/name is x/,
    );
  });

  it('is named by a proxy that trusted none', () => {
    const path = 'config.openshift.io/proxies/cluster';
    const named = JSON.stringify(proxyNaming('user-ca-bundle')[path]);
    const { get } = applied({ ...cluster('user-ca-bundle'), ...proxyNaming('') }, both);
    expect(get(path)?.value.toString()).toBe(named);
    const { result, get: without } = applied(proxyNaming(''), both);
    expect(without(path)?.value.toString()).toBe(JSON.stringify(proxyNaming('')[path]));
    expect(result.notes.join()).toContain('configmaps/openshift-config/user-ca-bundle is missing');
  });

  it('changes nothing where it is the same bundle again', () => {
    const same = { user: OWN, proxy: { configMap: 'user-ca-bundle', bundle: OWN } };
    const hashed = `openshift-monitoring/x-trusted-ca-bundle-${bundleHash(OWN + SYSTEM)}`;
    const objects = {
      ...cluster('user-ca-bundle'),
      ...map('b/injected', OWN + SYSTEM, INJECTED),
      ...map(hashed, OWN + SYSTEM, { 'monitoring.openshift.io/hash': bundleHash(OWN + SYSTEM) }),
    };
    const { draft } = applied(objects, same);
    for (const [path, value] of Object.entries(objects))
      expect(draft.objects.get(key(path))?.value.toString()).toBe(
        Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value),
      );
  });

  it('renames monitoring’s copies after its hash, and leaves others alone', () => {
    const [old, wanted] = [bundleHash(OWN + SYSTEM), bundleHash(MERGED)];
    const at = (name: string) => `openshift-monitoring/${name}`;
    const label = { 'monitoring.openshift.io/hash': old, other: 'x' };
    const { get, draft, result } = applied(
      {
        ...cluster('user-ca-bundle'),
        ...map(at(`querier-trusted-ca-bundle-${old}`), OWN + SYSTEM, label),
        ...map(at(`edited-trusted-ca-bundle-${old}`), 'edited', label),
        ...map(at('plain'), OWN),
      },
      both,
    );
    const renamed = get(`configmaps/${at(`querier-trusted-ca-bundle-${wanted}`)}`)!;
    expect(dataOf(renamed, KEY)).toBe(MERGED);
    expect(identityOf(renamed).name).toBe(`querier-trusted-ca-bundle-${wanted}`);
    expect([labelOf(renamed, 'monitoring.openshift.io/hash'), labelOf(renamed, 'other')]).toEqual([
      wanted,
      'x',
    ]);
    expect(get(`configmaps/${at(`querier-trusted-ca-bundle-${old}`)}`)).toBeUndefined();
    expect([...draft.renamedObjects.keys()]).toEqual([renamed.key]);
    expect(dataOf(get(`configmaps/${at(`edited-trusted-ca-bundle-${old}`)}`)!, KEY)).toBe('edited');
    expect(result.notes.join()).toContain('monitoring will replace it');
  });
});

it('hashes bundles as Go’s FNV-1 does, to base 32', () => {
  expect([bundleHash(''), bundleHash('a')]).toEqual(['cnskssi2248p5', 'auott9i303dtu']);
});
