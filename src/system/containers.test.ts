import { expect, test } from 'vitest';
import { stopContainers } from './containers.ts';
import { type Answer, MemoryHost } from './testing.ts';

const NAMES: Readonly<Record<string, string>> = { c1: 'kube-apiserver', c2: 'etcd', s1: '', c3: 'user' };

/** containerd with four tasks; those that were told to end are gone at the next look. */
function fakeContainerd(): Answer {
  const ended = new Set<string>();
  return (argv) => {
    const [, , noun, verb] = argv;
    const last = argv.at(-1) ?? '';
    if (verb === 'kill') ended.add(last);
    if (noun === 'tasks' && verb === 'ls' && !argv.includes('--quiet')) {
      const rows = Object.keys(NAMES).map((id) => `${id}    12    ${ended.has(id) ? 'STOPPED' : 'RUNNING'}`);
      return { stdout: ['TASK    PID    STATUS', ...rows, ''].join('\n') };
    }
    if (verb === 'ls') return { stdout: Object.keys(NAMES).join('\n') };
    if (verb === 'info')
      return { stdout: JSON.stringify({ Labels: { 'io.kubernetes.container.name': NAMES[last] } }) };
    return {};
  };
}

test('containerd: all but etcd, then etcd, then the sandboxes, then the service', async () => {
  const host = new MemoryHost({}, fakeContainerd());
  await stopContainers(host, 'containerd');
  const kills = host.commands.filter((argv) => argv.includes('kill')).map((argv) => argv.slice(-2).join(' '));
  expect(kills).toEqual(['SIGTERM c1', 'SIGTERM c3', 'SIGTERM c2', 'SIGKILL s1']);
  expect(host.commands.filter((argv) => argv.includes('rm'))).toHaveLength(4);
  expect(host.commands.at(-1)).toEqual(['systemctl', 'stop', 'containerd.service']);
});

test('CRI-O: the same order by crictl', async () => {
  const containers = Object.entries(NAMES)
    .filter(([, name]) => name !== '')
    .map(([id, name]) => ({ id, metadata: { name } }));
  const host = new MemoryHost({}, (argv) => {
    if (argv[1] === 'ps') return { stdout: JSON.stringify({ containers }) };
    return argv[1] === 'pods' ? { stdout: 'p1\np2\n' } : {};
  });
  await stopContainers(host, 'crio');
  expect(host.commands.slice(1).map((argv) => argv.join(' '))).toEqual([
    'crictl stop --timeout 5 c1',
    'crictl stop --timeout 5 c3',
    'crictl stop --timeout 30 c2',
    'crictl pods --quiet',
    'crictl rmp --force p1 p2',
    'systemctl stop crio.service',
  ]);
});
