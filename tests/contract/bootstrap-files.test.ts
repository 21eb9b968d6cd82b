import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  bootstrapFiles,
  bootstrapInPlaceFiles,
  bootstrapUnits,
  type MachineFile,
} from '#installer/bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '#installer/bootstrap/bootstrapFacts.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { bareMetalFacts } from './bootstrapFacts.ts';
import { IN_PLACE, NONE_HA } from './bootstrapMachine.ts';
import { RENDER_STAGES } from './bootstrapStages.ts';

const data = openDataFiles('installer/data');
const BOOTSTRAP = 'bootstrap.ign';
const LIVE_ISO = 'bootstrap-in-place-for-live-iso.ign';

interface RecordedIgnition {
  readonly files: readonly { path: string; mode: string; append?: number; overwrite: boolean }[];
  readonly units: readonly {
    name: string;
    enabled: boolean | null;
    hasContents: boolean;
    dropins: string[];
  }[];
}

/** What the original wrote (tests/fixtures/contracts). */
function recorded(name: string, step: string, file: string): RecordedIgnition {
  const path = join(import.meta.dirname, '../fixtures/contracts', `${name}.json`);
  const run = JSON.parse(readFileSync(path, 'utf8'));
  return run.steps[step].dir[file].ign;
}

/** Files that come from assets and not from the data folder. */
const isOfAsset = (path: string): boolean =>
  path.startsWith('/opt/openshift/') && !path.startsWith('/opt/openshift/bootstrap-in-place/');

const described = ({ path, mode, append }: MachineFile): unknown => ({
  path,
  mode: `0o${mode.toString(8)}`,
  isAppended: append === true,
});

const EXTERNAL: BootstrapFacts = { ...NONE_HA, platform: 'external' };
const EXTERNAL_IN_PLACE: BootstrapFacts = { ...IN_PLACE, platform: 'external' };

describe.each([
  { name: 'none-ha', step: 'ignition-configs', file: BOOTSTRAP, facts: NONE_HA },
  { name: 'external-sno', step: 'ignition-configs', file: BOOTSTRAP, facts: EXTERNAL },
  { name: 'baremetal-ha', step: 'ignition-configs', file: BOOTSTRAP, facts: bareMetalFacts(NONE_HA) },
  { name: 'none-sno-bip', step: 'single-node-ignition-config', file: LIVE_ISO, facts: IN_PLACE },
  { name: 'external-sno', step: 'single-node-ignition-config', file: LIVE_ISO, facts: EXTERNAL_IN_PLACE },
])('the data files of $name ($file)', ({ name, step, file, facts }) => {
  const original = recorded(name, step, file);

  it('have the paths and modes of the recording, in its order', () => {
    const ours = [...bootstrapFiles(facts, data), ...bootstrapInPlaceFiles(facts, data)];
    const theirs = original.files.filter(({ path }) => !isOfAsset(path));
    expect(ours.map(described)).toEqual(
      theirs.map(({ path, mode, append }) => ({ path, mode, isAppended: append === 1 })),
    );
  });

  it('have the units of the recording, in its order', () => {
    const ours = bootstrapUnits(facts, data).map(({ name, contents, enabled, dropins }) => ({
      name,
      enabled: enabled ?? null,
      hasContents: contents !== undefined,
      dropins: dropins.map((dropin) => dropin.name),
    }));
    expect(ours).toEqual(original.units);
  });
});

describe('the Butane config of the single node', () => {
  const PATH = '/opt/openshift/bootstrap-in-place/master-update.fcc';
  // Butane reads numbers as YAML 1.1 does: modes are octal.
  const config = parse(bootstrapInPlaceFiles(IN_PLACE, data).find(({ path }) => path === PATH)!.content, {
    version: '1.1',
  });
  const locals: string[] = [...config.storage.trees, ...config.storage.files].map(
    (entry) => entry.local ?? entry.contents.local,
  );

  it('has the trees, files and unit of the specification', () => {
    expect([config.variant, config.version]).toEqual(['fcos', '1.1.0']);
    expect(config.ignition.config.merge).toEqual([{ local: 'original-master.ign' }]);
    const pairs = [...config.storage.trees, ...config.storage.files].map((entry, i) => [
      locals[i],
      entry.path,
    ]);
    expect(Object.fromEntries(pairs)).toEqual({
      'kubernetes/bootstrap-configs': '/etc/kubernetes/bootstrap-configs',
      tls: '/etc/kubernetes/bootstrap-secrets',
      'etcd-bootstrap/etc-kubernetes/static-pod-resources/etcd-member':
        '/etc/kubernetes/static-pod-resources/etcd-member',
      'etcd-data': '/var/lib/etcd',
      'auth/kubeconfig-loopback': '/etc/kubernetes/bootstrap-secrets/kubeconfig',
      'etcd-bootstrap/etc-kubernetes/manifests/etcd-member-pod.yaml':
        '/etc/kubernetes/manifests/etcd-pod.yaml',
      ...Object.fromEntries(
        ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => [
          `bootstrap-manifests/${name}-pod.yaml`,
          `/etc/kubernetes/manifests/${name}-pod.yaml`,
        ]),
      ),
      'bootstrap-in-place/bootstrap-in-place-post-reboot.sh':
        '/usr/local/bin/bootstrap-in-place-post-reboot.sh',
      'bin/installer-gather.sh': '/usr/local/bin/installer-gather.sh',
      'bin/installer-masters-gather.sh': '/usr/local/bin/installer-masters-gather.sh',
      'log-bundle-bootstrap.tar.gz': '/var/log/log-bundle-bootstrap.tar.gz',
      'original_cvo_overrides.patch': '/opt/openshift/original_cvo_overrides.patch',
    });
    expect(config.systemd.units).toMatchObject([{ name: 'bootkube.service', enabled: true }]);
  });

  it('lets nobody but root look at keys and data', () => {
    const paths = ['/etc/kubernetes/bootstrap-secrets', '/var/lib/etcd'];
    expect(config.storage.directories).toEqual(paths.map((path) => ({ path, mode: 0o700 })));
  });

  it('makes the scripts executable, and nothing else', () => {
    const modes = config.storage.files
      .filter(({ mode }: { mode?: number }) => mode !== undefined)
      .map(({ path, mode }: { path: string; mode: number }) => [path.endsWith('.sh'), mode]);
    expect(modes).toEqual(Array(3).fill([true, 0o555]));
  });

  it('names what the stages of bootkube have rendered', () => {
    const rendered = RENDER_STAGES.flatMap(({ renders }) => renders);
    const fromStages = locals.filter((path) => /^\w+-bootstrap\//.test(path));
    expect(fromStages).toHaveLength(2);
    for (const path of fromStages) expect(rendered.some((found) => found.startsWith(path))).toBe(true);
  });
});
