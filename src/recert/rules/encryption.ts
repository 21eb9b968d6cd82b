import { nodeAt, replaceText } from '#formats/document.ts';
import { setData, setDataBytes } from '#k8s/data.ts';
import type { EncryptionConfiguration } from '#k8s/encryption.ts';
import { editResource } from '#k8s/resource.ts';
import { API_SERVERS, type ApiServer, CONFIGURATION_KEY, NODE_CONFIGURATION } from '../encryption.ts';
import type { Renames } from '../renames.ts';
import { baseName, type FileRule, type ObjectRule } from './rule.ts';

const MANAGED = 'secrets/openshift-config-managed';
const RAW_KEY = 'encryption.apiserver.operator.openshift.io-key';
const SERVERS = Object.keys(API_SERVERS) as ApiServer[];

const configurationOf = (renames: Renames, server: ApiServer): EncryptionConfiguration | undefined =>
  renames.encryption?.configurations.get(server);

const encrypts = (renames: Renames): boolean => renames.encryption !== undefined;

/** Where operators and API servers read what values are encrypted with (spec recert 7.5). */
export const ENCRYPTION_RULES: readonly ObjectRule[] = SERVERS.flatMap((server): ObjectRule[] => [
  {
    name: `encryption-config-${server}`,
    objects: [`secrets/${server}/encryption-config*`, `${MANAGED}/encryption-config-${server}*`],
    isWanted: encrypts,
    edit: (secret, { renames }) => {
      const configuration = configurationOf(renames, server);
      return configuration === undefined ? secret : setData(secret, CONFIGURATION_KEY, configuration.text);
    },
  },
  {
    name: `encryption-key-${server}`,
    objects: [`${MANAGED}/encryption-key-${server}*`],
    isWanted: encrypts,
    edit: (secret, { renames }) => {
      const key = configurationOf(renames, server)?.entries[0]?.keys[0];
      if (key === undefined) return secret;
      const name = baseName(secret.key);
      const wanted = `encryption-key-${server}-${key.name}`;
      const edited = editResource(setDataBytes(secret, RAW_KEY, key.secret), (root) => {
        replaceText(nodeAt(root, 'metadata', 'name'), wanted);
      });
      return name === wanted ? edited : { ...edited, key: secret.key.slice(0, -name.length) + wanted };
    },
  },
]);

export const ENCRYPTION_FILE: FileRule = {
  name: 'encryption-config-file',
  isWanted: encrypts,
  matches: (path) => NODE_CONFIGURATION.test(path),
  edit: (text, { renames }) => configurationOf(renames, 'openshift-kube-apiserver')?.text ?? text,
};
