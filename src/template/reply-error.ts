import { types } from 'node:util';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { ReceivedMessage } from '../../libs/client/src/index.js';

/** The user property that says what a reply is: `error`, or nothing. Whoever does not know it reads the body alone. */
export const replyStatusProperty = 'replyStatus';
export const errorStatus = 'error';

/** A request was handled, and answered with an error. */
export class RocketMQReplyError extends RocketMQError {
  /** What was answered: of a Nest microservice what its filters made of the error, by default `{ status, message }`. */
  readonly response: unknown;

  constructor(response: unknown) {
    super(
      'REPLIED_WITH_ERROR',
      typeof response === 'object' && response !== null ? messageIn(response) : String(response),
    );
    this.name = 'RocketMQReplyError';
    this.response = response;
  }
}

export function isErrorReply({ properties }: ReceivedMessage): boolean {
  return properties.get(replyStatusProperty) === errorStatus;
}

/** What a reply says of an error: RPC errors, which are plain objects, as they are; of others no more than their message. */
export function errorResponse(error: unknown): object {
  const isRpcError = typeof error === 'object' && error !== null && !types.isNativeError(error);
  return isRpcError ? error : { status: errorStatus, message: messageOf(error) };
}

function messageIn(response: object): string {
  return 'message' in response && typeof response.message === 'string' ? response.message : 'The reply is an error';
}
