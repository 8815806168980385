import { pullMessage as declaration } from '../../../protocol/src/index.js';
import { handle } from '../../../remoting/src/index.js';
import { PullHandler, pullGuards, type PullParts } from '../pull/pull-handler.js';

export const pullMessage = (parts: PullParts) => {
  const handler = new PullHandler(parts);
  return handle(declaration, pullGuards(parts), (exchange) => handler.run(exchange), { borrowsFrame: true });
};
