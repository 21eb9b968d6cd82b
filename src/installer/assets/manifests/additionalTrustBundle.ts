import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import { warn } from '#base/logger.ts';
import { renderPemFile, scanPem } from '#formats/pem.ts';
import { type Certificate, parseCertificate } from '#pki/certificate.ts';
import { defineAsset } from '../../asset.ts';
import { findTrustBundleFault } from '../../rules/trustBundle.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { manifestFile } from './manifestFile.ts';

/** Name of the ConfigMap in which the cluster looks for certificates that the user adds. */
export const USER_CA_BUNDLE = 'user-ca-bundle';

/** Certificates that the cluster is to trust beside those of its operating system; nothing without any. */
export const additionalTrustBundle = defineAsset({
  name: 'Additional Trust Bundle Config',
  stateKey: '*manifests.AdditionalTrustBundleConfig',
  inputs: { installConfig },
  generate({ installConfig: { config } }, { logger }): FileListValue {
    if (config.additionalTrustBundle === '') return { FileList: [] };
    const object = {
      apiVersion: 'v1',
      data: { 'ca-bundle.crt': cleanBundle(config.additionalTrustBundle, logger) },
      kind: 'ConfigMap',
      metadata: {
        annotations: { 'openshift.io/owning-component': 'End User' },
        creationTimestamp: null,
        name: USER_CA_BUNDLE,
        namespace: 'openshift-config',
      },
    };
    return { FileList: [manifestFile('user-ca-bundle-config.yaml', object)] };
  },
});

/** The certificates without the text around them. */
function cleanBundle(bundle: string, logger: Logger): string {
  if (findTrustBundleFault(bundle) !== undefined) {
    throw new Failure({
      code: 'installer/trust-bundle-unusable',
      message:
        'unable to parse certificate, please check the additionalTrustBundle section of install-config.yaml',
      hint: 'give PEM certificates one after the other, with nothing behind the last one',
    });
  }
  const certificates = scanPem(bundle).blocks.map(({ der }) => parseCertificate(der));
  for (const certificate of certificates) tellUnusual(certificate, logger);
  return certificates.map(({ der }) => renderPemFile('CERTIFICATE', der)).join('');
}

/** A certificate that can't sign others is of use only where it is itself what a server shows. */
function tellUnusual(certificate: Certificate, logger: Logger): void {
  const version = versionOf(certificate);
  const what = `Certificate ${serialText(certificate)} from additionalTrustBundle is x509 v${version}`;
  if (version < 3) warn(logger, what);
  else if (certificate.basicConstraints?.ca !== true) {
    warn(logger, `${what} but not a certificate authority`);
  }
}

/** The field is `[0] INTEGER`, counts from zero and is left out in version 1. */
const versionOf = ({ tbs }: Certificate): number => (tbs.version?.at(-1) ?? 0) + 1;

/** As Go prints a number with %X: upper case, without leading zeros. */
const serialText = ({ serial }: Certificate): string =>
  serial
    .toString('hex')
    .replace(/^0+(?=.)/, '')
    .toUpperCase();
