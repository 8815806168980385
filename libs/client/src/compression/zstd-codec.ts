import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { RocketMQError, codeOf, messageOf } from '../../../common/src/index.js';
import { compressInThreadPoolFrom, damaged, overLimit, type BodyCodec } from './body-codec.js';
import { headOfZstd } from './zstd-frame.js';

type Options = { readonly params?: Readonly<Record<number, number>>; readonly maxOutputLength?: number };

/** What Node has since 22.15. */
interface NodeZstd {
  zstdCompress(body: Buffer, options: Options, done: (error: Error | null, bytes: Buffer) => void): void;
  zstdCompressSync(body: Buffer, options: Options): Buffer;
  zstdDecompressSync(bytes: Buffer, options: Options): Buffer;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

/** zstd's own limit. */
const largestWindow = 128 * 1024 * 1024;

/** Node's own zstd where it has one. Elsewhere fzstd reads, and @hpcc-js/wasm-zstd writes when it is installed. */
export function createZstdCodec(node: object = zlib): BodyCodec {
  return 'zstdCompressSync' in node ? nodeCodec(node as NodeZstd) : { compress: compressByWasm, inflate };
}

function nodeCodec(node: NodeZstd): BodyCodec {
  const inThreadPool = promisify<Buffer, Options, Buffer>((body, options, done) =>
    node.zstdCompress(body, options, done as (error: Error | null, bytes: Buffer) => void),
  );
  return {
    compress(body, level) {
      const options = { params: { [node.constants.ZSTD_c_compressionLevel]: level } };
      return body.length < compressInThreadPoolFrom
        ? node.zstdCompressSync(body, options)
        : inThreadPool(body, options);
    },
    inflate(bytes, maxSize) {
      try {
        return node.zstdDecompressSync(bytes, { maxOutputLength: maxSize });
      } catch (error) {
        if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw overLimit(maxSize);
        throw damaged('ZSTD', codeOf(error) ?? messageOf(error), error);
      }
    },
  };
}

/** On the event loop whatever the size: it has no other thread. */
async function compressByWasm(body: Buffer, level: number): Promise<Buffer> {
  try {
    const { Zstd } = await import('@hpcc-js/wasm-zstd');
    return bufferOf((await Zstd.load()).compress(body, level));
  } catch (cause) {
    const text =
      'compressType ZSTD needs a library that could not be loaded: run Node.js 22.15 or later, or install the package @hpcc-js/wasm-zstd';
    throw new RocketMQError('UNSUPPORTED', text, { cause });
  }
}

function inflate(bytes: Buffer, maxSize: number): Buffer {
  // Before anything is inflated, room is made for what the frame claims.
  const { window, size } = headOfZstd(bytes);
  if (size !== undefined && size > maxSize) throw overLimit(maxSize);
  if (window > largestWindow) throw damaged('ZSTD', `a window of ${window} bytes`);
  const parts: Buffer[] = [];
  let total = 0;
  let isWhole = false;
  const reader = new Decompress((part, isLast) => {
    total += part.length;
    if (total > maxSize) throw overLimit(maxSize);
    parts.push(bufferOf(part));
    isWhole = isLast === true;
  });
  try {
    reader.push(bytes, true);
  } catch (error) {
    if (total > maxSize) throw error;
    throw damaged('ZSTD', messageOf(error), error);
  }
  if (!isWhole) throw damaged('ZSTD', 'cut off');
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, total);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
