import type { Clock } from '../../common/src/index.js';
import {
  decodeHeader,
  ResponseCode,
  ResponseError,
  type Command,
  type Declaration,
  type ExtFields,
  type Field,
  type Fields,
  type HeaderInput,
  type HeaderOf,
} from '../../protocol/src/index.js';
import type { CallOptions, CodedReply } from './connection.js';
import type { InFlightTable } from './in-flight-table.js';

/** Milliseconds, where a call does not say. */
export const defaultCallTimeout = 3000;

interface Caller {
  readonly connection: {
    request<H extends Fields, R extends Fields, Q, P>(
      declaration: Declaration<H, R, Q, P>,
      header: HeaderInput<H>,
      options: CallOptions<Q>,
    ): { readonly opaque: number; readonly inFlight: InFlightTable };
  };
  readonly clock: Clock;
  readonly peer: string;
}

/** Sends the request and promises its reply, or the error that came instead. */
export function startCall<H extends Fields, R extends Fields, Q, P>(
  { connection, clock, peer }: Caller,
  declaration: Declaration<H, R, Q, P>,
  header: HeaderInput<H>,
  options: CallOptions<Q>,
): Promise<CodedReply<HeaderOf<R>, P>> {
  return new Promise((resolve, reject) => {
    const { signal, accept, timeout = defaultCallTimeout } = options;
    signal?.throwIfAborted();
    const { opaque, inFlight } = connection.request(declaration, header, options);
    const onAbort = (): void => {
      inFlight.take(opaque);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    inFlight.add(opaque, {
      name: declaration.name,
      timeout,
      deadline: clock.monotonic() + timeout,
      succeed(response) {
        signal?.removeEventListener('abort', onAbort);
        try {
          resolve(readReply(declaration, response, accept, peer));
        } catch (error) {
          reject(error);
        }
      },
      fail(error) {
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      },
    });
  });
}

function readReply<H extends Fields, R extends Fields, Q, P>(
  declaration: Declaration<H, R, Q, P>,
  response: Command,
  accept: readonly number[] | undefined,
  peer: string,
): CodedReply<HeaderOf<R>, P> {
  const { code, remark, ext, version, body } = response;
  if (code === ResponseCode.SUCCESS) {
    const header = decodeHeader(declaration.reply, ext);
    return { code, header, body: declaration.replyBody.decode(body), remark, ext, version };
  }
  if (accept === undefined || !accept.includes(code)) throw new ResponseError(code, remark, peer, declaration.name);
  const header = decodeHeader(fieldsThatCame(declaration.reply, ext), ext) as HeaderOf<R>;
  const decoded = body.length === 0 ? (undefined as P) : declaration.replyBody.decode(body);
  return { code, header, body: decoded, remark, ext, version };
}

/** A refusal need not carry what a success must. */
function fieldsThatCame(fields: Fields, ext: ExtFields): Fields {
  const came: Record<string, Field> = {};
  for (const name in fields) {
    const field = fields[name] as Field;
    const keys = [field.wireKey ?? name, ...field.aliases];
    if (keys.some((key) => ext[key] !== undefined && ext[key] !== null)) came[name] = field;
  }
  return came;
}
