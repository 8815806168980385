import { readJson, writeJson, type Shape } from '../../../protocol/src/index.js';

/** Our own files may be larger than anything that comes over the wire. */
const fileLimits = { maxLength: 512 * 1024 * 1024, maxDepth: 64, maxValues: 64_000_000 };

/** A table as Apache writes it into its files: fastjson's pretty form. */
export function tableToText<T>(shape: Shape<T>, table: T): string {
  return writeJson(shape.write(table) ?? null, 'pretty');
}

/** @throws RocketMQError PROTOCOL_VIOLATION naming what is wrong. */
export function textToTable<T>(shape: Shape<T>, text: string): T {
  return shape.read(readJson(text, fileLimits), '$');
}
