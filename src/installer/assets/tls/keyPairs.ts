import type { KeyObject } from 'node:crypto';
import { keySpecName, keySpecOf, renderPrivateKeyFile, renderPublicKeyFile } from '#pki/keys.ts';
import { authorizedRsaKey } from '#pki/sshPublicKey.ts';
import { defineAsset, type InputFile, stateFileEntry } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { tlsPath, toBase64 } from './certificates.ts';
import { readGivenKey, unusable } from './givenFiles.ts';
import { RSA_2048 } from './issuing.ts';

/** A private key and its public half; both are base64 of PEM, as in upstream's state. */
export interface KeyPair extends FileListValue {
  readonly Pvt: string;
  readonly Pub: string;
}

const SERVICE_ACCOUNT = 'service-account';

/** Signs the tokens of service accounts until the cluster has keys of its own. */
export const serviceAccountKeyPair = defineAsset<KeyPair, Record<never, never>>({
  name: `Key Pair (${SERVICE_ACCOUNT}.pub)`,
  stateKey: '*tls.ServiceAccountKeyPair',
  inputs: {},
  async generate(_, { keys }) {
    const key = await keys.next(RSA_2048);
    return {
      Pvt: toBase64(renderPrivateKeyFile(key)),
      Pub: toBase64(renderPublicKeyFile(key)),
      FileList: [
        stateFileEntry(tlsPath(`${SERVICE_ACCOUNT}.key`), renderPrivateKeyFile(key)),
        stateFileEntry(tlsPath(`${SERVICE_ACCOUNT}.pub`), renderPublicKeyFile(key)),
      ],
    };
  },
});

/** The key with which logs are gathered from the bootstrap machine; both halves are base64. */
export interface SshKeyPair {
  /** PEM. */
  readonly Priv: string;
  /** A line of authorized_keys. */
  readonly Pub: string;
}

/** Its public half goes to the user `core`; the private one stays in the state file (spec/installer/04.3). */
export const bootstrapSSHKeyPair = defineAsset<SshKeyPair, Record<never, never>>({
  name: 'Bootstrap SSH Key Pair',
  stateKey: '*tls.BootstrapSSHKeyPair',
  inputs: {},
  async generate(_, { keys }) {
    const key = await keys.next(RSA_2048);
    return { Priv: toBase64(renderPrivateKeyFile(key)), Pub: toBase64(`${authorizedRsaKey(key)}\n`) };
  },
});

const BOUND = 'bound-service-account-signing-key';

/** The user's own key for bound service account tokens, for clusters whose tokens a cloud must trust; no files without it. */
export const boundSASigningKey = defineAsset<FileListValue, Record<never, never>>({
  name: 'User-provided Service Account Signing key',
  stateKey: '*tls.BoundSASigningKey',
  inputs: {},
  source: {
    path: tlsPath(`${BOUND}.key`),
    parse([file]) {
      const key = readRsaKey(file!);
      return {
        value: {
          FileList: [
            stateFileEntry(file!.path, file!.content),
            stateFileEntry(tlsPath(`${BOUND}.pub`), renderPublicKeyFile(key)),
          ],
        },
        warnings: [],
      };
    },
  },
  generate: () => ({ FileList: [] }),
});

/** Any other key would keep the API server from starting. */
function readRsaKey(file: InputFile): KeyObject {
  const key = readGivenKey(file);
  const spec = keySpecOf(key);
  if (spec.type === 'rsa') return key;
  throw unusable(file.path, `holds a key of the kind ${keySpecName(spec)}, but must hold an RSA key`);
}
