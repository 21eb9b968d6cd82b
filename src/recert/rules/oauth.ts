import { type DocumentNode, itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { editData } from '#k8s/data.ts';
import { renameManagedField } from '#k8s/managedFields.ts';
import { documentOf, editResource } from '#k8s/resource.ts';
import type { Renames } from '../renames.ts';
import {
  broken,
  clusterOf,
  editTextDocument,
  type FileRule,
  type ObjectRule,
  present,
  renamesCluster,
} from './rule.ts';

const CONSOLE = 'https://console-openshift-console.apps.';
const ROUTER_CERTS = '/var/config/system/secrets/v4-0-config-system-router-certs';
const CLI_CONFIG = 'v4-0-config-system-cliconfig';

function editServerConfig(config: DocumentNode, renames: Renames): void {
  const { domain } = clusterOf(renames);
  const urls = config.get('oauthConfig');
  replaceText(urls?.get('loginURL'), `https://api.${domain}:6443`);
  if (urls?.get('assetPublicURL')?.text()?.startsWith(CONSOLE))
    urls.set('assetPublicURL', `${CONSOLE}${domain}`);
  replaceText(urls?.get('masterPublicURL'), `https://oauth-openshift.apps.${domain}`);
  const file = `${ROUTER_CERTS}/apps.${domain}`;
  const named = [{ certFile: file, keyFile: file, names: [`*.apps.${domain}`] }];
  nodeAt(config, 'servingInfo', 'namedCertificates')?.replace(named);
}

function editMetadata(text: string, renames: Renames): string {
  const issuer = `https://oauth-openshift.apps.${clusterOf(renames).domain}`;
  return editTextDocument(text, (root) => {
    replaceText(root.get('issuer'), issuer);
    replaceText(root.get('authorization_endpoint'), `${issuer}/oauth/authorize`);
    replaceText(root.get('token_endpoint'), `${issuer}/oauth/token`);
  });
}

/** The OAuth server's addresses: its own configuration, what it tells clients, and what clients may ask for. */
export const OAUTH_RULES: readonly ObjectRule[] = [
  {
    name: 'oauth-server-observed',
    objects: ['operator.openshift.io/authentications/cluster'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (authentication, { renames }) =>
      editResource(authentication, (root) =>
        editServerConfig(
          present(nodeAt(root, 'spec', 'observedConfig', 'oauthServer'), 'oauthServer'),
          renames,
        ),
      ),
  },
  {
    name: 'oauth-server-config',
    objects: [`configmaps/openshift-authentication/${CLI_CONFIG}`],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (configMap, { renames }) =>
      editData(configMap, CLI_CONFIG, (text) =>
        editTextDocument(text, (config) => editServerConfig(config, renames)),
      ),
  },
  {
    name: 'oauth-metadata',
    objects: [
      'configmaps/openshift-authentication/v4-0-config-system-metadata',
      'configmaps/openshift-config-managed/oauth-openshift',
      'configmaps/openshift-kube-apiserver/oauth-metadata*',
    ],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (configMap, { renames }) =>
      editData(configMap, 'oauthMetadata', (text) => editMetadata(text, renames)),
  },
  {
    name: 'oauth-clients',
    objects: ['oauth/clients/openshift-browser-client', 'oauth/clients/openshift-challenging-client'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (client, { renames }) => {
      const host = 'https://oauth-openshift.apps.';
      const uris = itemsAt(documentOf(client), 'redirectURIs').map((uri) => uri.text() ?? '');
      const old = uris.filter((uri) => uri.startsWith(host));
      if (old.length !== 1) throw broken(`expected one redirect URI at ${host}, found ${old.length}`);
      const path = old[0]!.slice(host.length).replace(/^[^/]*/, '');
      const uri = `${host}${clusterOf(renames).domain}${path}`;
      const edited = editResource(client, (root) => {
        for (const node of itemsAt(root, 'redirectURIs')) if (node.text() === old[0]) replaceText(node, uri);
      });
      return renameManagedField(edited, 'f:redirectURIs', `v:"${old[0]}"`, `v:"${uri}"`);
    },
  },
];

export const OAUTH_METADATA_FILE: FileRule = {
  name: 'oauth-metadata-file',
  isWanted: renamesCluster,
  matches: (path) => /\/kube-apiserver-pod[^/]*\/configmaps\/oauth-metadata\/oauthMetadata$/.test(path),
  edit: (text, { renames }) => editMetadata(text, renames),
};
