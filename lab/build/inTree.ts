/**
 * argv that runs a program with a tree as its root and a /proc there. The mount namespace is its own, so that no /proc
 * of the tree outlives a build that is killed.
 */
export const inTree = (tree: string, argv: readonly string[]): string[] => [
  ...['unshare', '--mount', '--propagation=slave', '--pid', '--fork', `--root=${tree}`, '--mount-proc'],
  ...argv,
];
