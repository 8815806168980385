import { Logger, type LoggerService } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { nestLogger } from './nest-logger.js';

class Lines implements LoggerService {
  readonly lines: string[] = [];
  log = (line: unknown, name: unknown): void => void this.lines.push(`log ${String(name)}: ${String(line)}`);
  warn = (line: unknown): void => void this.lines.push(`warn ${String(line)}`);
  error = (line: unknown): void => void this.lines.push(`error ${String(line)}`);
  debug = (line: unknown): void => void this.lines.push(`debug ${String(line)}`);
}

afterEach(() => Logger.overrideLogger(true));

describe("lines in Nest's logger", () => {
  it('carry their context, one line each', () => {
    const sink = new Lines();
    Logger.overrideLogger(sink);
    const log = nestLogger('Broker', false);
    log.info('a consumer joined', { group: 'g\nforged line' });
    log.warn('w');
    log.error('e');
    log.debug('d');
    expect(sink.lines).toEqual(['log Broker: a consumer joined group="g\\nforged line"', 'warn w', 'error e']);
  });

  it('hold debug lines when asked for', () => {
    const sink = new Lines();
    Logger.overrideLogger(sink);
    nestLogger('Broker', true).debug('d');
    expect(sink.lines).toEqual(['debug d']);
  });
});
