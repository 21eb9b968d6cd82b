import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readChildren, readTlv } from '#formats/der.ts';
import type { DocumentNode, EditableDocument } from '#formats/document.ts';
import { JsonText } from '#formats/jsonText.ts';
import { editNestedText, type NestedTextVisitor } from '#formats/nestedText.ts';
import { replaceBlocks, scanPem } from '#formats/pem.ts';
import { YamlText } from '#formats/yamlText.ts';
import { dataKeys } from '#k8s/data.ts';
import { parseEncryptionConfiguration } from '#k8s/encryption.ts';
import { editLeaves } from '#k8s/leaves.ts';
import { identityOf, parseResource, type Resource } from '#k8s/resource.ts';
import { certificatePublicKey, parseCertificate } from '#pki/certificate.ts';
import { parseJwt, resignJwt, verifyJwt } from '#pki/jwt.ts';
import { keyFingerprint, parsePrivateKey, parsePublicKey } from '#pki/keys.ts';
import { reissueCertificate } from '#pki/resign.ts';
import { KUBECONFIG_FILES } from '#recert/rules/kubeconfigs.ts';
import type { RuleContext } from '#recert/rules/rule.ts';
import type { Mutator } from './fuzzMutations.ts';

/** Something that reads what anybody may have written. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid ones; damaged copies of them are what `check` gets. */
  readonly samples: readonly Buffer[];
  /** Throws a Failure where the bytes are refused, and anything else where a promise is broken. */
  check(bytes: Buffer, mutator: Mutator): void;
}

/** Recorded, so that a seed means the same bytes on every machine. */
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/recert/golden-before.json'), 'utf8'),
) as { etcd: Record<string, string>; files: Record<string, string> };

const values = Object.values(recorded.etcd).map((value) => Buffer.from(value, 'base64'));
const texts = Object.values(recorded.files).map((text) => Buffer.from(text));
const blocks = [...texts, ...values].flatMap((text) => scanPem(text).blocks);
const tokens = Object.values(recorded.files).flatMap(
  (text) => text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [],
);
const ofFiles = (pattern: RegExp): Buffer[] =>
  Object.entries(recorded.files)
    .filter(([path]) => pattern.test(path))
    .map(([, text]) => Buffer.from(text));

const rsaKey = createPrivateKey(
  recorded.files['/etc/kubernetes/static-pod-resources/kube-apiserver-pod-3/secrets/leaf-0/tls.key']!,
);
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const MARK = Buffer.from('MARK');
const CONTEXT: RuleContext = {
  renames: {
    cluster: {
      name: 'two',
      baseDomain: 'other.net',
      domain: 'two.other.net',
      infraId: 'two-1',
      oldDomain: undefined,
    },
    addresses: [],
    nameRules: [],
    renewsCrypto: true,
  },
  find: () => undefined,
  filePaths: () => [],
  fileText: () => '',
  note: () => {},
};

function checkPem(bytes: Buffer, mutator: Mutator): void {
  const { blocks: found } = scanPem(bytes);
  assert.deepEqual(replaceBlocks(bytes, []), bytes);
  if (found.length === 0) return;
  const block = mutator.pick(found);
  const edited = replaceBlocks(bytes, [{ block, der: MARK }]);
  assert.deepEqual(edited.subarray(0, block.start), bytes.subarray(0, block.start));
  const rest = bytes.subarray(block.end);
  assert.deepEqual(edited.subarray(edited.length - rest.length), rest);
  const ders = scanPem(edited).blocks.map(({ der }) => der);
  assert.deepEqual(
    ders,
    found.map((one) => (one === block ? MARK : one.der)),
  );
}

function checkDer(bytes: Buffer): void {
  const walk = (content: Buffer, depth: number): void => {
    for (const { tag, content: inner } of readChildren(content))
      if ((tag & 0x20) !== 0 && depth < 20) walk(inner, depth + 1);
  };
  walk(readTlv(bytes).content, 0);
}

function checkCertificate(bytes: Buffer): void {
  const certificate = parseCertificate(bytes);
  assert.deepEqual(certificate.der, bytes);
  keyFingerprint(certificatePublicKey(certificate));
  const rules = [{ old: 'api-int.seed.redhat.com', new: 'api-int.other.net' }];
  const signed = reissueCertificate({
    certificate,
    signer: { key: ecKey },
    subjectKey: ecKey,
    serial: 5n,
    rules,
  });
  parseCertificate(signed.certificate.der);
}

/** Everything that an editing function comes across, in its order. */
type Items = readonly string[];
type Edit<T> = (before: T, choose: (item: string) => Buffer | undefined) => T;

/** Replaces one item, and only that one may be another afterwards. Answers the result; undefined: there is no item. */
function checkEdit<T>(before: T, edit: Edit<T>, mutator: Mutator): T | undefined {
  const items = (of: T): Items => {
    const seen: string[] = [];
    const same = edit(of, (item) => {
      seen.push(item);
      return undefined;
    });
    assert.deepEqual(same, of);
    return seen;
  };
  const all = items(before);
  if (all.length === 0) return undefined;
  const chosen = mutator.below(all.length);
  let index = 0;
  const after = edit(before, () => (index++ === chosen ? MARK : undefined));
  const now = items(after);
  assert.deepEqual(now.toSpliced(chosen, 1), all.toSpliced(chosen, 1));
  return after;
}

