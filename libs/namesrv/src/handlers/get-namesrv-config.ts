import { getNamesrvConfig as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const getNamesrvConfig = ({ liveConfig }: Pick<NamesrvParts, 'liveConfig'>) =>
  handle(declaration, [], () => ok({}, { body: liveConfig.text() }));
