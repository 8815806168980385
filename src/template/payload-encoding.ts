import { messageOf, RocketMQError } from '../../libs/common/src/index.js';

/**
 * Text goes as UTF-8, bytes as they are, anything else as JSON.
 *
 * @throws RocketMQError ARGUMENT_INVALID when there is nothing to send, or JSON cannot hold it.
 */
export function encodePayload(payload: unknown): Buffer | string {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload;
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload === undefined || payload === null) {
    throw new RocketMQError('ARGUMENT_INVALID', `payload is ${String(payload)}; send a text, bytes or an object`);
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    throw new RocketMQError('ARGUMENT_INVALID', `payload cannot be written as JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (text === undefined) {
    throw new RocketMQError('ARGUMENT_INVALID', `payload is a ${typeof payload}, which JSON cannot hold`);
  }
  return text;
}
