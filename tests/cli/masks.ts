import { scanPem } from '#formats/pem.ts';
import { subjectOf } from './certificateFacts.ts';

/** Values that differ from run to run, by their form: one of a wrong form stays as it is, and differs. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/^\$2a\$10\$[./A-Za-z0-9]{53}$/g, '<bcrypt>'],
  [/\bingress-operator@\d{10}$/g, 'ingress-operator@<time>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>'],
  // The prefix of machines that libvirt makes; hosts of the inputs have another one. YAML quotes those that are numbers
  // of base 60.
  [/"?\b52:54:00(:[0-9a-f]{2}){3}\b"?/g, '<mac>'],
];

/** `clusterName` is the stem of the infraID. */
export function maskVolatile(text: string, clusterName?: string): string {
  let masked = maskPem(text);
  for (const [form, mask] of VOLATILE) masked = masked.replaceAll(form, mask);
  if (clusterName === undefined) return masked;
  return masked.replaceAll(
    new RegExp(`\\b${clusterName}-[bcdfghjklmnpqrstvwxz2456789]{5}\\b`, 'g'),
    `${clusterName}-<suffix>`,
  );
}

/** As the recordings do it: `<LABEL subject>`. */
export function maskPem(text: string): string {
  let masked = text;
  for (const { label, der, start, end } of scanPem(text).blocks.toReversed()) {
    const subject = label === 'CERTIFICATE' ? ` ${subjectOf(der)}` : '';
    masked = `${masked.slice(0, start)}<${label}${subject}>${masked.slice(end)}`;
  }
  return masked;
}

/** What is stamped into one build of the program, in the output of `version`. */
export const maskBuild = (line: string): string =>
  line
    .replace(/^(built from commit) [0-9a-f]{40}$/, '$1 <commit>')
    .replace(/^(release image) [\w./-]+[:@][\w.:]+$/, '$1 <pull spec>')
    .replace(/^(sower) \d+\.\d+\.\d+$/, '$1 <version>');
