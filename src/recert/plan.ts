import type { EtcdMember } from '#system/etcd.ts';
import type { Draft } from './applyRules.ts';
import type { ClusterObjects } from './clusterObjects.ts';
import type { Seal } from './encryption.ts';
import type { NodeFile } from './nodeFiles.ts';
import type { Change } from './renames.ts';
import { urlHost } from './rules/addressText.ts';

/** What happens to one key of etcd. `expected` is the revision it must still have; 0 = it must not exist. */
export interface ObjectStep {
  readonly key: string;
  readonly expected: number;
  /** The new value; absent = delete. */
  readonly put?: Buffer;
  /** The value before; absent = there was none. */
  readonly was?: Buffer;
  /** Decimal lease the key keeps. */
  readonly lease?: string;
}

/** What happens to one file. */
export interface FileStep {
  readonly path: string;
  /** The new content; absent = remove. */
  readonly content?: Buffer;
  /** The file that this one takes owner and mode from, and replaces. */
  readonly from?: string;
  /** The content before, under the old name; absent = there was no such file. */
  readonly was?: Buffer;
}

export interface MemberStep {
  /** Decimal. */
  readonly id: string;
  readonly peerUrls: readonly string[];
  /** The URLs before. */
  readonly were: readonly string[];
}

/** Everything that a run writes, complete before the first write. Holds private keys. */
export interface Plan {
  /** Each inner list is one transaction. */
  readonly transactions: readonly (readonly ObjectStep[])[];
  readonly files: readonly FileStep[];
  readonly members: readonly MemberStep[];
}

export interface TransactionLimits {
  readonly operations: number;
  readonly bytes: number;
}

/** The difference between what was read and what is to be. */
export function planChanges(
  before: { objects: ClusterObjects; files: ReadonlyMap<string, NodeFile>; seal?: Seal },
  draft: Draft,
  limits: TransactionLimits,
): Pick<Plan, 'transactions' | 'files'> {
  return {
    transactions: chunked(objectSteps(before.objects, draft, before.seal), limits),
    files: fileSteps(before.files, draft),
  };
}

/** Groups that belong into one transaction: a renamed object is put and deleted at once. */
function objectSteps(before: ClusterObjects, draft: Draft, seal: Seal = () => undefined): ObjectStep[][] {
  const groups: ObjectStep[][] = [];
  const gone = new Set([...before.keys()].filter((key) => !draft.objects.has(key)));
  for (const [key, resource] of draft.objects) {
    const stored = before.get(key);
    const sealed = seal(key, resource.value);
    // What is encrypted at rest is always written anew, as its key is a new one.
    if (sealed === undefined && stored?.stored.equals(resource.value)) continue;
    const old = draft.renamedObjects.get(key);
    const lease = (stored ?? before.get(old ?? ''))?.lease ?? 0n;
    const put: ObjectStep = {
      key,
      expected: stored?.modRevision ?? 0,
      put: sealed ?? resource.value,
      ...(stored && { was: stored.stored }),
      ...(lease !== 0n && { lease: lease.toString() }),
    };
    if (old !== undefined && gone.delete(old)) groups.push([put, deletion(before, old)]);
    else groups.push([put]);
  }
  for (const key of gone) groups.push([deletion(before, key)]);
  return groups;
}

function deletion(before: ClusterObjects, key: string): ObjectStep {
  const { modRevision, stored, lease } = before.get(key)!;
  return { key, expected: modRevision, was: stored, ...(lease !== 0n && { lease: lease.toString() }) };
}

function chunked(groups: readonly (readonly ObjectStep[])[], limits: TransactionLimits): ObjectStep[][] {
  const chunks: ObjectStep[][] = [];
  let current: ObjectStep[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.reduce((sum, step) => sum + step.key.length + (step.put?.length ?? 0), 0);
    if (
      current.length > 0 &&
      (current.length + group.length > limits.operations || bytes + size > limits.bytes)
    ) {
      chunks.push(current);
      current = [];
      bytes = 0;
    }
    current.push(...group);
    bytes += size;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

function fileSteps(before: ReadonlyMap<string, NodeFile>, draft: Draft): FileStep[] {
  const steps: FileStep[] = [];
  for (const [path, { content }] of draft.files) {
    const renamed = draft.fileNames.get(path);
    const was = before.get(path)?.content;
    const old = was === undefined ? {} : { was };
    if (renamed !== undefined) steps.push({ path: renamed, content, from: path, ...old });
    else if (!was?.equals(content)) steps.push({ path, content, ...old });
  }
  return steps;
}

/** The member keeps its ID and gets a peer URL at the new address; other URLs of other members stay. */
export function planMembers(members: readonly EtcdMember[], addresses: readonly Change[]): MemberStep[] {
  return members.flatMap((member) => {
    const peerUrls = member.peerUrls.map((url) => {
      const change = addresses.find(({ old }) => url === `https://${urlHost(old)}:2380`);
      return change === undefined ? url : `https://${urlHost(change.new)}:2380`;
    });
    const isChanged = peerUrls.some((url, index) => url !== member.peerUrls[index]);
    return isChanged ? [{ id: member.id.toString(), peerUrls, were: member.peerUrls }] : [];
  });
}

/** The plan that leads back to what was before, from wherever carrying out `plan` was interrupted. */
export function reversed(plan: Plan): Plan {
  return {
    transactions: plan.transactions.map((steps) => steps.map(reversedObject)).reverse(),
    files: plan.files.map(reversedFile).reverse(),
    members: plan.members.map(({ id, peerUrls, were }) => ({ id, peerUrls: were, were: peerUrls })),
  };
}

const reversedObject = ({ put, was, ...step }: ObjectStep): ObjectStep => ({
  ...step,
  ...(was && { put: was }),
  ...(put && { was: put }),
});

const reversedFile = ({ path, content, from, was }: FileStep): FileStep => ({
  path: from ?? path,
  ...(was && { content: was }),
  ...(content && { was: content }),
  ...(from !== undefined && { from: path }),
});
