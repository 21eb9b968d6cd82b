import { Failure } from '#base/failure.ts';
import {
  type AssetSource,
  assetFilesOf,
  defineAsset,
  type InputFile,
  type StateFileEntry,
  stateFileEntry,
} from '../asset.ts';

export interface KubeadminPasswordValue {
  readonly Password: string;
  /** Base64 of the bcrypt text. */
  readonly PasswordHash: string;
  readonly File: StateFileEntry;
}

const PATH = 'auth/kubeadmin-password';
const GIVEN_HASH = 'tls/kubeadmin-password.hash';
const GIVEN_PASSWORD = 'tls/kubeadmin-password';
const BCRYPT_HASH = /^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$/;

/**
 * A password that was chosen before the installation; the person may keep it to themselves and give its hash only, then
 * `auth/kubeadmin-password` is empty (spec/installer/04.6). Line ends that editors add are no part of either.
 */
const givenPassword: AssetSource<KubeadminPasswordValue> = {
  path: [GIVEN_HASH, GIVEN_PASSWORD],
  parse(files) {
    const hash = lineOf(files, GIVEN_HASH);
    if (hash === undefined) return undefined;
    if (!BCRYPT_HASH.test(hash)) {
      throw new Failure({
        code: 'installer/password-hash-unusable',
        message: `${GIVEN_HASH}: is no bcrypt hash`,
        hint: 'make one with "htpasswd -nbB -C 10 kubeadmin <password>" and write the part behind the colon into the file',
      });
    }
    return { value: passwordValue(lineOf(files, GIVEN_PASSWORD) ?? '', hash), warnings: [] };
  },
};

const lineOf = (files: readonly InputFile[], path: string): string | undefined =>
  files
    .find((file) => file.path === path)
    ?.content.toString('utf8')
    .replace(/[\r\n]+$/, '');

/** Password of the cluster's first user and its bcrypt hash (spec/installer/04.6). */
export const kubeadminPassword = defineAsset<KubeadminPasswordValue, Record<never, never>>({
  name: 'Kubeadmin Password',
  stateKey: '*password.KubeadminPassword',
  inputs: {},
  source: givenPassword,
  async generate(_, { passwords }) {
    const { password, hash } = await passwords.next();
    return passwordValue(password, hash);
  },
  files: ({ File }) => assetFilesOf([File]),
});

const passwordValue = (password: string, hash: string): KubeadminPasswordValue => ({
  Password: password,
  PasswordHash: Buffer.from(hash, 'ascii').toString('base64'),
  File: stateFileEntry(PATH, password),
});
