import { messageOf } from '../../../common/src/index.js';
import {
  getConsumerStatusFromClient,
  invokeBrokerToGetConsumerStatus as declaration,
  MQVersion,
  ResponseCode,
  type ConsumerStatus,
} from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

const callTimeout = 5000;

/** All members are asked at once; one that does not answer is left out. */
export const invokeBrokerToGetConsumerStatus = ({ consumers, log }: Pick<BrokerParts, 'consumers' | 'log'>) =>
  handle(declaration, [], async ({ header: { topic, group, clientAddr = '' } }) => {
    const members = [...(consumers.group(group)?.members.values() ?? [])];
    if (members.length === 0) {
      return fail(ResponseCode.SYSTEM_ERROR, `No Any Consumer online in the consumer group: [${group}]`);
    }
    const old = members.find(({ version }) => version < MQVersion.V3_0_7_SNAPSHOT);
    if (old !== undefined) {
      return fail(ResponseCode.SYSTEM_ERROR, `the client does not support this feature. version=${old.version}`);
    }
    const consumerTable = new Map<string, ConsumerStatus['messageQueueTable']>();
    const ask = async ({ clientId, connection }: (typeof members)[number]): Promise<void> => {
      try {
        const reply = await connection.call(getConsumerStatusFromClient, { topic, group }, { timeout: callTimeout });
        consumerTable.set(clientId, reply.body.messageQueueTable);
      } catch (error) {
        log.warn('a consumer did not tell its offsets', { group, topic, clientId, error: messageOf(error) });
      }
    };
    const asked = clientAddr.trim() === '' ? members : members.filter(({ clientId }) => clientId === clientAddr);
    await Promise.all(asked.map(ask));
    return ok({}, { body: { consumerTable, messageQueueTable: [] } });
  });
