import { describe, expect, it } from 'vitest';
import { dataFilesOf } from './dataFiles.ts';

describe('data files', () => {
  it('are listed folder by folder', () => {
    const data = dataFilesOf({ 'a.d/x': '1', 'a/z': '2', 'a-b/y': '3', 'a/b/c': '4' });
    expect(data.list()).toEqual(['a/b/c', 'a/z', 'a-b/y', 'a.d/x']);
    expect(data.read('a/z')).toBe('2');
  });

  it('have no file that is not listed', () => {
    expect(() => dataFilesOf({ a: '' }).read('constructor')).toThrow('constructor is no data file');
  });
});
