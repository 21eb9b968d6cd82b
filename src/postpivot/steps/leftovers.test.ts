import { expect, it } from 'vitest';
import { TestWorld } from '../testing.ts';
import { removeSeedLeftovers } from './leftovers.ts';

it('removes what the seed left and keeps what the node needs', async () => {
  const world = new TestWorld({
    files: {
      '/var/lib/kubelet/pods/1/volumes/token': 'x',
      '/var/lib/kubelet/config.json': 'keep',
      '/var/lib/kubelet/pki/kubelet-client-2030-01-01-00-00-00.pem': 'old',
      '/var/lib/kubelet/pki/kubelet-client-2031-01-01-00-00-00.pem': 'keep',
      '/var/lib/kubelet/pki/kubelet.crt': 'keep',
      '/var/lib/cni/results/a': 'x',
      '/var/log/pods/a/0.log': 'x',
      '/var/roothome/.bash_history': 'x',
      '/var/home/someone/.kube/config': 'x',
      '/var/home/someone/notes': 'keep',
      '/var/lib/systemd/random-seed': 'x',
    },
  });
  const { files } = world.host;
  await files.symlink(
    '/var/lib/kubelet/pki/kubelet-client-2031-01-01-00-00-00.pem',
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
  );
  const before = new TestWorld().host.files.tree();
  await removeSeedLeftovers(world);
  const left = Object.entries(files.tree()).filter(([path]) => !(path in before));
  expect(left.map(([, content]) => content)).toEqual(left.map(() => 'keep'));
  expect(left).toHaveLength(4);
});

it('keeps every certificate of the kubelet when no link says which is current', async () => {
  const path = '/var/lib/kubelet/pki/kubelet-client-2030-01-01-00-00-00.pem';
  const world = new TestWorld({ files: { [path]: 'x' } });
  await removeSeedLeftovers(world);
  expect(world.host.files.tree()[path]).toBe('x');
});