const editNested: Edit<Buffer> = (text, choose) => {
  const visitor: NestedTextVisitor = {
    pem: (block) => {
      const der = choose(`${block.label} ${block.der.toString('hex')}`);
      return der && { label: block.label, der };
    },
    jwt: (token) => void choose(token),
  };
  return editNestedText(text, visitor) ?? text;
};

const editValues: Edit<Resource> = (resource, choose) =>
  editLeaves(resource, (value, pointer) => choose(`${pointer} ${value.toString('hex')}`));

function checkObject(bytes: Buffer, mutator: Mutator): void {
  const resource = parseResource('/registry/secrets/a/b', bytes);
  assert.equal(editLeaves(resource, () => undefined).value, resource.value);
  identityOf(resource);
  dataKeys(resource);
  const edited = checkEdit(resource, editValues, mutator);
  if (resource.encoding === 'json' && edited !== undefined) checkSpan(bytes, edited.value);
}

/** All that is another in a JSON text after an edit lies inside one string. */
function checkSpan(before: Buffer, after: Buffer): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  assert.doesNotMatch(before.toString('latin1', start, before.length - end), /(?<!\\)"/);
}

function textsOf(node: DocumentNode): DocumentNode[] {
  const members = [...new Set(node.names())].map((name) => node.get(name)!);
  const inner = [...members, ...node.items()].flatMap(textsOf);
  return node.text() === undefined ? inner : [node, ...inner];
}

/** Replaces one text of a document, and reads the others from what is rendered. */
function checkDocument(text: string, parse: (text: string) => EditableDocument, mutator: Mutator): void {
  const read = (from: EditableDocument): string[] => textsOf(from.root).map((node) => node.text()!);
  const document = parse(text);
  assert.equal(document.render().toString(), text);
  // Aliases make two places of one text.
  const all = read(document);
  if (all.length === 0 || /[&*]|<</.test(text)) return;
  const chosen = mutator.below(all.length);
  const edited = parse(text);
  textsOf(edited.root)[chosen]!.replace('MARK');
  assert.deepEqual(read(parse(edited.render().toString())), all.with(chosen, 'MARK'));
}

function checkToken(bytes: Buffer): void {
  const jwt = parseJwt(bytes.toString('latin1'));
  if (jwt === undefined) return;
  assert.equal(jwt.segments.join('.'), bytes.toString('latin1'));
  verifyJwt(jwt, rsaKey);
  const signed = parseJwt(resignJwt(jwt, rsaKey));
  assert.equal(signed?.segments[1], jwt.segments[1]);
}

const ENCRYPTION = ['aescbc', 'aesgcm'].map((cipher) => ({
  kind: 'EncryptionConfiguration',
  apiVersion: 'apiserver.config.k8s.io/v1',
  resources: [
    {
      resources: ['secrets', 'configmaps'],
      providers: [
        { [cipher]: { keys: [{ name: '1', secret: 'A'.repeat(43).concat('=') }] } },
        { identity: {} },
      ],
    },
    { resources: ['routes.route.openshift.io'], providers: [{ identity: {} }] },
  ],
}));

/** All parsers of recert that read what the cluster and its users wrote. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  { name: 'PEM', samples: texts, check: checkPem },
  { name: 'DER', samples: blocks.map(({ der }) => der), check: checkDer },
  {
    name: 'certificate',
    samples: blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => der),
    check: checkCertificate,
  },
  {
    name: 'private key',
    samples: blocks.filter(({ label }) => label.includes('PRIVATE')).map(({ der }) => der),
    check: (der) => void keyFingerprint(parsePrivateKey({ label: 'PRIVATE KEY', der }).key),
  },
  {
    name: 'public key',
    samples: blocks.filter(({ label }) => label.includes('PUBLIC')).map(({ der }) => der),
    check: (der) => void keyFingerprint(parsePublicKey({ label: 'PUBLIC KEY', der }).key),
  },
  { name: 'stored object', samples: values, check: checkObject },
  {
    name: 'nested text',
    samples: [...texts, ...values],
    check: (bytes, mutator) => checkEdit(bytes, editNested, mutator),
  },
  { name: 'token', samples: tokens.map((token) => Buffer.from(token)), check: checkToken },
  {
    name: 'kubeconfig',
    samples: ofFiles(/kubeconfig$/i),
    check: (bytes, mutator) => {
      const text = bytes.toString();
      KUBECONFIG_FILES.edit(text, CONTEXT, '/kubeconfig');
      checkDocument(text, YamlText.parse, mutator);
    },
  },
  {
    name: 'JSON',
    samples: ofFiles(/\.json$|config$|config\.yaml$/),
    check: (bytes, mutator) => checkDocument(bytes.toString(), JsonText.parse, mutator),
  },
  {
    name: 'EncryptionConfiguration',
    samples: ENCRYPTION.map((configuration) => Buffer.from(JSON.stringify(configuration))),
    check: (bytes) => void parseEncryptionConfiguration(bytes.toString()),
  },
];
