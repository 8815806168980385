import { unregisterBroker as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const unregisterBroker = ({ routes }: Pick<NamesrvParts, 'routes'>) =>
  handle(declaration, [], ({ header }) => {
    routes.unregister(header);
    return ok({});
  });
