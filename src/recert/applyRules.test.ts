import { expect, test } from 'vitest';
import { applyRules, type Draft } from './applyRules.ts';

const RENAMES = {
  cluster: { name: 'b', baseDomain: 'c', domain: 'b.c', infraId: 'b-1', oldDomain: 'a.c' },
  addresses: [],
  nameRules: [],
  renewsCrypto: false,
};

const draftWith = (path: string, content: Buffer): Draft => ({
  objects: new Map(),
  files: new Map([[path, { content, isListed: false, isCustomized: true }]]),
  fileNames: new Map(),
  renamedObjects: new Map(),
});

test('a file that is no text stays as it is, and is told of', () => {
  const text = 'clusters: [{cluster: {server: "https://api.a.c:6443"}}]\nx: ';
  const [path, broken] = ['/etc/kubeconfig', Buffer.concat([Buffer.from(text), Buffer.from([0xff])])];
  const draft = draftWith(path, broken);
  const { notes } = applyRules(draft, RENAMES);
  expect(draft.files.get(path)!.content).toBe(broken);
  expect(notes).toContain(`kubeconfig-files: ${path} stays as it is: it is no text`);

  const sound = draftWith(path, Buffer.from(text));
  applyRules(sound, RENAMES);
  expect(sound.files.get(path)!.content.toString()).toContain('https://api.b.c:6443');
});
