import { sendBatchMessage as declaration } from '../../../protocol/src/index.js';
import { handle } from '../../../remoting/src/index.js';
import { SendHandler, sendGuards, type SendParts } from '../send/send-handler.js';

export const sendBatchMessage = (parts: SendParts) => {
  const handler = new SendHandler(parts);
  return handle(declaration, sendGuards(parts), (exchange) => handler.run(exchange), { borrowsFrame: true });
};
