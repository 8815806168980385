import {
  MessageProperty,
  messageMagic,
  withProperty,
  type RecordHost,
} from '../../../../protocol/src/message/index.js';
import type { RequestHeader, pushReplyMessageToClient } from '../../../../protocol/src/index.js';
import type { ClientCore } from '../../client-core.js';
import { PulledMessage } from '../../consumer/pulled-message.js';

/** A reply as a broker hands it over: no record, but all that a record would say of it but its place. */
export function pushedReply(
  header: RequestHeader<typeof pushReplyMessageToClient>,
  body: Buffer,
  core: Pick<ClientCore, 'settings' | 'codecs' | 'clock'>,
): PulledMessage {
  const { settings, codecs, clock } = core;
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
    properties: withProperty(header.properties ?? '', MessageProperty.ARRIVE_TIME, String(clock.now())),
  };
  return new PulledMessage(record, {
    brokerName: '',
    retryTopic: undefined,
    maxBodySize: settings.maxDecompressedSize,
    codecs,
    namespace: settings.namespace,
    minOffset: undefined,
    maxOffset: undefined,
  });
}

/** Java writes IPv6 without brackets. */
function hostOf(text: string): RecordHost {
  const at = text.lastIndexOf(':');
  const ip = text.slice(0, at).replace(/^\[|\]$/g, '');
  return { ip, port: Number(text.slice(at + 1)) || 0 };
}
