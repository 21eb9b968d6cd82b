import { expect, it } from 'vitest';
import type { AnyAsset } from './asset.ts';
import { renderAssetGraph } from './graph.ts';
import { TARGETS } from './targets.ts';

const asset = (stateKey: string, inputs: AnyAsset['inputs'] = {}): AnyAsset => ({
  name: stateKey,
  stateKey,
  inputs,
  generate: () => null,
});

it('draws every asset once, with edges to what is made of it', () => {
  const base = asset('*one.Base');
  const left = asset('*two.Left', { base });
  const right = asset('*two.Right', { base, left });
  expect(renderAssetGraph({ 'group some-target': { assets: [right, left] } })).toBe(`strict digraph G {
  rankdir=LR;
  subgraph cluster_one {
    label="one";
    "one.Base";
  }
  subgraph cluster_two {
    label="two";
    "two.Left";
    "two.Right";
  }
  "Target Some Target" [shape=box, style=filled];
  "one.Base" -> "two.Left";
  "one.Base" -> "two.Right";
  "two.Left" -> "Target Some Target";
  "two.Left" -> "two.Right";
  "two.Right" -> "Target Some Target";
}
`);
});

it('has identifiers that DOT takes for all assets of the program', () => {
  const graph = renderAssetGraph(TARGETS);
  const clusters = [...graph.matchAll(/subgraph (\S+)/g)].map(([, name]) => name);
  expect(clusters.length).toBeGreaterThan(0);
  for (const name of clusters) expect(name).toMatch(/^cluster_[a-z]\w*$/);
  for (const [, node] of graph.matchAll(/"([^"]*)" ->/g)) expect(node).toMatch(/^[a-z]+\.\w+$/);
});
