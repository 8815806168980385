export { BodyCodecs, compressedFlags } from './body-codecs.js';
export type { BodyCodec } from './body-codec.js';
