import { Failure } from '#base/failure.ts';
import type { DocumentNode } from '#formats/document.ts';
import { JsonText } from '#formats/jsonText.ts';
import { YamlText } from '#formats/yamlText.ts';
import type { Resource } from '#k8s/resource.ts';
import type { ClusterName, Renames } from '../renames.ts';

/** What a rule may look at besides what it edits; it sees the work of the rules before it. */
export interface RuleContext {
  readonly renames: Renames;
  /** Objects by path without the storage prefix, for example `configmaps/kube-system/cluster-config-v1`. */
  find(path: string): Resource | undefined;
  /** Files of the node that rules may edit. */
  filePaths(): readonly string[];
  /** Present text of one of them. */
  fileText(path: string): string;
  note(message: string): void;
}

interface Named {
  /** Stable; shown in plans, notes and errors. */
  readonly name: string;
  /** Whether the configuration asks for this at all. */
  isWanted(renames: Renames): boolean;
}

/** Edits objects; pure. A changed `key` renames the object. What a cluster does not have is a note, never a failure. */
export interface ObjectRule extends Named {
  /** Paths of objects; with `*` at the end: all that start so. */
  readonly objects: readonly string[];
  /** A full OpenShift has one of these: their absence is worth a note. */
  readonly isUsual?: true;
  edit(resource: Resource, context: RuleContext): Resource | undefined;
}

/** Removes every object whose path starts with one of `prefixes`, and contains one of `containing` if given. */
export interface DeletionRule extends Named {
  readonly prefixes: readonly string[];
  readonly containing?: readonly string[];
}

/** Edits the text of files; pure. */
export interface FileRule extends Named {
  /** `isListed`: named by itself in the configuration; the original treats some files only then. */
  matches(path: string, isListed: boolean): boolean;
  edit(text: string, context: RuleContext, path: string): string;
}

/** Gives files other names in the same directory. */
export interface FileRenameRule extends Named {
  rename(path: string, renames: Renames): string;
}

/** An object that is there but not as it has to be. */
export const broken = (what: string): Failure =>
  new Failure({
    code: 'recert/broken',
    message: what,
    hint: 'repair the seed cluster (nothing was changed) and run again',
  });

/** Thrown by rules for an object that does not say what they would rename: it stays as it is, with a note. */
export class NothingToRename extends Error {}

/** The place itself; without it the object has nothing that the rule is about. */
export function present(node: DocumentNode | undefined, what: string): DocumentNode {
  if (node === undefined) throw new NothingToRename(`${what} is missing`);
  return node;
}

/** The cluster's new name in rules that are wanted only when there is one. */
export function clusterOf(renames: Renames): ClusterName {
  if (renames.cluster === undefined) throw new Error('rule applied without a cluster rename');
  return renames.cluster;
}

export const renamesCluster = (renames: Renames): boolean => renames.cluster !== undefined;
export const renamesHost = (renames: Renames): boolean => renames.hostname !== undefined;
export const changesAddress = (renames: Renames): boolean => renames.addresses.length > 0;
export const always = (): boolean => true;

/** Edits JSON or YAML text inside an object or a file in place. */
export function editTextDocument(text: string, edit: (root: DocumentNode) => void): string {
  const document = /^\s*[{[]/.test(text) ? JsonText.parse(text) : YamlText.parse(text);
  edit(document.root);
  return document.render().toString('utf8');
}

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Matches `** /suffix` of the original's globs: the path ends with these parts. */
export const endsWithPath = (path: string, suffix: string): boolean => path.endsWith(`/${suffix}`);
