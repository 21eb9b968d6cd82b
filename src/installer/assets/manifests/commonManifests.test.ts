import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stateFileEntry } from '../../asset.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { memoryTarget } from '../testing.ts';
import { commonManifests } from './commonManifests.ts';
import { imageContentSourcePolicy } from './imageContentSourcePolicy.ts';
import { imageDigestMirrorSet } from './imageDigestMirrorSet.ts';
import { makeManifests } from './testing.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('Common Manifests', () => {
  it('are the files of a cluster, in the order of their names', async () => {
    const { objects } = await makeManifests(commonManifests);
    expect(Object.keys(objects)).toEqual([
      'cluster-config.yaml',
      'cluster-dns-02-config.yml',
      'cluster-infrastructure-02-config.yml',
      'cluster-ingress-02-config.yml',
      'cluster-network-02-config.yml',
      'cluster-proxy-01-config.yaml',
      'cluster-scheduler-02-config.yml',
      'cvo-overrides.yaml',
      'kube-cloud-config.yaml',
      'kube-system-configmap-root-ca.yaml',
      'machine-config-server-ca-configmap.yaml',
      'machine-config-server-ca-secret.yaml',
      'machine-config-server-tls-secret.yaml',
      'openshift-config-secret-pull-secret.yaml',
    ]);
  });

  it('keep the pull secret in its Secret only', async () => {
    const { texts, objects } = await makeManifests(commonManifests);
    const pullSecret = JSON.stringify({ auths: { 'registry.example.com': { auth: 'dXNlcjpwYXNz' } } });
    expect(objects['openshift-config-secret-pull-secret.yaml']).toMatchObject({
      data: { '.dockerconfigjson': base64(pullSecret) },
      type: 'kubernetes.io/dockerconfigjson',
    });
    const config = objects['cluster-config.yaml'] as { data: { 'install-config': string } };
    expect(parse(config.data['install-config'])).toMatchObject({
      metadata: { name: 'lab' },
      publish: 'External',
      pullSecret: '',
    });
    expect(texts['cluster-config.yaml']).not.toContain('dXNlcjpwYXNz');
  });

  it('describe hosts with the profile that their objects have', async () => {
    const hosts = ['m0', 'm1', 'm2'].map((name, i) =>
      hostOf(name, i === 2 ? { hardwareProfile: 'dell' } : {}),
    );
    const { objects } = await makeManifests(commonManifests, bareMetalText(hosts));
    const config = objects['cluster-config.yaml'] as { data: { 'install-config': string } };
    expect(parse(config.data['install-config'])).toMatchObject({
      platform: {
        baremetal: {
          hosts: [
            { hardwareProfile: 'unknown' },
            { hardwareProfile: 'unknown' },
            { hardwareProfile: 'dell' },
          ],
        },
      },
    });
  });

  it('describe the certificates of the machine config server, and the log does', async () => {
    const hosts = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
    const { objects, infos } = await makeManifests(commonManifests, bareMetalText(hosts));
    const secret = objects['machine-config-server-tls-secret.yaml'] as {
      metadata: { annotations: Record<string, string>; labels: Record<string, string> };
      data: Record<string, string>;
    };
    const { annotations, labels } = secret.metadata;
    expect(annotations).toMatchObject({
      'auth.openshift.io/certificate-hostnames': '192.0.2.5,api-int.lab.example.com',
      'auth.openshift.io/certificate-issuer': 'root-ca',
      'openshift.io/owning-component': 'Machine Config Operator',
    });
    expect(labels).toEqual({ 'auth.openshift.io/managed-certificate-type': 'target' });
    const ca = objects['machine-config-server-ca-secret.yaml'] as typeof secret;
    expect(ca.metadata.labels).toEqual({ 'auth.openshift.io/managed-certificate-type': 'signer' });
    const configMap = objects['machine-config-server-ca-configmap.yaml'] as {
      data: Record<string, string>;
    };
    expect(configMap.data['ca-bundle.crt']).toBe(Buffer.from(ca.data['tls.crt']!, 'base64').toString());
    expect(objects['kube-system-configmap-root-ca.yaml']).toMatchObject({
      data: { 'ca.crt': configMap.data['ca-bundle.crt'] },
    });
    const validity = (of: typeof secret): string =>
      ['not-after', 'not-before']
        .map((end) => of.metadata.annotations[`auth.openshift.io/certificate-${end}`])
        .join(' ');
    expect(validity(secret)).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ?){2}$/);
    expect(infos).toEqual([
      `Successfully populated MCS CA cert information: root-ca ${validity(ca)}`,
      `Successfully populated MCS TLS cert information: root-ca ${validity(secret)}`,
    ]);
  });

  const REQUIRED = ['CloudControllerManager', 'CloudCredential', 'Ingress'];
  it.each([
    [{}, undefined],
    [{ capabilities: { baselineCapabilitySet: 'v4.16' } }, { baselineCapabilitySet: 'v4.16' }],
    [
      { capabilities: { baselineCapabilitySet: 'None', additionalEnabledCapabilities: REQUIRED } },
      { baselineCapabilitySet: 'None', additionalEnabledCapabilities: REQUIRED },
    ],
  ])('ask the cluster version operator for the capabilities of %j', async (changes, capabilities) => {
    const { objects } = await makeManifests(commonManifests, changes);
    const { spec } = objects['cvo-overrides.yaml'] as { spec: Record<string, unknown> };
    expect(spec['channel']).toBe('stable-4.19');
    expect(spec['clusterID']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(spec['capabilities']).toEqual(capabilities);
  });
});

