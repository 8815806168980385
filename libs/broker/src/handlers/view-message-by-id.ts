import { ResponseCode, viewMessageById as declaration } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const viewMessageById = ({ store }: Pick<BrokerParts, 'store'>) =>
  handle(declaration, [], async ({ header: { offset } }) => {
    const record = await store.read(offset);
    if (record) return ok({}, { body: record });
    return fail(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
  });
