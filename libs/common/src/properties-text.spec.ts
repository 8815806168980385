import { describe, expect, it } from '@jest/globals';
import { formatProperties, parseProperties } from './properties-text.js';

/** Every result here is what java.util.Properties of JDK 17 gives. */
describe('parseProperties', () => {
  it.each<[string, string, Record<string, string>]>([
    ['the three separators', 'a=1\nb:2\nc 3\nd\t4', { a: '1', b: '2', c: '3', d: '4' }],
    ['spaces around the separator', '  a  =  1\nb : 2\nc  =3', { a: '1', b: '2', c: '3' }],
    ['spaces after a value, which belong to it', 'deleteWhen=04  ', { deleteWhen: '04  ' }],
    ['only one separator', 'a==1\nb=:2\nc = = 3', { a: '=1', b: ':2', c: '= 3' }],
    ['comments and blank lines', '# a=1\n\n  ! b=2\nc=#3', { c: '#3' }],
    ['all line ends', 'a=1\rb=2\r\nc=3\n', { a: '1', b: '2', c: '3' }],
    ['continuation lines, without their indent', 'a=1,\\\n    2,\\\r\n\t3', { a: '1,2,3' }],
    ['a comment sign within a continuation', 'a=1\\\n#2', { a: '1#2' }],
    ['an even number of backslashes ends the line', 'a=1\\\\\nb=2', { a: '1\\', b: '2' }],
    ['escapes', 'a=\\t\\n\\r\\f\\u0041\\q\\\\', { a: '\t\n\r\fAq\\' }],
    ['escaped separators in a key', 'a\\=b\\:c\\ d=1', { 'a=b:c d': '1' }],
    ['a key alone', 'a\nb=', { a: '', b: '' }],
    ['an empty key', '=1', { '': '1' }],
    ['the later of two', 'a=1\na=2', { a: '2' }],
    ['a Windows path written without escapes', 'p=C:\\store\\new', { p: 'C:store\new' }],
    ['a no-break space as a letter', 'a\u00a0=1', { 'a\u00a0': '1' }],
    ['a lone backslash before a comment', '\\\n# a=1\nb=2', { b: '2' }],
    ['nothing', '', {}],
  ])('reads %s', (_name, text, expected) => {
    expect(Object.fromEntries(parseProperties(text, 'broker.conf'))).toEqual(expected);
  });

  it('names the line of a broken escape', () => {
    const parse = (): unknown => parseProperties('a=1\nb=2,\\\n  3\nc=\\u00g1', 'broker.conf');
    expect(parse).toThrow('broker.conf:4: a \\u escape needs four hexadecimal digits');
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('keeps keys apart from what an object inherits', () => {
    expect([...parseProperties('__proto__=1\nconstructor=2', 'x')]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});

describe('formatProperties', () => {
  it.each([
    ['plain', 'brokerName', 'broker-a'],
    ['separators in the key', 'a=b:c d#!', '1'],
    ['separators in the value', 'a', 'x=y:z #!'],
    ['leading and trailing spaces', 'a', '  1 '],
    ['line ends, which must not begin a new entry', 'a', '1\nadmin=true\r\nb\t\f'],
    ['backslashes', 'a\\', 'C:\\store\\new\\'],
    ['text outside ASCII', 'name', '订单🚀é\u0001'],
    ['nothing', 'a', ''],
  ])('is read back: %s', (_name, key, value) => {
    const text = formatProperties([[key, value]]);
    expect([...parseProperties(text, 'x')]).toEqual([[key, value]]);
    expect(text).toMatch(/^[ -~]*\n$/);
  });
});
