import type { MessageTrace } from '../contract/index.js';
import { fieldEnd, recordEnd } from './trace-record.js';

type Facts = Omit<MessageTrace, 'kind' | 'clientHost'>;
type Place = keyof Facts | undefined;

const ofSender: readonly Place[] = ['timeStamp', undefined, 'group', 'topic', 'msgId', 'tags', 'keys', 'storeHost'];

/** Where a kind of trace keeps what, behind its name; older clients leave the last ones out. */
const places: Readonly<Record<MessageTrace['kind'], readonly Place[]>> = {
  Pub: [...ofSender, undefined, 'costTime', undefined, 'offsetMsgId', 'success'],
  SubBefore: ['timeStamp', undefined, 'group', 'requestId', 'msgId', 'retryTimes', 'keys'],
  SubAfter: ['requestId', 'msgId', 'costTime', 'success', 'keys', undefined, 'timeStamp', 'group'],
  EndTransaction: [...ofSender, undefined, undefined, 'transactionState'],
  Recall: ['timeStamp', undefined, 'group', 'topic', 'msgId', 'success'],
};

/** What the body of a trace message tells, of any client; records that cannot be read are left out. */
export function decodeTraces(body: string, clientHost: string): MessageTrace[] {
  return body.split(recordEnd).flatMap((line) => {
    const [kind = '', ...fields] = line.split(fieldEnd);
    return isKind(kind) ? [traceOf(kind, fields, clientHost)] : [];
  });
}

function traceOf(kind: MessageTrace['kind'], fields: readonly string[], clientHost: string): MessageTrace {
  const facts: Partial<Record<keyof Facts, string>> = {};
  placesOf(kind, fields.length).forEach((name, i) => {
    const value = fields[i];
    // Java writes what is not there as the word.
    if (name !== undefined && value !== undefined && value !== 'null') facts[name] = value;
  });
  const { msgId = '', group, topic, tags, keys, storeHost, offsetMsgId, requestId, transactionState } = facts;
  const { timeStamp, costTime, success, retryTimes } = facts;
  return {
    kind,
    clientHost,
    msgId,
    group,
    topic,
    tags,
    keys,
    storeHost,
    offsetMsgId,
    requestId,
    transactionState,
    timeStamp: numberOf(timeStamp),
    costTime: numberOf(costTime),
    retryTimes: numberOf(retryTimes),
    success: success === undefined ? undefined : success === 'true',
  };
}

/** Clients before 4.4 wrote no offset id. */
function placesOf(kind: MessageTrace['kind'], count: number): readonly Place[] {
  const known = places[kind];
  return kind === 'Pub' && count === known.length - 1 ? known.filter((name) => name !== 'offsetMsgId') : known;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,16}$/.test(text) ? Number(text) : undefined;
}

function isKind(kind: string): kind is MessageTrace['kind'] {
  return Object.hasOwn(places, kind);
}
