import { expect, test } from 'vitest';
import { removeOtherDeployments } from './finish.ts';
import type { Stateroot } from './stateroot.ts';
import type { Target } from './target.ts';
import { ibiContext } from './testing.ts';

const sha = (digit: string): string => digit.repeat(64);
const target = { rootMount: '/mnt' } as Target;
const own = { osname: 'rhcos_4.19.0' } as Stateroot;

test('every other deployment goes, the last first, with its stateroot', async () => {
  const status = `  rhcos ${sha('a')}.0\n  rhcos_4.19.0 ${sha('b')}.0\n  old-os ${sha('c')}.1\n`;
  const context = ibiContext(
    {},
    { '/mnt/ostree/deploy/rhcos/x': '', '/mnt/ostree/deploy/rhcos_4.19.0/y': '' },
    () => ({
      stdout: status,
    }),
  );
  await removeOtherDeployments(context, target, own);
  const undeployed = context.host.commands
    .filter((argv) => argv.includes('undeploy'))
    .map((argv) => argv.at(-1));
  expect(undeployed).toEqual(['2', '0']);
  expect(Object.keys(context.host.files.tree())).toEqual(['/mnt/ostree/deploy/rhcos_4.19.0/y']);
});
