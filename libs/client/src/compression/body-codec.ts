import { RocketMQError } from '../../../common/src/index.js';
import type { CompressionType } from '../contract/index.js';

/** One way of packing bodies. */
export interface BodyCodec {
  /** A promise where it is done off the event loop. @param level between the least and the most of this way */
  compress(body: Buffer, level: number): Buffer | Promise<Buffer>;
  /** @throws RocketMQError PROTOCOL_VIOLATION when the bytes are damaged, or hold more than `maxSize` bytes. */
  inflate(bytes: Buffer, maxSize: number): Buffer;
}

/** Compressing more than this would hold up the event loop for milliseconds: it goes to the thread pool. */
export const compressInThreadPoolFrom = 64 * 1024;

export function overLimit(maxSize: number): RocketMQError {
  return new RocketMQError('PROTOCOL_VIOLATION', `decompressed size over limit ${maxSize} (maxDecompressedSize)`);
}

export function damaged(type: CompressionType, detail: string, cause?: unknown): RocketMQError {
  const what = type === 'ZLIB' ? 'zlib stream' : `${type} frame`;
  return new RocketMQError('PROTOCOL_VIOLATION', `the body is no ${what} (${detail})`, { cause });
}
