import {
  propertyOf,
  MessageProperty,
  ResponseCode,
  resumeCheckHalfMessage as declaration,
} from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import { appended, isStored } from '../appending.js';
import type { BrokerParts } from '../parts.js';
import { resumedMessage } from '../transaction/half-message.js';
import { messageById } from '../message-by-id.js';

/**
 * An operator lets a half message that was given up be asked about anew: a copy goes back into the half topic. Java takes
 * whatever message the id names; here it has to be one that was given up.
 */
export const resumeCheckHalfMessage = ({ store, log }: Pick<BrokerParts, 'store' | 'log'>) =>
  handle(declaration, [], async ({ header: { msgId = '' } }) => {
    const record = await messageById(store, msgId);
    if (!Buffer.isBuffer(record)) return record;
    const resumed = resumedMessage(record);
    if ('problem' in resumed) return fail(ResponseCode.SYSTEM_ERROR, resumed.problem);
    const result = await appended(store, resumed);
    if (!isStored(result)) {
      const remark = `Put message back to RMQ_SYS_TRANS_HALF_TOPIC failed: ${result.reason}`;
      return fail(ResponseCode.SYSTEM_ERROR, remark);
    }
    const topic = propertyOf(String(resumed.properties), MessageProperty.REAL_TOPIC);
    log.info('a half message will be asked about again', { msgId, topic });
    return ok({});
  });
