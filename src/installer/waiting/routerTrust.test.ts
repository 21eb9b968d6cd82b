import { expect, test } from 'vitest';
import { renderPemFile } from '#formats/pem.ts';
import { testSigner } from '#pki/testing.ts';
import { withRouterTrust } from './routerTrust.ts';

const made = new Map<string, string>();
/** A certificate of that name, the same every time. */
function pem(name: string): string {
  const text =
    made.get(name) ?? renderPemFile('CERTIFICATE', testSigner({ commonName: name }).certificate.der);
  made.set(name, text);
  return text;
}
const encode = (text: string): string => Buffer.from(text).toString('base64');
const kubeconfig = (...authorities: readonly string[]): string =>
  `clusters:\n${authorities.map((ca) => `- cluster:\n    certificate-authority-data: ${encode(ca)}\n    server: x # ours\n`).join('')}users: []\n`;

test('the routers are trusted first, in every cluster, and nothing else is changed', () => {
  const after = withRouterTrust(kubeconfig(pem('a'), pem('b')), pem('r') + pem('s'));
  expect(after).toBe(kubeconfig(pem('r') + pem('s') + pem('a'), pem('r') + pem('s') + pem('b')));
});

test('what is trusted already is not added again', () => {
  const once = withRouterTrust(kubeconfig(pem('a')), pem('r'));
  expect(withRouterTrust(once, pem('r'))).toBe(once);
  expect(withRouterTrust(once, pem('s') + pem('r'))).toBe(kubeconfig(pem('s') + pem('r') + pem('a')));
});

test.each([
  ['users: []\n', pem('r'), 'kubeconfig is missing expected data'],
  ['clusters:\n- cluster:\n    server: x\n', pem('r'), 'kubeconfig CertificateAuthorityData not found'],
  [kubeconfig('x'), pem('r'), 'cluster CA found in kubeconfig not valid PEM format'],
  [kubeconfig(pem('a')), 'x', 'ca-bundle.crt from default-ingress-cert configmap not valid PEM format'],
  [
    kubeconfig(pem('a')),
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'ca-bundle.crt from default-ingress-cert configmap not valid PEM format',
  ],
])('%j with %j is refused', (config, bundle, message) => {
  expect(() => withRouterTrust(config, bundle)).toThrow(message);
});
