import { Failure } from '#base/failure.ts';
import { renderPemFile, scanPem } from '#formats/pem.ts';
import { YamlText } from '#formats/yamlText.ts';
import { parseCertificate } from '#pki/certificate.ts';
import type { Files } from '#system/host.ts';
import { lookAt, type WatchedCluster } from './watchedCluster.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const NAME = { namespace: 'openshift-config-managed', name: 'default-ingress-cert' };
const CA_DATA = 'certificate-authority-data';

/**
 * Lets the administrator's kubeconfig also trust the routers, which `oc login` and the console need
 * (spec/installer/07.4). What it trusts already is not added again.
 *
 * @throws Failure
 */
export async function trustRouters(cluster: WatchedCluster, files: Files, kubeconfig: string): Promise<void> {
  const found = await lookAt(cluster, CONFIG_MAP, NAME);
  if (!('object' in found)) {
    throw refused(
      `fetching default-ingress-cert configmap from openshift-config-managed namespace: ${found.why}`,
    );
  }
  const bundle = (found.object as { data?: Readonly<Record<string, string>> }).data?.['ca-bundle.crt'] ?? '';
  const before = await files.readText(kubeconfig);
  const after = withRouterTrust(before, bundle);
  if (after !== before) await files.write(kubeconfig, after);
}

/** The kubeconfig with these certificates before those that it trusts, in every cluster of it. @throws Failure */
export function withRouterTrust(kubeconfig: string, bundle: string): string {
  const routers = certificatesOf(bundle);
  if (routers.length === 0) {
    throw refused('ca-bundle.crt from default-ingress-cert configmap not valid PEM format');
  }
  const document = YamlText.parse(kubeconfig);
  const clusters = document.root.get('clusters')?.items() ?? [];
  if (clusters.length === 0) throw refused('kubeconfig is missing expected data');
  for (const entry of clusters) {
    const authority = entry.get('cluster')?.get(CA_DATA);
    const encoded = authority?.text() ?? '';
    if (authority === undefined || encoded === '') {
      throw refused('kubeconfig CertificateAuthorityData not found');
    }
    const trusted = Buffer.from(encoded, 'base64').toString('utf8');
    const known = certificatesOf(trusted).map(({ der }) => der.toString('base64'));
    if (known.length === 0) throw refused('cluster CA found in kubeconfig not valid PEM format');
    const added = routers.filter(({ der }) => !known.includes(der.toString('base64'))).map(({ pem }) => pem);
    if (added.length > 0) authority.replace(Buffer.from([...added, trusted].join('')).toString('base64'));
  }
  return document.render().toString('utf8');
}

/** Only what is a certificate: with anything else among them TLS libraries refuse all of them. */
function certificatesOf(text: string): { der: Buffer; pem: string }[] {
  const { blocks } = scanPem(text);
  return blocks
    .filter(({ label, der }) => label === 'CERTIFICATE' && isCertificate(der))
    .map(({ der }) => ({ der: Buffer.from(der), pem: renderPemFile('CERTIFICATE', der) }));
}

function isCertificate(der: Buffer): boolean {
  try {
    parseCertificate(der);
    return true;
  } catch (cause) {
    if (cause instanceof Failure) return false;
    throw cause;
  }
}

const refused = (message: string): Failure => new Failure({ code: 'installer/router-trust', message });
