import { queryDataVersion as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const queryDataVersion = ({ routes }: Pick<NamesrvParts, 'routes'>) =>
  handle(declaration, [], (exchange) => {
    const { header } = exchange;
    const changed = routes.isChanged(header, exchange.body());
    routes.touch(header);
    const known = routes.dataVersionOf(header);
    return ok({ changed }, known && { body: known });
  });
