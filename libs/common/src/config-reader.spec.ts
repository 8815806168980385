import { describe, expect, it } from '@jest/globals';
import { configTable, unsupportedUnlessDefault, withoutEffect } from './config-table.js';
import { readConfig, readConfigLayers } from './config-reader.js';

const table = configTable({
  listenPort: { kind: 'int', default: 10911, min: 0, max: 65535, note: 'Port.' },
  retention: { kind: 'int', default: 72, min: 1, unit: 'h', note: 'Hours.' },
  fallBehind: { kind: 'long', default: 17_179_869_184, note: 'Bytes.' },
  ratio: { kind: 'double', default: 0.8, min: 0, max: 1, note: 'Part.' },
  traceOn: { kind: 'boolean', default: true, note: 'Trace.' },
  brokerName: { kind: 'string', default: 'here', aliases: ['name'], note: 'Name.' },
  flush: { kind: 'enum', values: ['ASYNC', 'SYNC'], default: 'ASYNC', note: 'Flush.' },
  password: { kind: 'string', default: '', secret: true, unsupported: 'there is no login', note: 'Secret.' },
  ...withoutEffect('there are no threads', { sendThreads: 4 }),
  ...unsupportedUnlessDefault('there is no replication', { replicas: 1, quorum: false }),
});

function read(entries: Record<string, unknown>): ReturnType<typeof readConfig<typeof table>> {
  return readConfig(table, Object.entries(entries), 'broker.conf');
}

function failure(work: () => unknown): { code: unknown; message: unknown } {
  try {
    work();
  } catch (error) {
    return error as { code: unknown; message: unknown };
  }
  throw new Error('nothing was thrown');
}

