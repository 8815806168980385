import { defaultVersion, ReplyDecoder, type SerializerCode } from '../../protocol/src/index.js';
import type { RemotingOptions } from './options.js';
import { Router } from './router.js';
import type { Endpoint } from './socket-connection.js';

export const defaultIdleTimeout = 120_000;

/** The shared part of a server or client. @throws RocketMQError ARGUMENT_INVALID when two handlers serve one code */
export function createEndpoint(
  options: RemotingOptions,
  defaults: { readonly language: number; readonly serializer: SerializerCode; readonly maxHeader: number },
): Endpoint {
  let lastConnectionId = 0;
  return {
    clock: options.clock,
    log: options.log,
    router: new Router(options.handlers, options.log, defaults.maxHeader),
    replies: new ReplyDecoder(defaults.maxHeader),
    language: options.language ?? defaults.language,
    version: options.version ?? defaultVersion,
    serializer: defaults.serializer,
    maxInFlight: options.maxInFlight ?? 65_535,
    maxPendingBytes: options.maxPendingBytes ?? 16 * 1024 * 1024,
    nextConnectionId: () => ++lastConnectionId,
  };
}
