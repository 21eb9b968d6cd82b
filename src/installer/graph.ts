import type { AnyAsset } from './asset.ts';
import type { Target } from './targets.ts';

type Targets = Readonly<Record<string, Pick<Target, 'assets'>>>;

/**
 * The assets of the targets, which have their commands for keys, as a graph in DOT form, from what is read to what is made
 * (spec/installer/01.4): nodes of one package in one cluster, targets as boxes.
 */
export function renderAssetGraph(targets: Targets): string {
  const assets = new Map<string, AnyAsset>();
  for (const { assets: made } of Object.values(targets)) for (const asset of made) collect(asset, assets);
  const nodes = [...assets.values()].toSorted((a, b) => (a.stateKey < b.stateKey ? -1 : 1));
  const clusters = Map.groupBy(nodes, packageOf);
  const edges = [
    ...nodes.flatMap((asset) =>
      Object.values(asset.inputs).map((input) => `  ${nodeOf(input)} -> ${nodeOf(asset)};`),
    ),
    ...Object.entries(targets).flatMap(([command, { assets: made }]) =>
      made.map((asset) => `  ${nodeOf(asset)} -> ${targetNodeOf(command)};`),
    ),
  ];
  return [
    'strict digraph G {',
    '  rankdir=LR;',
    ...[...clusters].flatMap(([name, members]) => [
      `  subgraph cluster_${name} {`,
      `    label="${name}";`,
      ...members.map((asset) => `    ${nodeOf(asset)};`),
      '  }',
    ]),
    ...Object.keys(targets).map((command) => `  ${targetNodeOf(command)} [shape=box, style=filled];`),
    ...edges.toSorted(),
    '}',
    '',
  ].join('\n');
}

function collect(asset: AnyAsset, found: Map<string, AnyAsset>): void {
  if (found.has(asset.stateKey)) return;
  found.set(asset.stateKey, asset);
  for (const input of Object.values(asset.inputs)) collect(input, found);
}

/** The key in the state file is `*package.Type`, upstream's name of the node with a star. */
const nodeOf = ({ stateKey }: AnyAsset): string => `"${stateKey.replace(/^\*/, '')}"`;
const packageOf = ({ stateKey }: AnyAsset): string => stateKey.replace(/^\*/, '').split('.')[0]!;

/** `image-based config-image` is the target `Config Image`. */
function targetNodeOf(command: string): string {
  const words = command.split(' ').at(-1)!.split('-');
  return `"Target ${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join(' ')}"`;
}
