import { Observable } from 'rxjs';
import type { SendResult, TransactionSendResult } from '../../libs/client/src/index.js';
import type { RocketMQDelivery } from './delivery.js';
import { ReceiveOptions } from './receive-options.js';
import type { RocketMQTemplate } from './rocketmq-template.js';
import type {
  AnySendOptions,
  OneWaySendOptions,
  RequestOptions,
  RocketMQSendOptions,
  TransactionOptions,
} from './send-options.js';

/**
 * RocketMQTemplate's methods as Observables. Nothing is sent before somebody subscribes, each subscription sends anew, and
 * unsubscribing gives up (what has left may be stored all the same).
 */
export class ObservableTemplate {
  constructor(private readonly template: RocketMQTemplate) {}

  /** {@link RocketMQTemplate.send}. One result, then the end; sent one way only the end. */
  send<T>(
    destination: string,
    payload: T,
    options: TransactionOptions & Required<Pick<TransactionOptions, 'transaction'>>,
  ): Observable<TransactionSendResult>;
  send<T>(destination: string, payload: T, options: OneWaySendOptions): Observable<void>;
  send<T>(destination: string, payload: readonly T[], options?: RocketMQSendOptions): Observable<SendResult[]>;
  send<T>(destination: string, payload: T, options?: RocketMQSendOptions): Observable<SendResult>;
  send(destination: string, payload: unknown, options?: AnySendOptions): Observable<unknown> {
    return once(options?.signal, (signal) =>
      this.template.send(destination, payload, { ...options, signal } as RocketMQSendOptions),
    );
  }

  /** {@link RocketMQTemplate.sendAndReceive}. One reply, then the end. */
  sendAndReceive<R>(destination: string, payload: unknown, options?: RequestOptions): Observable<R> {
    return once(options?.signal, (signal) =>
      this.template.sendAndReceive<R>(destination, payload, { ...options, signal }),
    );
  }

  /** {@link RocketMQTemplate.receive}, again and again until unsubscribed. Each delivery wants its ack(); those nobody took are released. */
  receive<T>(topic: string, options: ReceiveOptions): Observable<RocketMQDelivery<T>> {
    return new Observable((subscriber) => {
      const { given, signal } = abortable(options.signal);
      const run = async (): Promise<void> => {
        while (!subscriber.closed) {
          const deliveries = await this.template.receive<T>(
            topic,
            Object.assign(new ReceiveOptions(), options, { signal }),
          );
          let taken = 0;
          for (; taken < deliveries.length && !subscriber.closed; taken++) subscriber.next(deliveries[taken]!);
          // The last first, so that the next receiver gets them in their order.
          for (const unwanted of deliveries.slice(taken).toReversed()) unwanted.release();
        }
      };
      run().catch((error: unknown) => subscriber.error(error));
      return () => given.abort();
    });
  }
}

function once<R>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<R>): Observable<R> {
  return new Observable<R>((subscriber) => {
    const own = abortable(signal);
    run(own.signal).then(
      (result) => {
        if (result !== undefined) subscriber.next(result);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => own.given.abort();
  });
}

function abortable(signal: AbortSignal | undefined): { given: AbortController; signal: AbortSignal } {
  const given = new AbortController();
  return { given, signal: signal === undefined ? given.signal : AbortSignal.any([signal, given.signal]) };
}
