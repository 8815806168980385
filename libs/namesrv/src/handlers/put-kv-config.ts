import { putKvConfig as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const putKvConfig = ({ kv }: Pick<NamesrvParts, 'kv'>) =>
  handle(declaration, [], async ({ header: { namespace, key, value } }) => {
    if (await kv.put(namespace, key, value)) return ok({});
    return fail(ResponseCode.SYSTEM_ERROR, 'the KV configuration is full; delete entries that nobody needs');
  });
