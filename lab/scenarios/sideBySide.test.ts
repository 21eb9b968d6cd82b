import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOciImage } from '#formats/ociLayout.ts';
import { writeTar } from '#formats/tar.ts';
import { upNetwork } from '#machines/network.ts';
import { localLayout } from '#system/localLayout.ts';
import { gatherInventory, isEmpty } from '../inventory.ts';
import type { Lab } from '../lab.ts';
import { LAB_NETWORK } from '../network.ts';
import { networkHost } from '../networkHost.ts';
import { findRegistry, type Registry, startRegistry } from '../registry.ts';
import { createLabState } from '../state.ts';
import { tearDown } from '../tearDown.ts';
import { closeScenario, openScenario, type Scenario, useScenario } from './scenario.ts';

const first = useScenario();
let second: Scenario | undefined;
beforeAll(async () => {
  second = await openScenario();
});
afterAll(async () => {
  if (second !== undefined) await closeScenario(second);
});

async function bringUp(lab: Lab): Promise<Registry> {
  await createLabState(lab, new Date());
  await upNetwork(lab.host, lab.site, `${LAB_NETWORK.gateway}/${LAB_NETWORK.prefixLength}`);
  return startRegistry(lab);
}

/** An image whose bytes are new each time. */
async function pushImage(lab: Lab, registry: Registry, name: string): Promise<string> {
  const layout = `${lab.folder}/layout`;
  const config = { Labels: { nonce: randomBytes(8).toString('hex') } };
  const layers = [{ tar: writeTar([]), compression: 'gzip' as const }];
  const facts = { architecture: 'amd64', created: '2026-01-01T00:00:00Z', reference: 'x' };
  await writeOciImage({ layers, config, ...facts }, localLayout(layout));
  return registry.push(layout, name);
}

test('two labs with the same addresses are up side by side, and one goes down alone', async () => {
  const labs = [first().lab, second!.lab] as const;
  const registries = await Promise.all([bringUp(labs[0]), bringUp(labs[1])]);
  const name = `apps/${randomBytes(4).toString('hex')}:1`;
  const pushed = [
    await pushImage(labs[0], registries[0], name),
    await pushImage(labs[1], registries[1], name),
  ];
  expect(pushed[0]).not.toBe(pushed[1]);
  const addresses = await Promise.all(
    labs.map(
      async (lab) => (await networkHost(lab).run(['ip', '-4', '-oneline', 'address', 'show', 'br0'])).stdout,
    ),
  );
  for (const text of addresses)
    expect(text).toContain(` ${LAB_NETWORK.gateway}/${LAB_NETWORK.prefixLength} `);
  expect(await Promise.all(registries.map((registry) => registry.getDigest(name)))).toEqual(pushed);

  await tearDown(labs[0]);
  expect(isEmpty(await gatherInventory(labs[0]))).toBe(true);
  const stillThere = await findRegistry(labs[1]);
  expect(stillThere?.process).toEqual(registries[1].process);
  expect(await stillThere?.getDigest(name)).toBe(pushed[1]);
});
