import { Serializer } from '../../libs/protocol/src/index.js';

const codeAt = '{"code":'.length;
const opaqueKey = Buffer.from('"opaque":');

/** What a load reads of every reply, without making an object for each. */
export class ReplyHead {
  code = 0;
  opaque = 0;
  headerAt = 0;
  bodyAt = 0;

  /** Of the frame whose length word ends at `at`. Our broker and Java's both begin a JSON header with the code. */
  read(bytes: Buffer, at: number): void {
    const headerAt = at + 4;
    this.headerAt = headerAt;
    this.bodyAt = headerAt + bytes.readUIntBE(at + 1, 3);
    if (bytes[at] === Serializer.JSON) {
      this.code = digitsAt(bytes, headerAt + codeAt);
      this.opaque = digitsAt(bytes, bytes.indexOf(opaqueKey, headerAt) + opaqueKey.length);
    } else {
      this.code = bytes.readInt16BE(headerAt);
      this.opaque = bytes.readInt32BE(headerAt + 5);
    }
  }
}

/** @throws Error where there is none. */
function digitsAt(bytes: Buffer, from: number): number {
  let at = from;
  let value = 0;
  for (let c = bytes[at] as number; c >= 48 && c <= 57; c = bytes[++at] as number) value = value * 10 + c - 48;
  if (at === from) throw new Error(`not a reply: ${bytes.toString('latin1', from - 20, from + 200)}`);
  return value;
}
