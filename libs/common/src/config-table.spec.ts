import { describe, expect, it } from '@jest/globals';
import { configDefaults, configTable, unsupportedUnlessDefault, withoutEffect } from './config-table.js';

describe('rows without effect', () => {
  it('take their kind from the default', () => {
    const rows = withoutEffect('why', { a: true, b: 1, c: 0.5, d: '' });
    expect(Object.values(rows).map(({ kind }) => kind)).toEqual(['boolean', 'long', 'double', 'string']);
    expect(rows['a']).toEqual({ kind: 'boolean', default: true, note: 'why', noEffect: 'why' });
  });

  it('are told from unsupported ones', () => {
    const row = unsupportedUnlessDefault('why', { a: false })['a'];
    expect(row).toEqual({ kind: 'boolean', default: false, note: 'why', unsupported: 'why' });
  });
});

it('configDefaults gives the typed defaults', () => {
  const table = configTable({
    port: { kind: 'int', default: 1, note: '' },
    mode: { kind: 'enum', values: ['A', 'B'], default: 'A', note: '' },
  });
  const defaults: { port: number; mode: 'A' | 'B' } = configDefaults(table);
  expect(defaults).toEqual({ port: 1, mode: 'A' });
});
