/*
 * HOT PATH (dispatch). Copies nothing for handlers that borrow the frame. Allocates: the exchange. Calls: the guards and the
 * handler. Benchmark: send.
 */
import { codeOf, messageOf, RocketMQError, type Logger } from '../../common/src/index.js';
import { CommandDecoder, keptCommand, ResponseCode, type Command } from '../../protocol/src/index.js';
import { fail, type AnyHandler, type Handler, type Outcome } from './handler.js';
import {
  refuse,
  RequestExchange,
  unsupportedReply,
  type PlainDeclaration,
  type ReplyChannel,
} from './request-exchange.js';

type PlainHandler = Handler<PlainDeclaration>;
type PlainOutcome = Outcome<PlainDeclaration>;

/**
 * Takes requests to their handlers and outcomes back to the wire. The hot path - a handler that returns its outcome or
 * `hold` - allocates the exchange and no promise.
 */
export class Router {
  private readonly handlers: ReadonlyMap<number, PlainHandler>;
  /** Reads frames; fast where a handler's declaration says what to look for. */
  readonly decoder: CommandDecoder;

  /** @throws RocketMQError ARGUMENT_INVALID when two handlers serve one code */
  constructor(
    handlers: readonly AnyHandler[],
    private readonly log: Logger,
    maxHeader: number,
  ) {
    this.handlers = byCode(handlers);
    this.decoder = new CommandDecoder(
      [...this.handlers.values()].map(({ declaration }) => declaration),
      maxHeader,
    );
  }

  /** Never throws: whatever a handler does, the peer gets an answer and the connection lives on. */
  dispatch(channel: ReplyChannel, command: Command): void {
    const handler = this.handlers.get(command.code);
    if (handler === undefined) {
      this.log.warn(`request type ${command.code} not supported`, { peer: channel.remoteAddress });
      unsupportedReply(channel, command);
      return;
    }
    let exchange: RequestExchange;
    try {
      const own = handler.borrowsFrame ? command : keptCommand(command);
      exchange = new RequestExchange(channel, handler.declaration, this.log, own);
    } catch (error) {
      const remark = messageOf(error);
      this.log.warn(`${handler.declaration.name} was refused`, { peer: channel.remoteAddress, reason: remark });
      refuse(channel, command, ResponseCode.SYSTEM_ERROR, remark);
      return;
    }
    this.run(handler, exchange);
  }

  private run(handler: PlainHandler, exchange: RequestExchange): void {
    try {
      for (const guard of handler.guards) {
        const refusal = guard(exchange);
        if (refusal !== undefined) return exchange.reply(refusal);
      }
      const outcome = handler.run(exchange);
      if ('kind' in outcome) return finish(exchange, outcome);
      if (handler.borrowsFrame) exchange.releaseFrame();
      const { connection } = exchange;
      connection.answerBegan();
      outcome
        .then(
          (late) => finish(exchange, late),
          (error: unknown) => this.failed(handler, exchange, error),
        )
        .finally(() => connection.answerEnded());
    } catch (error) {
      this.failed(handler, exchange, error);
    }
  }

  private failed(handler: PlainHandler, exchange: RequestExchange, error: unknown): void {
    const { name } = handler.declaration;
    const peer = exchange.connection.remoteAddress;
    const reason = messageOf(error);
    if (codeOf(error) === 'PROTOCOL_VIOLATION') this.log.warn(`${name} was refused`, { peer, reason });
    else this.log.error(`${name} failed`, { peer, reason, stack: stackOf(error) });
    exchange.reply(fail(ResponseCode.SYSTEM_ERROR, reason));
  }
}

function finish(exchange: RequestExchange, outcome: PlainOutcome): void {
  if (outcome.kind === 'hold') exchange.releaseFrame();
  else exchange.reply(outcome);
}

function stackOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : undefined;
}

function byCode(handlers: readonly AnyHandler[]): Map<number, PlainHandler> {
  const map = new Map<number, PlainHandler>();
  for (const handler of handlers as readonly unknown[] as readonly PlainHandler[]) {
    const { code, name } = handler.declaration;
    const other = map.get(code);
    if (other !== undefined) {
      throw new RocketMQError('ARGUMENT_INVALID', `code ${code} has two handlers: ${other.declaration.name}, ${name}`);
    }
    map.set(code, handler);
  }
  return map;
}
