import { expect, test } from 'vitest';
import { groupContainerdNames, parseCrictlImages } from '#system/imageStore.ts';
import { planImageList } from './imageList.ts';

const facts = { stored: [], catalogImages: [], relatedImages: [], recertImage: undefined };
const tagged = (...tags: string[]) => ({ tags, digests: [] });

test('an image goes by all tags, one without tags by all digests', () => {
  const stored = [
    { tags: ['a:1', 'a:2'], digests: ['a@sha256:1'] },
    { tags: [], digests: ['b@sha256:2', 'c@sha256:2'] },
  ];
  expect(planImageList({ ...facts, stored })).toEqual(['a:1', 'a:2', 'b@sha256:2', 'c@sha256:2']);
});

test('catalogs and images for other platforms stay out, nothing is listed twice', () => {
  const stored = [
    tagged('registry.redhat.io/redhat/some-operator-index:v1'),
    tagged('cat:1'),
    tagged('app:1'),
  ];
  const relatedImages = ['app:1', 'x-for-gcp:1', 'y-for-csi:1', 'related:1'];
  const list = planImageList({ stored, catalogImages: ['cat:1'], relatedImages, recertImage: 'recert:1' });
  expect(list).toEqual(['app:1', 'recert:1', 'related:1']);
});

test("containerd's several names of one image become one", () => {
  const names = ['r.test:5000/a:1', 'r.test:5000/a@sha256:1', 'sha256:9', 'r.test:5000/b@sha256:2'];
  const list = planImageList({ ...facts, stored: groupContainerdNames(names) });
  expect(list).toEqual(['r.test:5000/a:1', 'r.test:5000/b@sha256:2']);
});

test('crictl leaves lists out or null', () => {
  const json = JSON.stringify({ images: [{ repoTags: null, repoDigests: ['a@sha256:1'] }, {}] });
  expect(parseCrictlImages(json)).toEqual([
    { tags: [], digests: ['a@sha256:1'] },
    { tags: [], digests: [] },
  ]);
});
