import { isUtf8 } from 'node:buffer';
import { Failure } from '#base/failure.ts';
import type { Resource } from '#k8s/resource.ts';
import { objectPath } from './objectPath.ts';
import type { Renames } from './renames.ts';
import { type DeletionRule, NothingToRename, type ObjectRule, type RuleContext } from './rules/rule.ts';
import { RULES } from './rules/table.ts';

/** A cluster in the making: what is stored under each etcd key and in each file once the plan is carried out. */
export interface Draft {
  readonly objects: Map<string, Resource>;
  readonly files: Map<string, DraftFile>;
  /** Old path -> new path. */
  readonly fileNames: Map<string, string>;
  /** New key -> old key of objects that were renamed. */
  readonly renamedObjects: Map<string, string>;
}

interface DraftFile {
  readonly content: Buffer;
  /** Named by itself in the configuration. */
  readonly isListed: boolean;
  /** Rules may edit it; others only hold crypto. */
  readonly isCustomized: boolean;
}

/** What a rule did to an object or a file. */
export interface Deed {
  readonly rule: string;
  /** Key in etcd or path of a file, before the rule. */
  readonly target: string;
  /** The object, or the content of the file; the rules before are done with it. Absent: there was none. */
  readonly before?: Resource | Buffer;
  /** Absent: it is removed. */
  readonly after?: Resource | Buffer;
  readonly renamedTo?: string;
}

export interface RulesApplied {
  readonly deeds: readonly Deed[];
  readonly notes: readonly string[];
  /** Objects that a complete OpenShift has and this cluster has not. */
  readonly absent: readonly string[];
}

/** Lets every wanted rule work on the draft, in the order of the table. Nothing outside the draft is touched. */
export function applyRules(draft: Draft, renames: Renames): RulesApplied {
  const run = new RuleRun(draft, renames);
  for (const rule of RULES.deletions) run.delete(rule);
  run.editFiles();
  for (const rule of [...RULES.objects, ...RULES.last]) run.edit(rule);
  return { deeds: run.deeds, notes: run.notes, absent: [...new Set(run.absent)] };
}

class RuleRun {
  readonly deeds: Deed[] = [];
  readonly notes: string[] = [];
  readonly absent: string[] = [];
  readonly #draft: Draft;
  readonly #renames: Renames;
  /** Path without storage prefix -> etcd key; the first prefix wins. */
  readonly #keys = new Map<string, string>();

  constructor(draft: Draft, renames: Renames) {
    this.#draft = draft;
    this.#renames = renames;
    for (const key of draft.objects.keys())
      if (!this.#keys.has(objectPath(key))) this.#keys.set(objectPath(key), key);
  }

  delete(rule: DeletionRule): void {
    if (!rule.isWanted(this.#renames)) return;
    for (const path of [...this.#keys.keys()]) {
      if (!rule.prefixes.some((prefix) => path.startsWith(prefix))) continue;
      if (rule.containing?.some((part) => path.includes(part)) === false) continue;
      this.#remove(path, rule.name);
    }
  }

  edit(rule: ObjectRule): void {
    if (!rule.isWanted(this.#renames)) return;
    const context = this.#context(rule.name);
    for (const pattern of rule.objects) {
      const paths = this.#matching(pattern);
      if (paths.length === 0 && rule.isUsual) this.absent.push(pattern);
      for (const path of paths) this.#editOne(rule, path, context);
    }
  }

  editFiles(): void {
    for (const rule of RULES.files.filter(({ isWanted }) => isWanted(this.#renames))) {
      const context = this.#context(rule.name);
      for (const [path, file] of this.#draft.files) {
        if (!file.isCustomized || !rule.matches(path, file.isListed)) continue;
        if (!isUtf8(file.content)) {
          context.note(`${path} stays as it is: it is no text`);
          continue;
        }
        const before = file.content.toString('utf8');
        const after = describing(rule.name, path, () => rule.edit(before, context, path));
        if (after === before) continue;
        const content = Buffer.from(after);
        this.#draft.files.set(path, { ...file, content });
        this.deeds.push({ rule: rule.name, target: path, before: file.content, after: content });
      }
    }
    for (const rule of RULES.fileNames.filter(({ isWanted }) => isWanted(this.#renames))) {
      for (const [path, { content, isCustomized }] of this.#draft.files) {
        const renamed = rule.rename(path, this.#renames);
        if (renamed === path || !isCustomized) continue;
        this.#draft.fileNames.set(path, renamed);
        const same = { before: content, after: content };
        this.deeds.push({ rule: rule.name, target: path, ...same, renamedTo: renamed });
      }
    }
  }

  #matching(pattern: string): string[] {
    if (!pattern.endsWith('*')) return this.#keys.has(pattern) ? [pattern] : [];
    const prefix = pattern.slice(0, -1);
    return [...this.#keys.keys()].filter((path) => path.startsWith(prefix));
  }

  #editOne(rule: ObjectRule, path: string, context: RuleContext): void {
    const key = this.#keys.get(path)!;
    const before = this.#draft.objects.get(key)!;
    const after = describing(rule.name, key, () => this.#unlessAbsent(rule, before, context));
    if (after === before) return;
    if (after === undefined) {
      this.#remove(path, rule.name);
      return;
    }
    if (after.key !== key) {
      this.#draft.objects.delete(key);
      this.#keys.delete(path);
      this.#keys.set(objectPath(after.key), after.key);
      this.#draft.renamedObjects.set(after.key, key);
    }
    this.#draft.objects.set(after.key, after);
    const renamed = after.key === key ? {} : { renamedTo: after.key };
    this.deeds.push({ rule: rule.name, target: key, before, after, ...renamed });
  }

  #unlessAbsent(rule: ObjectRule, resource: Resource, context: RuleContext): Resource | undefined {
    try {
      return rule.edit(resource, context);
    } catch (error) {
      if (!(error instanceof NothingToRename)) throw error;
      context.note(`${resource.key} stays as it is: ${error.message}`);
      return resource;
    }
  }

  #remove(path: string, rule: string): void {
    const key = this.#keys.get(path)!;
    this.#keys.delete(path);
    const before = this.#draft.objects.get(key)!;
    this.#draft.objects.delete(key);
    this.deeds.push({ rule, target: key, before });
  }

  #context(rule: string): RuleContext {
    const { files } = this.#draft;
    return {
      renames: this.#renames,
      find: (path) => this.#draft.objects.get(this.#keys.get(path) ?? ''),
      filePaths: () => [...files].filter(([, { isCustomized }]) => isCustomized).map(([path]) => path),
      fileText: (path) => files.get(path)?.content.toString('utf8') ?? '',
      note: (message) => this.notes.push(`${rule}: ${message}`),
    };
  }
}

/** Says which object or file a rule could not work on. */
function describing<T>(rule: string, target: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({
      code: 'recert/rule-failed',
      message: `${rule}: ${target}: ${cause.message}`,
      ...(cause.hint !== undefined && { hint: cause.hint }),
      cause,
    });
  }
}
