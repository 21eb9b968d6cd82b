import { createHash } from 'node:crypto';
import { type DocumentNode, itemNamed, itemsAt, nodeAt, textAt } from '#formats/document.ts';
import { annotationOf, labelOf, replaceAnnotation } from '#k8s/data.ts';
import { documentOf, type Resource } from '#k8s/resource.ts';
import { always, broken, type ObjectRule, type RuleContext } from './rule.ts';

/** The API servers that an operator rolls out again when the hash of their specification is another one. */
export type SpecTemplates = Partial<Readonly<Record<'openshiftApiServer' | 'oauthApiServer', string>>>;

const HASH = 'operator.openshift.io/spec-hash';
const APISERVER = 'deployments/openshift-apiserver/apiserver';
const OAUTH = 'deployments/openshift-oauth-apiserver/apiserver';
const APISERVER_CONFIG = 'operator.openshift.io/openshiftapiservers/cluster';
const OAUTH_CONFIG = 'operator.openshift.io/authentications/cluster';
const OPERATOR = 'openshift-apiserver-operator';

/** What the templates' placeholders stand for (spec recert 8.2); each is looked up only if the template has it. */
type Placeholders = Readonly<Record<string, (deployment: Resource, context: RuleContext) => string>>;

const APISERVER_PLACEHOLDERS: Placeholders = {
  IMAGE: annotation('openshiftapiservers.operator.openshift.io/pull-spec'),
  CONFIG_HASH: dependency('openshift-apiserver.config.configmap'),
  ETCD_CLIENT_HASH: dependency('openshift-apiserver.etcd-client.secret'),
  ETCD_SERVING_CA_HASH: dependency('openshift-apiserver.etcd-serving-ca.configmap'),
  IMAGE_IMPORT_CA_HASH: dependency('openshift-apiserver.image-import-ca.configmap'),
  TRUSTED_CA_BUNDLE_HASH: dependency('openshift-apiserver.trusted-ca-bundle.configmap'),
  DESIRED_GENERATION: dependency('desired.generation'),
  REVISION: revision,
  VERBOSITY: (_, context) => verbosity(configOf(APISERVER_CONFIG, context)),
  KUBE_APISERVER_OPERATOR_IMAGE: operatorImage,
  HTTPS_PROXY: (_, context) => proxyVariable('HTTPS_PROXY', context),
  HTTP_PROXY: (_, context) => proxyVariable('HTTP_PROXY', context),
  NO_PROXY: (_, context) => proxyVariable('NO_PROXY', context),
};

const OAUTH_PLACEHOLDERS: Placeholders = {
  IMAGE: (deployment) =>
    required(
      textAt(
        itemNamed(
          itemsAt(documentOf(deployment), 'spec', 'template', 'spec', 'containers'),
          'name',
          'oauth-apiserver',
        ),
        'image',
      ),
      'the image of its container oauth-apiserver',
    ),
  ETCD_CLIENT_HASH: dependency('openshift-oauth-apiserver.etcd-client.secret'),
  ETCD_SERVING_CA_HASH: dependency('openshift-oauth-apiserver.etcd-serving-ca.configmap'),
  REVISION: revision,
  VERBOSITY: (_, context) => verbosity(configOf(OAUTH_CONFIG, context)),
  FLAGS: (_, context) => oauthFlags(configOf(OAUTH_CONFIG, context)),
};

/** Without a template of the specification its hash can't be known beforehand: the operator rolls out once. */
export const SPEC_HASHES: readonly ObjectRule[] = [
  {
    name: 'openshift-apiserver-spec-hash',
    objects: [APISERVER],
    isWanted: always,
    edit: (deployment, context) => {
      const template = context.renames.specTemplates?.openshiftApiServer;
      if (template === undefined) return withoutTemplate(deployment, context);
      const text = hasProxy(context) ? template : withoutProxy(template);
      return withHash(deployment, filled(text, APISERVER_PLACEHOLDERS, deployment, context));
    },
  },
  {
    name: 'oauth-apiserver-spec-hash',
    objects: [OAUTH],
    isWanted: always,
    edit: (deployment, context) => {
      const template = context.renames.specTemplates?.oauthApiServer;
      if (template === undefined) return withoutTemplate(deployment, context);
      return withHash(deployment, filled(template, OAUTH_PLACEHOLDERS, deployment, context));
    },
  },
];

