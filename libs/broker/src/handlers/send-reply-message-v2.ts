import { sendReplyMessageV2 as declaration } from '../../../protocol/src/index.js';
import { handle } from '../../../remoting/src/index.js';
import { ReplyHandler, type ReplyParts } from '../reply/reply-handler.js';
import { sendGuards } from '../send/send-handler.js';

export const sendReplyMessageV2 = (parts: ReplyParts) => {
  const handler = new ReplyHandler(parts);
  return handle(declaration, sendGuards(parts), (exchange) => handler.run(exchange));
};
