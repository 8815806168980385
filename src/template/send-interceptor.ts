import type { AnySendOptions, SendKind } from './send-options.js';

/** A send as its interceptors see it. An array as payload is a batch, however many requests it takes. */
export interface SendCall {
  /** What is done: 'request' is sendAndReceive, 'async' asyncSend. */
  readonly kind: SendKind;
  /** Name of the template's connection: 'default' unless RocketMQModule.forRoot gives one. */
  readonly connection: string;
  /** 'topic' or 'topic:tag'. */
  readonly destination: string;
  readonly payload: unknown;
  readonly options: AnySendOptions;
}

/** Does the rest: further interceptors, then the send. With an argument, that is sent instead; the kind stays. */
export type SendNext = (changed?: Partial<Pick<SendCall, 'destination' | 'payload' | 'options'>>) => Promise<unknown>;

/**
 * Stands around every send of RocketMQTemplate, by whatever method. It may change what is sent, measure, try again (a
 * second `next()` is a second send), or refuse by throwing.
 *
 * @example
 * ```ts
 * \@Injectable()
 * \@RocketMQSendInterceptor()
 * export class Tenant implements SendInterceptor {
 *   constructor(private readonly tenants: Tenants) {}
 *   intercept({ options }: SendCall, next: SendNext): Promise<unknown> {
 *     return next({ options: { ...options, properties: { ...options.properties, tenant: this.tenants.current } } });
 *   }
 * }
 * ```
 */
export interface SendInterceptor {
  /** Resolves to the result, or what the caller is to have in its place. */
  intercept(call: SendCall, next: SendNext): Promise<unknown>;
}

/** Options of `@RocketMQSendInterceptor`. */
export interface SendInterceptorOptions {
  /** Lower ones stand further outside. Default 0; of equals, the one that Nest found first. */
  readonly order?: number;
}

const interceptorKey = 'rocketmq:send-interceptor';

/** Makes a provider a {@link SendInterceptor}. It must be a singleton: sends happen outside of requests. */
export function RocketMQSendInterceptor(options: SendInterceptorOptions = {}): ClassDecorator {
  return (target) => Reflect.defineMetadata(interceptorKey, options, target);
}

/** What the decorator stored; undefined when it does not stand there. */
export function interceptorOptionsOf(target: object): SendInterceptorOptions | undefined {
  return Reflect.getMetadata(interceptorKey, target) as SendInterceptorOptions | undefined;
}

/** The send with everything around it. */
export function intercepted(
  interceptors: readonly SendInterceptor[],
  call: SendCall,
  send: (call: SendCall) => Promise<unknown>,
): Promise<unknown> {
  const from = async (index: number, current: SendCall): Promise<unknown> => {
    const interceptor = interceptors[index];
    if (interceptor === undefined) return send(current);
    return interceptor.intercept(current, (changed) =>
      from(index + 1, { ...current, ...changed, kind: call.kind, connection: call.connection }),
    );
  };
  return from(0, call);
}
