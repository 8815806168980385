import { messageOf } from '../../common/src/index.js';
import { parseOffsetMessageId, ResponseCode } from '../../protocol/src/index.js';
import { fail, type Fail } from '../../remoting/src/index.js';
import type { BrokerParts } from './parts.js';

type Store = Pick<BrokerParts['store'], 'read'>;

/** The record at an offset of the log, or the refusal that Java's brokers answer with. */
export async function messageAt(store: Store, offset: number): Promise<Buffer | Fail<never>> {
  const record = await store.read(offset);
  return record ?? fail(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
}

/** The record that an offset message id names. */
export async function messageById(store: Store, msgId: string): Promise<Buffer | Fail<never>> {
  let offset: number;
  try {
    ({ offset } = parseOffsetMessageId(msgId));
  } catch (error) {
    return fail(ResponseCode.SYSTEM_ERROR, messageOf(error));
  }
  return messageAt(store, offset);
}
