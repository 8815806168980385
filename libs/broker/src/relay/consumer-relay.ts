import { codeOf, messageOf } from '../../../common/src/index.js';
import {
  bytesBody,
  MQVersion,
  ResponseCode,
  type Declaration,
  type Fields,
  type HeaderInput,
  type ResponseError,
} from '../../../protocol/src/index.js';
import { fail, ok, type Fail, type Ok } from '../../../remoting/src/index.js';
import type { ConsumerTable } from '../tables/consumer-table.js';

const callTimeout = 10_000;

type Bytes = Buffer | readonly Buffer[];
/** A request whose answer is the client's: passed on as it came, whatever its version puts into it. */
export type Relayed<H extends Fields, R extends Fields, Q> = Declaration<H, R, Q, Bytes>;

export function relayed<H extends Fields, R extends Fields, Q, P>(declaration: Declaration<H, R, Q, P>) {
  const { replyBody: _decoded, ...rest } = declaration;
  const passedOn: Relayed<H, R, Q> = { ...rest, replyBody: bytesBody };
  return passedOn;
}

export interface Asked {
  readonly consumerGroup: string;
  readonly clientId?: string | undefined;
}

/** Asks one consumer of a group on its own connection, and makes its answer ours. */
export async function askConsumer<H extends Fields, Q>(
  consumers: ConsumerTable,
  declaration: Relayed<H, Fields, Q>,
  header: HeaderInput<H> & Asked,
  body?: Q,
): Promise<Ok<never> | Fail<never>> {
  const { consumerGroup, clientId } = header;
  const who = `<${consumerGroup}> <${String(clientId)}>`;
  const member = clientId === undefined ? undefined : consumers.member(consumerGroup, clientId);
  if (member === undefined) return fail(ResponseCode.SYSTEM_ERROR, `The Consumer ${who} not online`);
  if (member.version < MQVersion.V3_1_8_SNAPSHOT) {
    const remark = `The Consumer <${clientId}> Version <${member.version}> too low to finish, please upgrade it`;
    return fail(ResponseCode.SYSTEM_ERROR, `${remark} to V3_1_8_SNAPSHOT`);
  }
  try {
    const options = body === undefined ? {} : { body };
    const reply = await member.connection.call(declaration, header, { timeout: callTimeout, ...options });
    return ok<never>({} as never, { body: copied(reply.body) as never });
  } catch (error) {
    return refusalOf(error, who);
  }
}

/** What a reply holds is a view into the receive buffer. */
function copied(body: Bytes): Buffer {
  return Buffer.concat(Array.isArray(body) ? (body as Buffer[]) : [body as Buffer]);
}

function refusalOf(error: unknown, who: string): Fail<never> {
  switch (codeOf(error)) {
    case 'REQUEST_REFUSED': {
      const { responseCode, remark } = error as ResponseError;
      return fail(responseCode, remark);
    }
    case 'TIMEOUT':
      return fail(ResponseCode.CONSUME_MSG_TIMEOUT, `consumer ${who} Timeout: ${messageOf(error)}`);
    default:
      return fail(ResponseCode.SYSTEM_ERROR, `invoke consumer ${who} Exception: ${messageOf(error)}`);
  }
}
