import type { DocumentNode } from '#formats/document.ts';
import { itemsAt, replaceText } from '#formats/document.ts';
import type { Change } from '../renames.ts';
import { environmentName } from '../renames.ts';
import { containersOf } from './serviceHost.ts';

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Names of things that the node's name is part of, wherever they stand in a text. */
export function renameInText(text: string, { old, new: wanted }: Change): string {
  const name = escaped(old);
  return text
    .replace(
      new RegExp(`\\b(etcd-(?:peer|serving|serving-metrics))-${name}\\.(crt|key)\\b`, 'g'),
      `$1-${wanted}.$2`,
    )
    .replace(
      new RegExp(`\\bNODE_${environmentName(old)}_(ETCD_NAME|ETCD_URL_HOST|IP)\\b`, 'g'),
      `NODE_${environmentName(wanted)}_$1`,
    )
    .replace(new RegExp(`(--(?:name|target-name|node-name)[= ]["']?)${name}(?![\\w.-])`, 'g'), `$1${wanted}`)
    .replace(new RegExp(`(--initial-cluster[= ]["']?)${name}=`, 'g'), `$1${wanted}=`);
}

/** In a YAML pod, variables hold the name as a whole value. */
export const renameInPodText = (text: string, change: Change): string =>
  renameInText(text, change).replace(
    new RegExp(`(value: ["']?)${escaped(change.old)}(["']?)$`, 'gm'),
    `$1${change.new}$2`,
  );

/** `NODE_<name>_ETCD_NAME="<name>"` in shell environments. */
export const renameInEnvironment = (text: string, change: Change): string =>
  renameInText(text, change).replace(
    new RegExp(`(_ETCD_NAME=["']?)${escaped(change.old)}(?![\\w.-])`, 'g'),
    `$1${change.new}`,
  );

/** A pod as JSON: words of commands and arguments, and the variables that name the node. */
export function renameInPod(pod: DocumentNode, change: Change): void {
  for (const container of containersOf(pod.get('spec'))) {
    for (const word of [...itemsAt(container, 'command'), ...itemsAt(container, 'args')])
      replaceText(word, renameInText(word.text() ?? '', change));
    renameWordPairs([...itemsAt(container, 'command'), ...itemsAt(container, 'args')], change);
    for (const variable of itemsAt(container, 'env')) {
      replaceText(variable.get('name'), renameInText(variable.get('name')?.text() ?? '', change));
      const value = variable.get('value');
      const text = value?.text() ?? '';
      replaceText(value, text === change.old ? change.new : renameInText(text, change));
    }
  }
}

/** A flag and its value may be two words. */
function renameWordPairs(words: readonly DocumentNode[], change: Change): void {
  for (const [index, word] of words.entries()) {
    const before = words[index - 1]?.text() ?? '';
    if (word.text() === change.old && /^--(?:name|target-name|node-name)$/.test(before))
      word.replace(change.new);
    if (before === '--initial-cluster' && word.text()?.startsWith(`${change.old}=`))
      word.replace(change.new + word.text()!.slice(change.old.length));
  }
}
