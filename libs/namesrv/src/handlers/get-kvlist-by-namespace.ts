import { getKvlistByNamespace as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const getKvlistByNamespace = ({ kv }: Pick<NamesrvParts, 'kv'>) =>
  handle(declaration, [], ({ header: { namespace } }) => {
    const table = kv.namespace(namespace);
    if (table !== undefined) return ok({}, { body: { table } });
    return fail(ResponseCode.QUERY_NOT_FOUND, `No config item, Namespace: ${namespace}`);
  });
