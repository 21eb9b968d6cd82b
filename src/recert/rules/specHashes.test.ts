import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseResource, type Resource } from '#k8s/resource.ts';
import type { RuleContext } from './rule.ts';
import { SPEC_HASHES, type SpecTemplates } from './specHashes.ts';

const [APISERVER, OAUTH] = SPEC_HASHES as [(typeof SPEC_HASHES)[0], (typeof SPEC_HASHES)[0]];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const object = (path: string, value: object): Resource =>
  parseResource(`/kubernetes.io/${path}`, Buffer.from(JSON.stringify(value)));

const deployment = (annotations: Record<string, string>, containers: object[] = []): Resource =>
  object('deployments/a/apiserver', {
    metadata: {
      labels: { revision: '7' },
      annotations: { 'operator.openshift.io/spec-hash': 'old', ...annotations },
    },
    spec: { template: { spec: { containers } } },
  });

function context(specTemplates: SpecTemplates, objects: Record<string, object> = {}) {
  const notes: string[] = [];
  const found: RuleContext = {
    renames: { addresses: [], nameRules: [], renewsCrypto: true, specTemplates },
    find: (path) => (objects[path] === undefined ? undefined : object(path, objects[path])),
    filePaths: () => [],
    fileText: () => '',
    note: (message) => void notes.push(message),
  };
  return { found, notes };
}

const hashOf = (resource: Resource | undefined): string =>
  (JSON.parse(resource!.value.toString()) as { metadata: { annotations: Record<string, string> } }).metadata
    .annotations['operator.openshift.io/spec-hash']!;

const CONFIG = 'operator.openshift.io/openshiftapiservers/cluster';

describe('the hash of a specification', () => {
  const annotations = {
    'openshiftapiservers.operator.openshift.io/pull-spec': 'image@sha256:1',
    'operator.openshift.io/dep-openshift-apiserver.config.configmap': 'abc==',
  };
  const variable = (name: string) => `,{"name":"${name}","value":"\${${name}}"}`;
  const template = `{"image":"\${IMAGE}","c":"\${CONFIG_HASH}","r":\${REVISION},"v":\${VERBOSITY},"env":[{"name":"A","value":"a"}${variable('HTTPS_PROXY')}${variable('HTTP_PROXY')}${variable('NO_PROXY')}]}`;

  it('is that of the template with what the cluster says now', () => {
    const proxy = { HTTPS_PROXY: 'http://"s"', HTTP_PROXY: 'http://h', NO_PROXY: '.svc' };
    const observedConfig = { workloadcontroller: { proxy } };
    const objects = { [CONFIG]: { spec: { logLevel: 'Trace', observedConfig } } };
    const { found } = context({ openshiftApiServer: template }, objects);
    expect(hashOf(APISERVER.edit(deployment(annotations), found))).toBe(
      sha256(
        String.raw`{"image":"image@sha256:1","c":"abc==","r":7,"v":6,"env":[{"name":"A","value":"a"},{"name":"HTTPS_PROXY","value":"http://\"s\""},{"name":"HTTP_PROXY","value":"http://h"},{"name":"NO_PROXY","value":".svc"}]}`,
      ),
    );
  });

  it('has no variables of a proxy where there is none', () => {
    const { found } = context({ openshiftApiServer: template }, { [CONFIG]: { spec: { logLevel: 'x' } } });
    expect(hashOf(APISERVER.edit(deployment(annotations), found))).toBe(
      sha256('{"image":"image@sha256:1","c":"abc==","r":7,"v":2,"env":[{"name":"A","value":"a"}]}'),
    );
  });

  it('has the flags of oauth-apiserver in order, quoted for the shell', () => {
    const apiServerArguments = { 'audit-log': ['/var/log/a b'], 'api-audiences': ['https://x', 'y'] };
    const observedConfig = { oauthAPIServer: { apiServerArguments } };
    const { found } = context(
      { oauthApiServer: `{"i":"\${IMAGE}","args":["x \${FLAGS}"]}` },
      { 'operator.openshift.io/authentications/cluster': { spec: { logLevel: 'Debug', observedConfig } } },
    );
    const containers = [{ name: 'oauth-apiserver', image: 'o' }];
    const flags = [
      '--api-audiences=https://x',
      '--api-audiences=y',
      "--audit-log='/var/log/a b'",
      '--v=4',
    ].join(' \\\\\\n  ');
    expect(hashOf(OAUTH.edit(deployment({}, containers), found))).toBe(
      sha256(`{"i":"o","args":["x ${flags}"]}`),
    );
  });

  it('stays as it is without a template, with a note', () => {
    const { found, notes } = context({});
    for (const rule of SPEC_HASHES) expect(hashOf(rule.edit(deployment({}), found))).toBe('old');
    expect(notes).toEqual([expect.stringContaining('one roll-out'), expect.stringContaining('one roll-out')]);
  });

  it('is refused where the template needs what is not there, or is not understood', () => {
    const missing = context({ openshiftApiServer: `\${IMAGE}` });
    expect(() => APISERVER.edit(deployment({}), missing.found)).toThrow(/pull-spec is missing/);
    const unknown = context({ oauthApiServer: `\${NOT_KNOWN}` });
    expect(() => OAUTH.edit(deployment({}), unknown.found)).toThrow(/unknown placeholder NOT_KNOWN/);
  });
});
