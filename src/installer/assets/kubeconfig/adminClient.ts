import { parse } from 'yaml';
import * as z from 'zod';
import { Failure } from '#base/failure.ts';
import { type AssetSource, defineAsset, stateFileEntry } from '../../asset.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { kubeAPIServerCompleteCABundle } from '../tls/bundles.ts';
import { adminKubeconfigClient } from '../tls/clientCertificates.ts';
import {
  ADMIN_KUBECONFIG,
  externalApiUrl,
  type KubeconfigValue,
  kubeconfigFiles,
  newAdminKubeconfig,
} from './kubeconfig.ts';

const inputs = { client: adminKubeconfigClient, bundle: kubeAPIServerCompleteCABundle, installConfig };

/** As far as any change by the user is none of our business. */
const kubeconfigSchema = z.looseObject({ clusters: z.array(z.unknown()).min(1) });

const editedKubeconfig: AssetSource<KubeconfigValue> = {
  path: ADMIN_KUBECONFIG,
  parse([file]) {
    if (isKubeconfig(file!.content.toString('utf8'))) {
      return { value: { File: stateFileEntry(ADMIN_KUBECONFIG, file!.content) }, warnings: [] };
    }
    throw new Failure({
      code: 'installer/kubeconfig-unusable',
      message: `${ADMIN_KUBECONFIG}: is no kubeconfig with a cluster`,
      hint: 'remove the file; a new one is generated',
    });
  },
};

function isKubeconfig(text: string): boolean {
  try {
    return kubeconfigSchema.safeParse(parse(text)).success;
  } catch {
    return false; // The parser's message quotes the text, which holds a key.
  }
}

/** The administrator's kubeconfig. */
export const adminClient = defineAsset<KubeconfigValue, typeof inputs>({
  name: 'Kubeconfig Admin Client',
  stateKey: '*kubeconfig.AdminClient',
  inputs,
  source: editedKubeconfig,
  generate: ({ client, bundle, installConfig: { config } }) =>
    newAdminKubeconfig(config, { client, bundle }, externalApiUrl),
  files: kubeconfigFiles,
});
