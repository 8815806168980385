import { BodyCodecs } from '../../client/src/compression/index.js';
import { Namespace } from '../../client/src/namespace.js';
import { PulledMessage, type PullOrigin } from '../../client/src/consumer/pulled-message.js';
import { decodeMessage, encodeMessage, type RecordInput } from '../../protocol/src/message/index.js';

const host = { ip: '127.0.0.1', port: 10911 };

/** A message record's fields; those not given are harmless. */
export function recordInput(fields: Partial<RecordInput>): RecordInput {
  return {
    queueId: 0,
    flag: 0,
    queueOffset: 0,
    physicalOffset: 0,
    sysFlag: 0,
    bornTimestamp: 1_700_000_000_000,
    bornHost: host,
    storeTimestamp: 1_700_000_000_001,
    storeHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from('body'),
    topic: 'T',
    properties: '',
    ...fields,
  };
}

/** A message as a consumer gets it: written down as a broker does, and read back. */
export function pulledMessage(fields: Partial<RecordInput> = {}, origin: Partial<PullOrigin> = {}): PulledMessage {
  return new PulledMessage(decodeMessage(encodeMessage(recordInput(fields))), {
    brokerName: 'broker-a',
    retryTopic: '%RETRY%g',
    maxBodySize: 1024 * 1024,
    codecs: new BodyCodecs(),
    namespace: new Namespace(''),
    minOffset: 0,
    maxOffset: 0,
    ...origin,
  });
}
