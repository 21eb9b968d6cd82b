import { itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { editResource } from '#k8s/resource.ts';
import { renameCommonName } from '#pki/nameRules.ts';
import type { ObjectRule } from './rule.ts';

/** cert-manager issues anew whatever does not match its Certificate objects. */
export const CERT_MANAGER: ObjectRule = {
  name: 'cert-manager-certificates',
  objects: ['cert-manager.io/certificates/*'],
  isWanted: (renames) => renames.nameRules.length > 0,
  edit: (certificate, { renames }) =>
    editResource(certificate, (root) => {
      const commonName = nodeAt(root, 'spec', 'commonName');
      for (const name of [commonName, ...itemsAt(root, 'spec', 'dnsNames')])
        replaceText(name, renameCommonName(renames.nameRules, name?.text() ?? ''));
    }),
};
