import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { makeDirectories } from './directories.js';

const root = mkdtempSync(join(tmpdir(), 'directories-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('makeDirectories', () => {
  it('makes what is missing and takes what is there', () => {
    const path = join(root, 'a', 'b', 'c');
    makeDirectories(path);
    makeDirectories(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('ends with an error where a file stands in the way', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(() => makeDirectories(join(file, 'below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });

  it('ends with an error below a link that leads nowhere', () => {
    const link = join(root, 'link');
    symlinkSync(join(root, 'nowhere'), link);
    expect(() => makeDirectories(join(link, 'below'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  // mkdir of Node with `recursive` would never return from here.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('ends with an error where no name can be made', () => {
    expect(() => makeDirectories('/proc/nothing/below')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
