import { messageOf } from '../../../common/src/index.js';
import { compressInThreadPoolFrom, damaged, overLimit, type BodyCodec } from './body-codec.js';
import { inflatedSizeOfLz4 } from './lz4-frame.js';

/** LZ4 frames by lz4-napi, when it is installed. LZ4 has no levels here, as in Java. */
export async function loadLz4Codec(): Promise<BodyCodec> {
  const { compressFrame, compressFrameSync, decompressFrameSync } = await import('lz4-napi');
  return {
    compress: (body) => (body.length < compressInThreadPoolFrom ? compressFrameSync(body) : compressFrame(body)),
    inflate(bytes, maxSize) {
      // The library inflates whatever comes: what will come is counted first.
      const size = inflatedSizeOfLz4(bytes, maxSize);
      if (size > maxSize) throw overLimit(maxSize);
      try {
        return decompressFrameSync(bytes);
      } catch (error) {
        throw damaged('LZ4', messageOf(error), error);
      }
    },
  };
}
