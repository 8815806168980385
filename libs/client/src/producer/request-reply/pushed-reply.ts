import {
  MessageProperty,
  messageMagic,
  withProperty,
  type RecordHost,
} from '../../../../protocol/src/message/index.js';
import type { RequestHeader, pushReplyMessageToClient } from '../../../../protocol/src/index.js';
import type { ClientCore } from '../../client-core.js';
import { PulledMessage, originOf } from '../../consumer/pulled-message.js';

/** A reply as a broker hands it over: no record, but all that a record would say of it but its place. */
export function pushedReply(
  header: RequestHeader<typeof pushReplyMessageToClient>,
  body: Buffer,
  core: Pick<ClientCore, 'settings' | 'codecs' | 'clock'>,
): PulledMessage {
  const record = {
    totalSize: body.length,
    magic: messageMagic,
    bodyCrc: 0,
    queueId: header.queueId,
    flag: header.flag,
    queueOffset: 0,
    physicalOffset: 0,
    sysFlag: header.sysFlag,
    bornTimestamp: header.bornTimestamp,
    bornHost: hostOf(header.bornHost),
    storeTimestamp: header.storeTimestamp,
    storeHost: hostOf(header.storeHost),
    reconsumeTimes: header.reconsumeTimes,
    preparedTransactionOffset: 0,
    body,
    topic: header.topic,
    properties: withProperty(header.properties ?? '', MessageProperty.ARRIVE_TIME, String(core.clock.now())),
  };
  return new PulledMessage(record, originOf(core, ''));
}

/** Java writes IPv6 without brackets. */
function hostOf(text: string): RecordHost {
  const at = text.lastIndexOf(':');
  const ip = text.slice(0, at).replace(/^\[|\]$/g, '');
  return { ip, port: Number(text.slice(at + 1)) || 0 };
}
