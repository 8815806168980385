import { getKvConfig as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const getKvConfig = ({ kv }: Pick<NamesrvParts, 'kv'>) =>
  handle(declaration, [], ({ header: { namespace, key } }) => {
    const value = kv.get(namespace, key);
    if (value !== undefined) return ok({ value });
    return fail(ResponseCode.QUERY_NOT_FOUND, `No config item, Namespace: ${namespace} Key: ${key}`);
  });
