import { deleteKvConfig as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const deleteKvConfig = ({ kv }: Pick<NamesrvParts, 'kv'>) =>
  handle(declaration, [], async ({ header: { namespace, key } }) => {
    await kv.delete(namespace, key);
    return ok({});
  });
