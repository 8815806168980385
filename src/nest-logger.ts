import { Logger as NestLogger } from '@nestjs/common';
import { debuglog } from 'node:util';
import { formatLogLine, type Logger } from '../libs/common/src/index.js';

/**
 * Sends the lines of clients and servers to Nest's logger, so that the application's own logger gets them. Debug lines
 * only with NODE_DEBUG=rocketmq: Nest's logger prints them unless told otherwise, and servers have many.
 */
export function nestLogger(name: string, debugging = debuglog('rocketmq').enabled): Logger {
  const logger = new NestLogger(name);
  return {
    debug: (message, context) => debugging && logger.debug(formatLogLine(message, context)),
    info: (message, context) => logger.log(formatLogLine(message, context)),
    warn: (message, context) => logger.warn(formatLogLine(message, context)),
    error: (message, context) => logger.error(formatLogLine(message, context)),
  };
}
