/** Steps from the root of a document to a field: keys and list indexes. */
export type FieldPath = readonly (string | number)[];

/** `platform.baremetal.hosts[0].name`; a key that is no plain name stands in brackets, as upstream writes map keys. */
export function renderFieldPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number' || !/^[\w-]+$/.test(step)) text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** The reverse of `renderFieldPath`. */
export function parseFieldPath(text: string): FieldPath {
  return [...text.matchAll(/\[(\d+)\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(([, index, key, name]) =>
    index === undefined ? (key ?? name ?? '') : Number(index),
  );
}
