import { codeOf, messageOf } from '../../../common/src/index.js';
import {
  bytesBody,
  getConsumerRunningInfo as declaration,
  MQVersion,
  ResponseCode,
  type ResponseError,
} from '../../../protocol/src/index.js';
import { fail, handle, ok, type Fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

const callTimeout = 10_000;
/** The answer is the client's: passed on as it came, whatever its version puts into it. */
const relayed = { ...declaration, replyBody: bytesBody };

/** Asked of the client on its own connection. */
export const getConsumerRunningInfo = ({ consumers }: Pick<BrokerParts, 'consumers'>) =>
  handle(relayed, [], async ({ header }) => {
    const { consumerGroup, clientId } = header;
    const who = `<${consumerGroup}> <${clientId}>`;
    const member = consumers.member(consumerGroup, clientId);
    if (member === undefined) return fail(ResponseCode.SYSTEM_ERROR, `The Consumer ${who} not online`);
    if (member.version < MQVersion.V3_1_8_SNAPSHOT) {
      const remark = `The Consumer <${clientId}> Version <${member.version}> too low to finish, please upgrade it`;
      return fail(ResponseCode.SYSTEM_ERROR, `${remark} to V3_1_8_SNAPSHOT`);
    }
    try {
      const reply = await member.connection.call(relayed, header, { timeout: callTimeout });
      return ok({}, { body: copied(reply.body) });
    } catch (error) {
      return refusalOf(error, who);
    }
  });

/** What a reply holds is a view into the receive buffer. */
function copied(body: Buffer | readonly Buffer[]): Buffer {
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
