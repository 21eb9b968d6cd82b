import { parse, parseAllDocuments } from 'yaml';
import { scanPem } from '#formats/pem.ts';
import { certificateFacts, subjectOf } from './certificateFacts.ts';
import { maskPem } from './masks.ts';

/** What the recordings say of a file's content; see spec README of the recordings and tests/fixtures/contracts. */
export function fileFacts(path: string, content: Buffer): Readonly<Record<string, unknown>> {
  const text = content.toString('utf8');
  if (path.endsWith('.openshift_install_state.json')) return { stateKeys: Object.keys(JSON.parse(text)) };
  if (path.endsWith('.log')) return {};
  if (path.endsWith('.ign')) return { ign: ignitionFacts(JSON.parse(text) as Ignition) };
  if (path.startsWith('auth/kubeconfig')) return { kubeconfig: kubeconfigFacts(text) };
  if (path === 'auth/kubeadmin-password') return { pattern: text.replaceAll(/[A-Za-z0-9]/g, 'x') };
  if (/^(manifests|openshift)\//.test(path)) return { yaml: yamlFacts(text) };
  if (path.endsWith('.json')) return { json: JSON.parse(text) as unknown };
  return { text };
}

/** All scalars as texts, and what is encoded decoded. */
const yamlFacts = (text: string): unknown[] =>
  parseAllDocuments(text, { schema: 'failsafe' }).map((document) => decoded(document.toJS()));

function decoded(value: unknown): unknown {
  if (typeof value === 'string') return decodedText(value);
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, decoded(member)]));
}

/** Shorter texts stay encoded in the recordings. */
const SHORTEST_BASE64 = 16;

function decodedText(text: string): unknown {
  if (text.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/]+=*$/.test(text) || text.length % 4 !== 0) return text;
  const content = Buffer.from(text, 'base64').toString('utf8');
  if (/[^\t\n\r\x20-\x7e]/.test(content)) return text;
  try {
    return { base64: withSources(JSON.parse(content)) };
  } catch {
    return { base64: maskPem(content) };
  }
}

interface Ignition {
  readonly ignition: unknown;
  readonly passwd?: { readonly users?: readonly IgnitionUser[] };
  readonly storage?: {
    readonly files?: readonly IgnitionFile[];
    readonly directories?: readonly unknown[];
    readonly links?: readonly unknown[];
  };
  readonly systemd?: { readonly units?: readonly IgnitionUnit[] };
}
interface IgnitionUser {
  readonly name: string;
  readonly sshAuthorizedKeys: readonly string[];
}
interface IgnitionFile {
  readonly path: string;
  readonly mode: number;
  readonly overwrite?: boolean;
  readonly user?: unknown;
  readonly contents?: { readonly source: string };
  readonly append?: readonly unknown[];
}
interface IgnitionUnit {
  readonly name: string;
  readonly enabled?: boolean;
  readonly contents?: string;
  readonly dropins?: readonly { readonly name: string }[];
}

/** Files and units are lists in the recordings; `keyedIgnition` makes both alike. */
function ignitionFacts({ ignition, passwd, storage, systemd }: Ignition): KeyedIgnition {
  return keyedIgnition({
    ignition: withSources(ignition),
    users: (passwd?.users ?? []).map(({ name, sshAuthorizedKeys }) => ({
      name,
      keys: sshAuthorizedKeys.length,
      keysEmpty: sshAuthorizedKeys.map((key) => key === ''),
    })),
    files: (storage?.files ?? []).map(ignitionFileFacts),
    directories: storage?.directories ?? [],
    links: storage?.links ?? [],
    units: (systemd?.units ?? []).map(({ name, enabled, contents, dropins }) => ({
      name,
      enabled: enabled ?? null,
      hasContents: contents !== undefined,
      dropins: (dropins ?? []).map((dropin) => dropin.name),
    })),
  });
}

/** An Ignition config as the recordings have it. */
export interface RecordedIgnition extends Readonly<Record<string, unknown>> {
  readonly files: readonly { readonly path: string }[];
  readonly units: readonly { readonly name: string }[];
}
interface KeyedIgnition extends Readonly<Record<string, unknown>> {
  readonly order: string;
}

/** Entries by path and name, so that one more does not shift all others; their order is a fact of its own. */
export function keyedIgnition({ files, units, ...rest }: RecordedIgnition): KeyedIgnition {
  return {
    ...rest,
    files: Object.fromEntries(files.map((file) => [file.path, file])),
    units: Object.fromEntries(units.map((unit) => [unit.name, unit])),
    order: [...files.map(({ path }) => path), ...units.map(({ name }) => name)].join(' '),
  };
}

function ignitionFileFacts({ path, mode, overwrite, user, contents, append }: IgnitionFile) {
  const facts = { path, mode: `0o${mode.toString(8)}`, overwrite, user };
  if (contents === undefined) return { ...facts, append: append?.length };
  const { dataUrl, content } = splitSource(contents.source);
  return { ...facts, dataUrl, ...machineFileFacts(path, content.toString('utf8')) };
}

/** Bodies of scripts and units were not recorded; manifests are compared where they are written to the directory. */
function machineFileFacts(path: string, text: string): object {
  if (!path.startsWith('/opt/openshift/')) return { content: text };
  if (path.startsWith('/opt/openshift/auth/')) return { kubeconfig: kubeconfigFacts(text) };
  if (path.endsWith('.crt')) return { certs: scanPem(text).blocks.map(({ der }) => certificateFacts(der)) };
  if (/\.(key|pub)$/.test(path)) return { pem: scanPem(text).blocks.map(({ label }) => label) };
  return { manifest: true };
}

/** Data URLs in `source` members as the recordings split them. */
function withSources(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSources);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]: [string, unknown]) => {
    if (key !== 'source' || typeof member !== 'string' || !member.startsWith('data:'))
      return [key, withSources(member)];
    const { dataUrl, content } = splitSource(member);
    return [key, { dataUrl, content: maskPem(content.toString('utf8')) }];
  });
  return Object.fromEntries(entries);
}

function splitSource(source: string): { readonly dataUrl: string; readonly content: Buffer } {
  const comma = source.indexOf(',');
  const encoding = source.slice(0, comma).endsWith(';base64') ? 'base64' : 'utf8';
  return { dataUrl: source.slice(0, comma), content: Buffer.from(source.slice(comma + 1), encoding) };
}

interface Kubeconfig extends Readonly<Record<string, unknown>> {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
  readonly contexts: unknown;
}

function kubeconfigFacts(text: string): object {
  const { clusters, users, contexts, ...rest } = parse(text) as Kubeconfig;
  return {
    apiVersion: rest['apiVersion'] ?? null,
    kind: rest['kind'] ?? null,
    'current-context': rest['current-context'],
    preferences: rest['preferences'],
    keys: Object.keys({ clusters, users, contexts, ...rest }).toSorted(),
    clusters: clusters.map(({ name, cluster }) => ({
      name,
      server: cluster['server'],
      ca: pemOctets(cluster['certificate-authority-data']).map(subjectOf),
    })),
    users: users.map(({ name, user }) => ({
      name,
      keys: Object.keys(user).toSorted(),
      cert: certificateFacts(pemOctets(user['client-certificate-data'])[0]!),
    })),
    contexts,
  };
}

const pemOctets = (base64 = ''): Buffer[] =>
  scanPem(Buffer.from(base64, 'base64')).blocks.map(({ der }) => der);
