import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../testkit/src/manual-clock.js';
import { createConsoleLogger, type LogLevel, parseLogLevel } from './console-logger.js';

describe('createConsoleLogger', () => {
  it('writes time, level, message and context on one line', () => {
    const lines: string[] = [];
    const clock = createManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
    createConsoleLogger('debug', clock, (line) => lines.push(line)).warn('topic\ncreated', { topic: 'a' });
    expect(lines).toEqual(['2026-01-02T03:04:05.006Z WARN  topic\\u000acreated topic="a"\n']);
  });

  it.each<[LogLevel, string[]]>([
    ['debug', ['DEBUG', 'INFO', 'WARN', 'ERROR']],
    ['info', ['INFO', 'WARN', 'ERROR']],
    ['warn', ['WARN', 'ERROR']],
    ['error', ['ERROR']],
    ['off', []],
  ])('at %s writes %j', (level, expected) => {
    const lines: string[] = [];
    const log = createConsoleLogger(level, createManualClock(), (line) => lines.push(line));
    for (const method of ['debug', 'info', 'warn', 'error'] as const) log[method]('x');
    expect(lines.map((line) => line.split(' ')[1])).toEqual(expected);
  });
});

describe('parseLogLevel', () => {
  it.each([
    [undefined, 'warn'],
    ['', 'warn'],
    [' INFO ', 'info'],
    ['off', 'off'],
  ])('reads %j as %s', (text, level) => {
    expect(parseLogLevel(text)).toBe(level);
  });

  it('refuses others, naming the nearest', () => {
    expect(() => parseLogLevel('warning')).toThrow(
      'the log level is one of debug, info, warn, error, off, not "warning"',
    );
    expect(() => parseLogLevel('debg')).toThrow('did you mean debug?');
  });
});
