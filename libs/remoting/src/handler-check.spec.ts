import { describe, expect, it } from '@jest/globals';
import { declarationsServedBy, queryConsumerOffset } from '../../protocol/src/index.js';
import { checkHandlers, handle, hold, ok, type AnyHandler } from './index.js';

const complete = (): AnyHandler[] =>
  declarationsServedBy('namesrv').map((declaration) => ({
    declaration,
    guards: [],
    run: () => hold,
    borrowsFrame: false,
  }));

describe('handler check', () => {
  it('passes a server that serves what it is declared to serve', () => {
    expect(() => checkHandlers('namesrv', complete())).not.toThrow();
  });

  it('names what is missing, double, or of another server, all at once', () => {
    const [first, ...rest] = complete();
    const stranger = handle(queryConsumerOffset, [], () => ok({ offset: 0 }));
    const { name } = (first as { declaration: { name: string } }).declaration;
    const double = (rest[0] as { declaration: { name: string } }).declaration.name;
    const check = (): void => checkHandlers('namesrv', [...rest, rest[0] as AnyHandler, stranger]);
    expect(check).toThrow(new RegExp(`${name}\\(\\d+\\) has no handler`));
    expect(check).toThrow(new RegExp(`${double}\\(\\d+\\) has 2 handlers`));
    expect(check).toThrow('QUERY_CONSUMER_OFFSET(14) is not served by a namesrv');
  });
});
