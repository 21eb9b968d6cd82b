import type { InstallConfig } from '#api/installConfig.ts';
import { type Asset, defineAsset } from '../../asset.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import {
  bundlePem,
  type CertificateAndKey,
  type CertificateBundle,
  certificateBundle,
  certificatePem,
} from './certificates.ts';
import {
  type CertificateRequest,
  type LeafRequest,
  type Lifetime,
  newLeaf,
  newSigner,
  secondsOf,
  TEN_YEARS,
} from './issuing.ts';
import { loadedCertificate } from './loadedCertificate.ts';

/** The kinds of assets of spec/installer/04.2-04.4; the rows of these tables are in the files beside this one. */

/** What every row has. */
interface Row {
  /** Name of the files without their extension. */
  readonly base: string;
  /** Upstream's human name where it is not `Certificate (<base>)`. */
  readonly name?: string;
  readonly stateKey: string;
}

const nameOf = ({ base, name }: Row): string => name ?? `Certificate (${base})`;

interface SignerRow extends Row {
  /** Where it is not `base`. */
  readonly commonName?: string;
  /** Where it is not `openshift`. */
  readonly organizationalUnit?: string;
}

const signerRequest = (row: SignerRow, validitySeconds: number): CertificateRequest => ({
  base: row.base,
  subject: {
    commonName: row.commonName ?? row.base,
    organizationalUnit: [row.organizationalUnit ?? 'openshift'],
  },
  validitySeconds,
});

/** A signer that lives as long as clusters do, ten years. */
export const permanentSigner = (
  row: SignerRow & { readonly isLoadable?: true },
): Asset<CertificateAndKey, Record<never, never>> =>
  defineAsset<CertificateAndKey, Record<never, never>>({
    name: nameOf(row),
    stateKey: row.stateKey,
    inputs: {},
    ...(row.isLoadable && { source: loadedCertificate(row.base) }),
    generate: (_, context) => newSigner(signerRequest(row, TEN_YEARS), context),
  });

/** A signer that the cluster replaces soon. */
export const rotatedSigner = (row: SignerRow & { readonly lifetime: Lifetime }) =>
  defineAsset({
    name: nameOf(row),
    stateKey: row.stateKey,
    inputs: { installConfig },
    generate: ({ installConfig: { config } }, context) =>
      newSigner(signerRequest(row, secondsOf(row.lifetime, config)), context),
  });

interface LeafRow extends Row, Pick<LeafRequest, 'subject' | 'extendedKeyUsage'> {
  readonly signer: Asset<CertificateAndKey>;
}

/** A certificate that depends on its signer only: ten years, and no names of the cluster. */
export const permanentLeaf = (row: LeafRow & { readonly isLoadable?: true }) =>
  defineAsset<CertificateAndKey, { signer: Asset<CertificateAndKey> }>({
    name: nameOf(row),
    stateKey: row.stateKey,
    inputs: { signer: row.signer },
    ...(row.isLoadable && { source: loadedCertificate(row.base) }),
    generate: ({ signer }, context) => newLeaf({ ...row, validitySeconds: TEN_YEARS }, signer, context),
  });

interface ClusterLeafRow extends LeafRow, Pick<LeafRequest, 'withoutKeyUsage' | 'isSignerAppended'> {
  readonly lifetime: Lifetime | 'ten years';
  /** Under which a server is reached. */
  readonly namesIn?: (config: InstallConfig) => Pick<LeafRequest, 'dnsNames' | 'ipAddresses'>;
}

/** A certificate whose validity or names the install-config decides. */
export const clusterLeaf = (row: ClusterLeafRow) =>
  defineAsset({
    name: nameOf(row),
    stateKey: row.stateKey,
    inputs: { signer: row.signer, installConfig },
    generate({ signer, installConfig: { config } }, context) {
      const validitySeconds = row.lifetime === 'ten years' ? TEN_YEARS : secondsOf(row.lifetime, config);
      return newLeaf({ ...row, ...row.namesIn?.(config), validitySeconds }, signer, context);
    },
  });

type Member = Asset<CertificateAndKey | CertificateBundle>;

/** A bundle of signers, or of the signers of other bundles, in this order. */
export const caBundle = (base: string, stateKey: string, ...members: readonly [Member, ...Member[]]) =>
  defineAsset<CertificateBundle, Readonly<Record<string, Member>>>({
    name: `Certificate (${base})`,
    stateKey,
    inputs: Object.fromEntries(members.map((member) => [member.stateKey, member])),
    generate: (values) => certificateBundle(base, Object.values(values).map(memberPem)),
  });

const memberPem = (member: CertificateAndKey | CertificateBundle): string =>
  'CertRaw' in member ? certificatePem(member) : bundlePem(member);
