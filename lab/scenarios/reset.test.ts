import { beforeAll, expect, test } from 'vitest';
import { parsePostPivotResult } from '#api/postPivotResult.ts';
import { findBootDeployment } from '#machines/deployment.ts';
import type { Machine } from '#machines/driver.ts';
import { machineFolder } from '#machines/site.ts';
import { waitFor } from '#machines/waiting.ts';
import { configureClone, makeConfigImage } from '../clone/configure.ts';
import { collectInstalledSecrets, collectSeedSecrets, proveClean } from '../clone/proof.ts';
import { waitForCluster } from '../clone/waitForCluster.ts';
import { driverOf, upInfrastructure } from '../infrastructure.ts';
import { installFromSeedImage } from '../install.ts';
import { runningMachine } from '../machines.ts';
import { upSeed } from '../seed.ts';
import { createSeedImage } from '../seedImage.ts';
import { readSeedRecord, SEED } from '../seedRecord.ts';
import { Timeline } from '../timeline.ts';
import { wantedClone } from '../wantedClone.ts';
import { say, toldStages, useScenario } from './scenario.ts';
import { changedPaths, digestTree, type TreeDigest } from './treeDigest.ts';

const scenario = useScenario();
const TARGET = 'target';
const RESULT = '/var/lib/lca/post-pivot-result.json';
/** What a running system writes by itself. */
const OWN_LIFE = ['resolv.conf', 'mtab', '.pwd.lock', 'adjtime'];
let host: Machine;

beforeAll(async () => {
  const { lab, products, executables } = scenario();
  const timeline = new Timeline(toldStages);
  await upSeed(lab, products, timeline);
  const { identity } = await readSeedRecord(lab);
  const registry = await upInfrastructure(lab, products);
  const seed = await runningMachine(lab, SEED);
  await collectSeedSecrets(lab, seed, () => {});
  const image = await timeline.stage('seed image', () =>
    createSeedImage(lab, seed, { identity, executables, registry }),
  );
  const disk = `${lab.folder}/disks/${TARGET}.img`;
  const installation = { name: TARGET, disk, seedImage: image.pullSpec, executables };
  await timeline.stage('install', () =>
    installFromSeedImage(lab, products, { ...installation, seedVersion: identity.releaseVersion }),
  );
  await collectInstalledSecrets(lab, TARGET, disk);
  host = await driverOf(lab).start({ name: TARGET, disk });
  await host.waitForBoot({ until: 'basic' });
});

/** The three trees that post-pivot can't undo. */
async function digestTrees(): Promise<TreeDigest> {
  const { lab } = scenario();
  const { root, varFolder } = await findBootDeployment(
    lab.host,
    `${machineFolder(lab.site, TARGET)}/sysroot`,
  );
  const trees = await Promise.all([
    digestTree(`${root}/etc`, OWN_LIFE),
    digestTree(`${varFolder}/lib/etcd`),
    digestTree(`${varFolder}/lib/kubelet`, ['pods']),
  ]);
  return new Map(
    trees.flatMap((tree, n) => [...tree].map(([path, facts]) => [`${n}/${path}`, facts] as const)),
  );
}

async function resultOf(machine: Machine) {
  const { stdout, code } = await machine.host.run(['cat', RESULT], { okCodes: [0, 1] });
  const result = code === 0 ? parsePostPivotResult(stdout) : undefined;
  return result?.ok ? result.value : undefined;
}

const kubelet = async (): Promise<string> =>
  (await host.host.run(['systemctl', 'is-active', 'kubelet.service'], { okCodes: [0, 3] })).stdout.trim();

test('a host whose configuration failed late is reset to how it was installed', async () => {
  const { lab, executables } = scenario();
  const before = await digestTrees();
  const wanted = wantedClone({}, []);
  const extra = `${lab.folder}/access/${wanted.clusterName}/extra-manifests`;
  await lab.host.files.makeDirectory(extra, 0o700);
  const unserved = { apiVersion: 'example.com/v1', kind: 'NobodyServesThis', metadata: { name: 'a' } };
  await lab.host.files.write(`${extra}/unserved.yaml`, JSON.stringify(unserved));
  const { iso } = await makeConfigImage(lab, executables, wanted);
  const device = await host.attachBlockDevice(iso, { readOnly: true });
  const failed = await waitFor(
    async () => {
      const result = await resultOf(host);
      return result?.outcome === 'failed' ? result : undefined;
    },
    { timeoutSeconds: 300 },
  );
  expect(failed?.failure?.code).toBe('postpivot/kind-not-served');
  expect(await kubelet()).toBe('active');
  const changed = changedPaths(before, await digestTrees());
  say(`${changed.length} paths were changed by the configuration that failed`);
  expect(changed.length).toBeGreaterThan(20);

  await host.detachBlockDevice(device);
  const started = performance.now();
  await host.host.run(['/usr/local/bin/lca-cli', 'reset', '--yes', '--no-reboot']);
  say(`reset: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  expect(changedPaths(before, await digestTrees())).toEqual([]);
  expect(await kubelet()).toBe('inactive');
  expect(await resultOf(host)).toBeUndefined();
});

test('and gets another identity then, of which nothing of the seed is a part', async () => {
  const { lab, executables } = scenario();
  const wanted = wantedClone({}, []);
  const configuration = await makeConfigImage(lab, executables, wanted);
  await configureClone(lab, host, { wanted, configuration, note: () => {} });
  const { workload } = await readSeedRecord(lab);
  await waitForCluster(lab, host, { hostname: wanted.hostname, nodeIp: wanted.nodeIp, workload });
  const succeeded = async () => {
    const result = await resultOf(host);
    return result?.outcome === 'succeeded' ? result : undefined;
  };
  const result = await waitFor(succeeded, { timeoutSeconds: 60 });
  for (const { name, seconds } of result?.stages ?? []) say(`${seconds.toFixed(2).padStart(7)} s  ${name}`);
  expect(result).toMatchObject({ cluster_name: wanted.clusterName, attempt: 1 });
  expect(await proveClean(lab, host, say)).toMatchObject({ ok: true });
});
