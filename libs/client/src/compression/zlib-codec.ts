import { promisify } from 'node:util';
import { deflate, deflateSync, inflateSync } from 'node:zlib';
import { codeOf } from '../../../common/src/index.js';
import { compressInThreadPoolFrom, damaged, overLimit, type BodyCodec } from './body-codec.js';

const deflateInThreadPool = promisify(deflate);

/** Node's own. */
export const zlibCodec: BodyCodec = {
  compress(body, level) {
    return body.length < compressInThreadPoolFrom ? deflateSync(body, { level }) : deflateInThreadPool(body, { level });
  },
  inflate(bytes, maxSize) {
    try {
      return inflateSync(bytes, { maxOutputLength: maxSize });
    } catch (error) {
      if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw overLimit(maxSize);
      throw damaged('ZLIB', codeOf(error) ?? 'damaged', error);
    }
  },
};
