import { queryMessage as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** Set by clients that ask for a unique key: then not they, but the broker says how many messages at most. */
const uniqueKeyFlag = '_UNIQUE_KEY_QUERY';

export const queryMessage = ({ config, store }: Pick<BrokerParts, 'config' | 'store'>) =>
  handle(declaration, [], async ({ header, ext }) => {
    const { topic, key, beginTimestamp: begin, endTimestamp: end } = header;
    const maxMessages = String(ext[uniqueKeyFlag]) === 'true' ? config.defaultQueryMaxNum : header.maxNum;
    if (maxMessages < 0) return fail(ResponseCode.SYSTEM_ERROR, `maxNum is ${maxMessages}: it must not be negative`);
    const { records, ...last } = await store.query({ topic, key, maxMessages, begin, end });
    const reply = {
      indexLastUpdateTimestamp: last.indexLastUpdateTimestamp,
      indexLastUpdatePhyoffset: last.indexLastUpdatePhyOffset,
    };
    if (records.length > 0) return ok(reply, { body: records });
    return fail(ResponseCode.QUERY_NOT_FOUND, 'can not find message, maybe time range not correct', reply);
  });
