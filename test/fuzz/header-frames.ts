import { ByteSink, encodeHead, Serializer, type AnyDeclaration } from '../../libs/protocol/src/index.js';

type Random = () => number;
type Pair = readonly [key: string, value: string];

/** What one client sends for one request: the next frame is mostly like the last one. */
interface Client {
  readonly declaration: AnyDeclaration;
  readonly isJson: boolean;
  pairs: readonly Pair[];
  version: number;
}

// prettier-ignore
const texts = [
  '', 'T', 'topic', 'TBW102', '%RETRY%group', 'UNIQ_KEY\u00017F0000010A2B18B4AAC21600\u0002WAIT\u0001true\u0002TAGS\u0001a\u0002',
  'KEYS\u0001k "quoted" \\ / \b\f\n\r\t\u0002', 'größe', '漢字', '😀', '\ud83d', '\u0000\u001f\u007f\u0080\u07ff\uffff',
  '__proto__', '"', '\\', '\\u0041', 'x'.repeat(300), '\u2028', '{"code":1}', ',', '}',
];
// prettier-ignore
const numbers = [
  '0', '-0', '-1', '7', '007', '2147483647', '2147483648', '-2147483648', '-2147483649', '1700000000000', '999999999999999',
  '9007199254740993', '9223372036854775807', '9223372036854775808', '+5', '1.5', '1e3', '', ' 1', '0x10',
];
const booleans = ['true', 'false', 'TRUE', 'False', '', '1', 'yes'];
const oddJson = ['null', '[]', '{}', '{"x":[1,{"y":2}]}', '-', '01', '1.0', '1e2', 'tru', '"\\x"', '"\\ud800"', '"\t"'];
const languages = ['"JAVA"', '"GO"', '"CPP"', '"COBOL"', '0', 'null', '"J\\u0041VA"'];

/** Frames of the given requests, as clients send them and as nobody should, the same ones for the same seed. */
export class HeaderFrames {
  private readonly clients: Client[];

  constructor(
    declarations: readonly AnyDeclaration[],
    private readonly random: Random,
  ) {
    this.clients = declarations.flatMap((declaration) =>
      [true, true, false].map((isJson) => ({ declaration, isJson, pairs: this.pairsOf(declaration), version: 407 })),
    );
  }

  /** One frame without its length word. */
  next(): { readonly declaration: AnyDeclaration; readonly frame: Buffer } {
    const client = this.pick(this.clients);
    this.change(client);
    const { declaration, isJson } = client;
    const frame = isJson ? this.jsonFrame(client) : this.binaryFrame(client);
    return { declaration, frame: this.chance(0.2) ? this.damaged(frame) : frame };
  }

  private change(client: Client): void {
    const { declaration } = client;
    const { random } = this;
    if (this.chance(0.02)) client.version = this.pick([407, 477, -1, 0]);
    if (this.chance(0.02)) client.pairs = this.pairsOf(declaration);
    const at = Math.floor(random() * client.pairs.length);
    const [key] = client.pairs[at] ?? [''];
    const replaced = (pair: Pair): readonly Pair[] => client.pairs.map((old, i) => (i === at ? pair : old));
    if (this.chance(0.7)) client.pairs = replaced([key, this.valueOf(declaration, key)]);
    if (this.chance(0.02)) client.pairs = client.pairs.toSorted(() => random() - 0.5);
    if (this.chance(0.02))
      client.pairs = [
        ...client.pairs,
        this.pick([
          [key, 'again'],
          ['unknown', 'x'],
          ['', 'y'],
        ]),
      ];
    if (this.chance(0.02)) client.pairs = client.pairs.filter((_, i) => i !== at);
  }

  /** Every field, or only some. */
  private pairsOf(declaration: AnyDeclaration): Pair[] {
    const isWhole = this.chance(0.9);
    return Object.entries(declaration.header)
      .filter(() => isWhole || this.chance(0.8))
      .map(([name, { wireKey = name, aliases }]): Pair => {
        const key = aliases.length > 0 && this.chance(0.1) ? (aliases[0] as string) : wireKey;
        return [key, this.valueOf(declaration, key)];
      });
  }

