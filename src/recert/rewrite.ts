import { editNestedText, type NestedTextVisitor } from '#formats/nestedText.ts';
import { annotationOf, replaceAnnotation } from '#k8s/data.ts';
import { editLeaves } from '#k8s/leaves.ts';
import type { Resource } from '#k8s/resource.ts';
import { type Certificate, parseCertificate } from '#pki/certificate.ts';
import { blockIdOf } from './inventory.ts';
import type { Regenerated } from './regenerate.ts';
import { isForeign } from './scan.ts';

const NOT_BEFORE = 'auth.openshift.io/certificate-not-before';
const NOT_AFTER = 'auth.openshift.io/certificate-not-after';

/** Puts new keys, certificates and tokens into an object; the same object where it holds none of the old ones. */
export function rewriteResource(resource: Resource, regenerated: Regenerated): Resource {
  /** The first certificate of each value: a bundle starts with the one that the object is about. */
  const first = new Map<string, Buffer>();
  const rewritten = editLeaves(resource, (value, pointer) => {
    if (isForeign(pointer)) return undefined;
    const note = (der: Buffer) => void (first.has(pointer) || first.set(pointer, der));
    return editNestedText(value, replacing(regenerated, note));
  });
  const subject = first.get('/data/tls.crt') ?? [...first.values()][0];
  return subject === undefined ? rewritten : withDates(rewritten, parseCertificate(subject));
}

/** The same for the text of a file; undefined where nothing changes. */
export const rewriteText = (text: Buffer, regenerated: Regenerated): Buffer | undefined =>
  editNestedText(text, replacing(regenerated));

function replacing(
  { blocks, tokens }: Regenerated,
  onCertificate: (der: Buffer) => void = () => {},
): NestedTextVisitor {
  return {
    pem: (block) => {
      const replacement = blocks.get(blockIdOf(block));
      if (typeof replacement === 'object' && block.label === 'CERTIFICATE')
        onCertificate(Buffer.from(replacement.der));
      return replacement;
    },
    jwt: (token) => tokens.get(token),
  };
}

/** Operators read the validity from these annotations; they are only updated where they are (spec recert 6). */
function withDates(resource: Resource, certificate: Certificate): Resource {
  if (annotationOf(resource, NOT_BEFORE) === undefined && annotationOf(resource, NOT_AFTER) === undefined)
    return resource;
  const rfc3339 = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
  const started = replaceAnnotation(resource, NOT_BEFORE, rfc3339(certificate.notBefore.date));
  return replaceAnnotation(started, NOT_AFTER, rfc3339(certificate.notAfter.date));
}
