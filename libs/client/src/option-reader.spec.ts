import { describe, expect, it } from '@jest/globals';
import { OptionReader } from './option-reader.js';

interface Options {
  readonly size?: number;
  readonly mode?: string;
  readonly on?: boolean;
}

const read = (given: object): OptionReader<Options> => {
  const reader = new OptionReader<Options>('Options', given);
  reader.integer('size', 1, { min: 1, max: 9 });
  reader.oneOf('mode', 'A', ['A', 'B']);
  reader.boolean('on', false);
  return reader;
};

describe('OptionReader', () => {
  it('fills in defaults and takes what is given', () => {
    const reader = new OptionReader<Options>('Options', { size: 3 });
    expect(reader.integer('size', 1, { min: 1, max: 9 })).toBe(3);
    expect(reader.oneOf('mode', 'A', ['A', 'B'])).toBe('A');
    expect(() => reader.finish()).not.toThrow();
  });

  it('reports every mistake at once, by name, with what is allowed', () => {
    const wrong = read({ size: 10, mode: 'C', on: 'yes', sise: 1 });
    expect(() => wrong.finish()).toThrow(
      expect.objectContaining({
        code: 'ARGUMENT_INVALID',
        message: [
          'Options.size must be a whole number from 1 to 9, not 10',
          'Options.mode must be one of A, B, not "C"',
          'Options.on must be true or false, not "yes"',
          'Options.sise is not known; did you mean size?',
        ].join('\n'),
      }),
    );
  });

  it.each([[NaN], [1.5], ['3'], [null], [0]])('takes no %p for a whole number', (size) => {
    expect(() => read({ size }).finish()).toThrow(/^Options.size must be/);
  });
});