  private valueOf(declaration: AnyDeclaration, key: string): string {
    const field = Object.entries(declaration.header).find(([name, { wireKey = name }]) => wireKey === key)?.[1];
    if (this.chance(0.01)) return this.pick([...texts, ...numbers, ...booleans]);
    switch (field?.kind) {
      case 'int':
      case 'long':
        return this.chance(0.98)
          ? String(Math.floor(this.random() * 10 ** (1 + this.random() * 9)))
          : this.pick(numbers);
      case 'bool':
        return this.chance(0.98) ? this.pick(['true', 'false']) : this.pick(booleans);
      default:
        return this.pick(texts);
    }
  }

  private jsonFrame({ declaration, pairs, version }: Client): Buffer {
    const ext = pairs.map(([key, value]) => `${this.jsonText(key)}:${this.jsonValue(value)}`).join(',');
    const opaque = this.chance(0.95)
      ? Math.floor(this.random() * 2 ** 31)
      : this.pick(['-7', '"5"', '2147483648', '1.5']);
    const members = [
      `"code":${declaration.code}`,
      `"extFields":${this.chance(0.99) ? `{${ext}}` : this.pick(oddJson)}`,
      `"flag":${this.chance(0.95) ? 0 : this.pick(['1', '2', '"0"', '-1'])}`,
      `"language":${this.chance(0.95) ? '"JAVA"' : this.pick(languages)}`,
      `"opaque":${opaque}`,
      ...(this.chance(0.03) ? [`"remark":${this.jsonText(this.pick(texts))}`] : []),
      '"serializeTypeCurrentRPC":"JSON"',
      `"version":${version}`,
      ...(this.chance(0.01) ? [this.pick(['"flag":2', '"x":{"y":[]}', '"opaque":3'])] : []),
    ];
    if (this.chance(0.03)) members.sort(() => this.random() - 0.5);
    const blank = this.chance(0.97) ? '' : this.pick([' ', '\n', '\t ']);
    return framed(Serializer.JSON, `{${blank}${members.join(`,${blank}`)}${blank}}`);
  }

  private jsonValue(value: string): string {
    if (this.chance(0.1) && /^-?(0|[1-9]\d*)$|^(true|false)$/.test(value)) return value;
    return this.chance(0.003) ? this.pick(oddJson) : this.jsonText(value);
  }

  /** Escapes are written in several ways; what needs none may have one. */
  private jsonText(text: string): string {
    if (this.chance(0.9)) return JSON.stringify(text);
    const escaped = Array.from({ length: text.length }, (_, i) => {
      const unit = text.charCodeAt(i);
      const isPlain = unit >= 0x20 && unit !== 0x22 && unit !== 0x5c && (unit < 0xd800 || unit > 0xdfff);
      if (isPlain && this.chance(0.7)) return text[i];
      if (text[i] === '/' && this.chance(0.5)) return '\\/';
      const digits = unit.toString(16).padStart(4, '0');
      return `\\u${this.chance(0.5) ? digits.toUpperCase() : digits}`;
    });
    return `"${escaped.join('')}"`;
  }

  private binaryFrame({ declaration, pairs, version }: Client): Buffer {
    const sink = new ByteSink();
    const opaque = Math.floor(this.random() * 2 ** 32) | 0;
    const flag = this.chance(0.95) ? 0 : this.pick([1, 2, -1]);
    const remark = this.chance(0.98) ? '' : 'why';
    const language = this.chance(0.95) ? 0 : this.pick([9, 200]);
    const head = { code: declaration.code, language, version, opaque, flag, remark, serializer: Serializer.ROCKETMQ };
    encodeHead(sink, head, pairs, 0);
    return Buffer.concat([sink.written().subarray(4), body]);
  }

  /** Cut, or with some bytes changed. */
  private damaged(frame: Buffer): Buffer {
    if (this.chance(0.3)) return frame.subarray(0, 4 + Math.floor(this.random() * (frame.length - 4)));
    for (let changes = this.pick([1, 1, 2, 3]); changes > 0; changes--) {
      frame[Math.floor(this.random() * frame.length)] = this.pick([0, 0x22, 0x2c, 0x5c, 0x7d, 0x30, 0x80, 0xff]);
    }
    return frame;
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)] as T;
  }
}

const body = Buffer.from('body');

function framed(serializer: number, header: string): Buffer {
  const bytes = Buffer.from(header);
  const word = Buffer.alloc(4);
  word.writeUInt32BE((serializer << 24) | bytes.length);
  return Buffer.concat([word, bytes, body]);
}
