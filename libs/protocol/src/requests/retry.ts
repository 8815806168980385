import { bytesBody, consumeDirectlyBody } from '../bodies/index.js';
import { request, unsupported, type Row } from '../declaration.js';
import { bool, int, long, text } from '../field.js';

export const consumerSendMsgBack = request('CONSUMER_SEND_MSG_BACK', {
  code: 36,
  server: 'broker',
  note: 'A consumer gives a message back: to come again after a delay, or for the dead-letter topic of its group.',
  headerClass: 'ConsumerSendMsgBackRequestHeader',
  header: {
    /** Where the message lies in the commit log. */
    offset: long(),
    group: text(),
    /** Below 0 = dead letter; 0 = 3 + how often it came already. */
    delayLevel: int(),
    originMsgId: text().optional(),
    originTopic: text().optional(),
    unitMode: bool().or(false),
    /** Absent: the group's retryMaxTimes. */
    maxReconsumeTimes: int().optional(),
    bname: text().optional(),
  },
  access: [{ resource: 'group', field: 'group', action: 'SUB' }],
});

export const consumeMessageDirectly = request('CONSUME_MESSAGE_DIRECTLY', {
  code: 309,
  server: ['broker', 'client'],
  note: 'Hands one message to one consumer; a broker reads it by its id and passes it on to the client.',
  headerClass: 'ConsumeMessageDirectlyResultRequestHeader',
  header: {
    consumerGroup: text(),
    clientId: text().optional(),
    /** Offset id. */
    msgId: text().optional(),
    brokerName: text().optional(),
    /** These three since 5.0. */
    topic: text().optional(),
    topicSysFlag: int().optional(),
    groupSysFlag: int().optional(),
    bname: text().optional(),
  },
  /** The record, as in a pull reply; only on the way to the client. */
  requestBody: bytesBody,
  replyBody: consumeDirectlyBody,
  access: [{ resource: 'group', field: 'consumerGroup', action: 'UPDATE' }],
});

export const retryRequests: readonly Row[] = [
  consumerSendMsgBack,
  unsupported('CONSUME_MESSAGE_DIRECTLY', 309, 'client', 'handing a chosen message to a chosen consumer is not served'),
];