describe('files in manifests/', () => {
  it('are the manifests if the cluster config is among them, with what is there beside it', async () => {
    const files = {
      'manifests/zz-extra.json': '{"kind":"A"}',
      'manifests/cluster-config.yaml': 'kind: ConfigMap\n',
    };
    const { FileList } = await memoryTarget({ files }).store.fetch(commonManifests);
    expect(FileList).toEqual([
      stateFileEntry('manifests/cluster-config.yaml', 'kind: ConfigMap\n'),
      stateFileEntry('manifests/zz-extra.json', '{"kind":"A"}'),
    ]);
  });

  it('are made anew where an install-config lies beside them', async () => {
    const files = { 'manifests/cluster-config.yaml': 'kind: ConfigMap\n', 'manifests/a.yaml': 'a: 1\n' };
    const { texts, warnings } = await makeManifests(commonManifests, {}, { files });
    expect(texts).not.toHaveProperty('a.yaml');
    expect(warnings[0]).toMatch(/^Discarding the Common Manifests that was provided/);
  });

  it('are no manifests of a cluster without it', async () => {
    const files = { 'manifests/zz-extra.json': '{"kind":"A"}' };
    const { texts } = await makeManifests(commonManifests, {}, { files });
    expect(Object.keys(texts)).not.toContain('zz-extra.json');
  });
});

describe('mirrors of images', () => {
  const sources = [
    { source: 'quay.io/a', mirrors: ['mirror.test:5000/a', 'other.test/a'] },
    { source: 'quay.io/b', mirrors: [] },
  ];

  it('are told in the new form', async () => {
    const { objects } = await makeManifests(imageDigestMirrorSet, {
      imageDigestSources: [...sources, { source: 'quay.io/c', sourcePolicy: 'NeverContactSource' }],
    });
    expect(objects['image-digest-mirror-set.yaml']).toMatchObject({
      apiVersion: 'config.openshift.io/v1',
      metadata: { name: 'image-digest-mirror' },
      spec: {
        imageDigestMirrors: [
          sources[0],
          { source: 'quay.io/b' },
          { source: 'quay.io/c', mirrorSourcePolicy: 'NeverContactSource' },
        ],
      },
    });
    expect((await makeManifests(imageDigestMirrorSet)).objects).toEqual({});
  });

  it('are told in the old form where they are given so', async () => {
    const { objects } = await makeManifests(imageContentSourcePolicy, { imageContentSources: sources });
    expect(objects['image-content-source-policy.yaml']).toEqual({
      apiVersion: 'operator.openshift.io/v1alpha1',
      kind: 'ImageContentSourcePolicy',
      metadata: { creationTimestamp: null, name: 'image-policy' },
      spec: { repositoryDigestMirrors: [sources[0], { source: 'quay.io/b' }] },
    });
    expect((await makeManifests(imageContentSourcePolicy)).objects).toEqual({});
  });
});

describe('a template of the user', () => {
  const withTemplate = (text: string) =>
    makeManifests(
      commonManifests,
      {},
      {
        files: { 'templates/kube-system-configmap-root-ca.yaml.template': text },
      },
    );

  it("takes the place of the program's, with its values", async () => {
    const { objects } = await withTemplate(
      'kind: Mine\nissuer: {{.RootCAIssuerName}}\nca: |\n  {{ indent 2 .RootCaCert }}\n',
    );
    const { data } = (await makeManifests(commonManifests)).objects['kube-system-configmap-root-ca.yaml'] as {
      data: Record<string, string>;
    };
    expect(objects['kube-system-configmap-root-ca.yaml']).toEqual({
      kind: 'Mine',
      issuer: 'root-ca',
      ca: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n[\s\S]*-----END CERTIFICATE-----\n$/),
    });
    expect(data['ca.crt']).toContain('BEGIN CERTIFICATE');
  });

  it.each(['{{.Unknown}}', '{{if .RootCaCert}}', '{{.constructor}}'])('is refused for %s', async (action) => {
    await expect(withTemplate(`a: ${action}`)).rejects.toThrow(
      `templates/kube-system-configmap-root-ca.yaml.template: "${action}" is not understood`,
    );
  });
});
