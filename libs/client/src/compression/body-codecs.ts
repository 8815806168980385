import { RocketMQError, codeOf } from '../../../common/src/index.js';
import { MessageSysFlag } from '../../../protocol/src/message/index.js';
import type { CompressionType } from '../contract/index.js';
import type { BodyCodec } from './body-codec.js';
import { loadLz4Codec } from './lz4-codec.js';
import { zlibCodec } from './zlib-codec.js';
import { createZstdCodec } from './zstd-codec.js';

/** sysFlag of a body packed this way. As Java since 4.9.4, zlib is named, too. */
export const compressedFlags: Readonly<Record<CompressionType, number>> = {
  ZLIB: MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_ZLIB,
  LZ4: MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_LZ4,
  ZSTD: MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_ZSTD,
};

/**
 * The ways of packing bodies. LZ4 is a library of its own, which an application installs when it wants it, and which is
 * loaded when a message needs it.
 */
export class BodyCodecs {
  readonly #codecs = new Map<CompressionType, BodyCodec>([
    ['ZLIB', zlibCodec],
    ['ZSTD', createZstdCodec()],
  ]);
  #loading: Promise<void> | undefined;
  #missing: RocketMQError | undefined;

  constructor(private readonly loadLz4: () => Promise<BodyCodec> = loadLz4Codec) {}

  /** Resolves also when the library is missing or broken: `get` says so then. */
  load(type: CompressionType): Promise<void> {
    if (this.#codecs.has(type)) return Promise.resolve();
    this.#loading ??= this.#loadLz4();
    return this.#loading;
  }

  /** @throws RocketMQError UNSUPPORTED when it was not loaded, saying what to install. */
  get(type: CompressionType): BodyCodec {
    const codec = this.#codecs.get(type);
    if (codec !== undefined) return codec;
    throw this.#missing ?? new RocketMQError('UNSUPPORTED', `${type} is not loaded`);
  }

  /** Loads what the messages of a pull need; undefined when nothing is to be loaded. */
  loadFor(messages: readonly { readonly sysFlag: number }[]): Promise<void> | undefined {
    if (this.#codecs.has('LZ4') || this.#missing !== undefined) return undefined;
    return messages.some(({ sysFlag }) => isPackedWithLz4(sysFlag)) ? this.load('LZ4') : undefined;
  }

  /** @throws RocketMQError UNSUPPORTED; PROTOCOL_VIOLATION when the body is damaged or too large. */
  inflate(body: Buffer, sysFlag: number, maxSize: number): Buffer {
    const type = typeOf(sysFlag);
    if (type !== undefined) return this.get(type).inflate(body, maxSize);
    const bits = sysFlag & MessageSysFlag.COMPRESSION_MASK;
    throw new RocketMQError('UNSUPPORTED', `the body is packed in a way not known here (sysFlag bits ${bits})`);
  }

  async #loadLz4(): Promise<void> {
    try {
      this.#codecs.set('LZ4', await this.loadLz4());
    } catch (cause) {
      const why = `a library that could not be loaded (${codeOf(cause) ?? 'failed'}): install the package lz4-napi`;
      this.#missing = new RocketMQError('UNSUPPORTED', `a body packed with LZ4 needs ${why}`, { cause });
    }
  }
}

function isPackedWithLz4(sysFlag: number): boolean {
  const lz4 = compressedFlags.LZ4;
  return (sysFlag & (MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_MASK)) === lz4;
}

/** No type at all means zlib: senders older than 4.9.4 know no other. */
function typeOf(sysFlag: number): CompressionType | undefined {
  switch (sysFlag & MessageSysFlag.COMPRESSION_MASK) {
    case 0:
    case MessageSysFlag.COMPRESSION_ZLIB:
      return 'ZLIB';
    case MessageSysFlag.COMPRESSION_LZ4:
      return 'LZ4';
    case MessageSysFlag.COMPRESSION_ZSTD:
      return 'ZSTD';
    default:
      return undefined;
  }
}
