import { viewMessageById as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { messageAt } from '../message-by-id.js';

export const viewMessageById = ({ store }: Pick<BrokerParts, 'store'>) =>
  handle(declaration, [], async ({ header: { offset } }) => {
    const record = await messageAt(store, offset);
    return Buffer.isBuffer(record) ? ok({}, { body: record }) : record;
  });