describe('readConfig', () => {
  it('gives the defaults when nothing is set', () => {
    const { values, given, warnings } = read({});
    expect(values).toMatchObject({ listenPort: 10911, traceOn: true, brokerName: 'here', flush: 'ASYNC', replicas: 1 });
    expect([given.size, warnings]).toEqual([0, []]);
  });

  it.each<[string, string, unknown, unknown]>([
    ['a whole number as text', 'listenPort', ' 9000 ', 9000],
    ['a sign', 'listenPort', '+9000', 9000],
    ['a whole number', 'listenPort', 9000, 9000],
    ['a long beyond 32 bits', 'fallBehind', '68719476736', 68_719_476_736],
    ['a fraction', 'ratio', '.5', 0.5],
    ['an exponent', 'ratio', '5e-1', 0.5],
    ['minus zero as zero', 'ratio', '-0', 0],
    ['a boolean as text in any case', 'traceOn', 'FALSE', false],
    ['a boolean', 'traceOn', false, false],
    ['a text, trimmed', 'brokerName', ' broker-a  ', 'broker-a'],
    ['a number where a text is asked for', 'brokerName', 4, '4'],
    ['an enum', 'flush', 'SYNC', 'SYNC'],
    ['an undefined option as none', 'brokerName', undefined, 'here'],
  ])('takes %s', (_name, key, raw, expected) => {
    expect(read({ [key]: raw }).values).toHaveProperty(key, expected);
  });

  it.each<[string, unknown, string]>([
    ['listenPort', '70000', 'broker.conf: listenPort must be from 0 to 65535, not 70000'],
    ['listenPort', '10911x', 'broker.conf: listenPort must be a whole number, not "10911x"'],
    ['listenPort', '1e3', 'broker.conf: listenPort must be a whole number, not "1e3"'],
    ['listenPort', '', 'broker.conf: listenPort must be a whole number, not ""'],
    ['listenPort', 1.5, 'broker.conf: listenPort must be a whole number, not 1.5'],
    ['listenPort', NaN, 'broker.conf: listenPort must be a whole number, not null'],
    ['listenPort', null, 'broker.conf: listenPort must be a whole number, not null'],
    ['fallBehind', '9007199254740993', 'broker.conf: fallBehind must be a whole number, not "9007199254740993"'],
    ['retention', '0', 'broker.conf: retention must be at least 1 (h), not 0'],
    ['ratio', '1.5', 'broker.conf: ratio must be from 0 to 1, not 1.5'],
    ['traceOn', 'yes', 'broker.conf: traceOn must be true or false, not "yes"'],
    ['brokerName', true, 'broker.conf: brokerName must be a text, not true'],
    ['brokerName', 'a\nb', 'broker.conf: brokerName must not hold control characters: "a\\nb"'],
    ['flush', 'sync', 'broker.conf: flush must be one of ASYNC, SYNC, not "sync"'],
    ['lissenPort', '1', 'broker.conf: unknown key "lissenPort"; did you mean listenPort?'],
    ['nam', '1', 'broker.conf: unknown key "nam"; did you mean name?'],
    ['somethingElse', '1', 'broker.conf: unknown key "somethingElse"'],
    ['__proto__', '1', 'broker.conf: unknown key "__proto__"'],
  ])('refuses %s=%j', (key, raw, message) => {
    expect(failure(() => readConfig(table, [[key, raw]], 'broker.conf'))).toMatchObject({
      code: 'CONFIG_INVALID',
      message,
    });
  });

  it('names every mistake at once, features that are not there among them', () => {
    const { code, message } = failure(() => read({ listenPort: 'x', flush: 'y', brokernam: 'z', replicas: '2' }));
    expect(code).toBe('CONFIG_INVALID');
    expect(String(message).split('\n')).toHaveLength(4);
  });

  it('refuses what is unsupported, at another value than the default only', () => {
    expect(read({ replicas: '1', quorum: 'false' }).warnings).toEqual([]);
    expect(failure(() => read({ replicas: '2', quorum: 'true' }))).toMatchObject({
      code: 'UNSUPPORTED',
      message:
        'broker.conf: replicas=2 is unsupported: there is no replication\n' +
        'broker.conf: quorum=true is unsupported: there is no replication',
    });
  });

  it('never shows a secret', () => {
    const { message } = failure(() => read({ password: 'hunter2' }));
    expect(message).toBe('broker.conf: password=(hidden) is unsupported: there is no login');
    expect(failure(() => read({ password: ['hunter2'] })).message).not.toContain('hunter2');
  });

  it('says what has no effect and which name is meant', () => {
    const { values, given, warnings } = read({ name: 'broker-b', sendThreads: '8' });
    expect(values.brokerName).toBe('broker-b');
    expect([...given]).toEqual(['brokerName', 'sendThreads']);
    expect(warnings).toEqual([
      'broker.conf: name is another name of brokerName',
      'broker.conf: sendThreads has no effect here: there are no threads',
    ]);
  });

  it('refuses two spellings of one key with two values', () => {
    expect(read({ name: 'same', brokerName: 'same' }).values.brokerName).toBe('same');
    expect(failure(() => read({ name: 'one', brokerName: 'two' })).message).toBe(
      'broker.conf: name and brokerName are the same key with two values; keep one of them',
    );
  });
});

describe('readConfigLayers', () => {
  const file = { source: 'broker.conf', entries: Object.entries({ listenPort: '1', brokerName: 'file' }) };
  const options = { source: 'option', entries: Object.entries({ brokerName: 'option', traceOn: undefined }) };

  it('lets later layers win and remembers who set what', () => {
    const { items } = readConfigLayers(table, [file, options]);
    const shown = items.filter(({ source }) => source).map(({ name, value, source }) => [name, value, source]);
    expect(shown).toEqual([
      ['listenPort', 1, 'broker.conf'],
      ['brokerName', 'option', 'option'],
    ]);
    expect(items.map(({ name }) => name)).toEqual(Object.keys(table));
  });

  it('does not refuse what a later layer overrides', () => {
    const asking = { source: 'broker.conf', entries: Object.entries({ replicas: '2' }) };
    const overriding = { source: 'option', entries: Object.entries({ replicas: 1 }) };
    expect(readConfigLayers(table, [asking, overriding]).values).toMatchObject({ replicas: 1 });
    expect(failure(() => readConfigLayers(table, [overriding, asking]))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});
