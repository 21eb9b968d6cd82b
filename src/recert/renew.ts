import { ownBytes } from '#base/ownBytes.ts';
import type { Draft } from './applyRules.ts';
import type { ClusterState } from './gather.ts';
import { type RecertMeans, say, sayWarning } from './means.ts';
import type { RecertOptions } from './options.ts';
import { type Regenerated, regenerate } from './regenerate.ts';
import { type CryptoGraph, relate } from './relate.ts';
import { rewriteResource, rewriteText } from './rewrite.ts';
import { externalCertificates, scan } from './scan.ts';

export interface Renewed {
  readonly graph: CryptoGraph;
  readonly regenerated: Regenerated;
  /** The cluster with everything old replaced. */
  readonly draft: Draft;
  /** Seconds. */
  readonly times: { readonly scan: number; readonly rsa: number; readonly processing: number };
}

/** Finds all keys, certificates and tokens, makes new ones, and puts them into a draft. */
export async function renewCrypto(
  state: ClusterState,
  options: RecertOptions,
  means: RecertMeans,
): Promise<Renewed> {
  const started = means.clock();
  const external = externalCertificates(state.find);
  say(means, 'scan', `Discovered ${external.size} external certificates to ignore`);
  const { inventory, touched } = await scan(state.objects, state.files, {
    external,
    onKeyPair: ({ spec }) => options.crypto.ipChangeOnly || means.keys.makeAhead(spec, 1),
  });
  const scanned = means.clock();
  const pairs = [...inventory.keyPairs.values()];
  const stored = pairs.filter(({ privateKey }) => privateKey !== undefined).length;
  const publicKeys = pairs.filter(({ publicLocations }) => publicLocations.length > 0).length;
  say(
    means,
    'scan',
    `Found ${stored} private keys, ${publicKeys} public keys, ${inventory.certificates.size} certificates, and ${inventory.tokens.size} JWTs`,
  );
  const graph = relate(inventory);
  say(means, 'relate', 'Established relationships between crypto objects');
  for (const warning of inventory.warnings) sayWarning(means, 'scan', warning);
  const related = means.clock();
  const regenerated = await regenerate(graph, options.crypto, {
    keys: means.keys,
    now: means.now(),
    random: means.random,
  });
  means.keys.stopMakingAhead();
  for (const warning of regenerated.warnings) sayWarning(means, 'regenerate', warning);
  say(means, 'regenerate', 'Regenerated all crypto objects');
  const made = means.clock();
  const draft = rewriteAll(state, touched, regenerated);
  return {
    graph,
    regenerated,
    draft,
    times: {
      scan: scanned - started,
      rsa: made - related,
      processing: means.clock() - made + related - scanned,
    },
  };
}

function rewriteAll(state: ClusterState, touched: ReadonlySet<string>, regenerated: Regenerated): Draft {
  const draft = state.draft();
  for (const name of touched) {
    const resource = draft.objects.get(name);
    const file = draft.files.get(name);
    if (resource !== undefined) {
      const rewritten = rewriteResource(resource, regenerated);
      draft.objects.set(name, { ...rewritten, value: ownBytes(rewritten.value) });
    }
    if (file === undefined) continue;
    const content = rewriteText(file.content, regenerated);
    if (content !== undefined) draft.files.set(name, { ...file, content });
  }
  return draft;
}