function withoutTemplate(deployment: Resource, { note }: RuleContext): Resource {
  note('no template of the specification was given, so one roll-out follows');
  return deployment;
}

const withHash = (deployment: Resource, text: string): Resource =>
  replaceAnnotation(deployment, HASH, createHash('sha256').update(text).digest('hex'));

function filled(
  template: string,
  placeholders: Placeholders,
  deployment: Resource,
  context: RuleContext,
): string {
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = placeholders[name];
    if (value === undefined) throw broken(`the template has the unknown placeholder ${name}`);
    return value(deployment, context);
  });
}

const required = (value: string | undefined, what: string): string => {
  if (value === undefined) throw broken(`${what} is missing, which the template needs`);
  return value;
};

function annotation(name: string): Placeholders[string] {
  return (deployment) => required(annotationOf(deployment, name), `annotation ${name}`);
}

function dependency(name: string): Placeholders[string] {
  return annotation(`operator.openshift.io/dep-${name}`);
}

function revision(deployment: Resource): string {
  return required(labelOf(deployment, 'revision'), 'label revision');
}

function configOf(path: string, { find }: RuleContext): DocumentNode {
  const config = find(path);
  const document = config && documentOf(config);
  if (document === undefined) throw broken(`${path} is missing, which the template needs`);
  return document;
}

const LEVELS: Readonly<Record<string, string>> = { Normal: '2', Debug: '4', Trace: '6', TraceAll: '8' };

const verbosity = (config: DocumentNode): string =>
  LEVELS[required(textAt(config, 'spec', 'logLevel'), 'spec.logLevel of the operator')] ?? '2';

function operatorImage(_: Resource, { find }: RuleContext): string {
  const operator = find(`deployments/${OPERATOR}/${OPERATOR}`);
  const containers = itemsAt(operator && documentOf(operator), 'spec', 'template', 'spec', 'containers');
  const environment = itemsAt(itemNamed(containers, 'name', OPERATOR), 'env');
  const name = 'KUBE_APISERVER_OPERATOR_IMAGE';
  return required(textAt(itemNamed(environment, 'name', name), 'value'), `${name} of ${OPERATOR}`);
}

function proxyOf({ find }: RuleContext): DocumentNode | undefined {
  const config = find(APISERVER_CONFIG);
  return nodeAt(config && documentOf(config), 'spec', 'observedConfig', 'workloadcontroller', 'proxy');
}

const hasProxy = (context: RuleContext): boolean => proxyOf(context) !== undefined;

const proxyVariable = (name: string, context: RuleContext): string =>
  jsonInside(required(textAt(proxyOf(context), name), `${name} of the observed proxy`));

/** The three variables are at the end of each container's environment. */
const withoutProxy = (template: string): string =>
  template.replaceAll(/,\{"name":"(HTTPS_PROXY|HTTP_PROXY|NO_PROXY)","value":"\$\{\1\}"\}/g, '');

/** Arguments of a shell script inside JSON text: one a line, with the line's end escaped for the shell. */
const FLAG_SEPARATOR = String.raw` \\\n  `;

function oauthFlags(config: DocumentNode): string {
  const observed = nodeAt(config, 'spec', 'observedConfig', 'oauthAPIServer', 'apiServerArguments');
  const flags = new Map((observed?.names() ?? []).map((name) => [name, valuesOf(observed!.get(name)!)]));
  flags.set('v', [verbosity(config)]);
  return [...flags]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) => values.map((value) => `--${name}=${shellQuoted(jsonInside(value))}`))
    .join(FLAG_SEPARATOR);
}

const valuesOf = (node: DocumentNode): string[] =>
  node.kind === 'text' ? [node.text() ?? ''] : node.items().map((item) => item.text() ?? '');

const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;

/** Without the quotes: it stands inside a text of the template. */
const jsonInside = (text: string): string => JSON.stringify(text).slice(1, -1);
