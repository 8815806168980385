/*
 * HOT PATH. The properties of a message on its way into the log, seen once as bytes: which of them decide something here,
 * and what is stored in their place. Copies them once, into memory that the next message's go into; allocates nothing but
 * the values of the rare ones. Benchmark: send.
 *
 * Stored as the release we present stores them: 4.9 adds CLUSTER and takes WAIT out, 5.x adds MSG_REGION and TRACE_ON too
 * and leaves WAIT in; 4.9 ends the text without a separator, 5.x with one. UNIQ_KEY is added when the sender gave none.
 */
import { encodeProperties, MessageProperty, tagsCode, Utf8Text, type ByteRange } from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { delayLevelOf } from '../delay/delayed-message.js';

const pairEnd = 2;

/** A property that asks for what is not served: to store it as if ordinary would be to lose what was asked. */
export interface RefusedProperty {
  readonly name: string;
  readonly reason: string;
}

const trueText = Buffer.from('true');
const head = (name: string): Buffer => Buffer.from(`${name}\u0001`);
const heads = {
  tags: head(MessageProperty.TAGS),
  transaction: head(MessageProperty.TRAN_MSG),
  traceOn: head(MessageProperty.TRACE_ON),
  timer: Buffer.from('TIMER_'),
  uniqueKey: head(MessageProperty.UNIQ_KEY),
  wait: head(MessageProperty.WAIT),
  delay: head(MessageProperty.DELAY),
  inner: Buffer.from('INNER_'),
  cluster: head(MessageProperty.CLUSTER),
  region: head(MessageProperty.MSG_REGION),
  realTopic: head(MessageProperty.REAL_TOPIC),
  realQueue: head(MessageProperty.REAL_QID),
  popCheck: head(MessageProperty.POP_CK),
};

/** Of one message at a time. */
export class SentProperties {
  /** The text to store. */
  readonly stored = new Utf8Text(Buffer.allocUnsafeSlow(smallest), 0, 0);
  /** Where in `stored` the value of UNIQ_KEY is. */
  uniqueAt = 0;
  uniqueEnd = 0;
  /** What the consume queue keeps. */
  tagsCode = 0;
  /** False: the sender does not want to wait for the disk. */
  waitForFlush = true;
  /** Of the text as it was sent. */
  wasAscii = true;
  /** Of DELAY; 0 without. */
  delayLevel = 0;
  /** Whether it asks for an instant. */
  isTimed = false;
  /** TRAN_MSG=true: it waits for the end of a transaction. */
  isTransaction = false;
  private refused: RefusedProperty | undefined;
  private readonly since5: boolean;
  /** What every message gets: encoded pairs, as they end the text. */
  private readonly added: Buffer;
  private input: Buffer = this.stored.bytes;

  constructor(
    config: BrokerConfig,
    private readonly uniqueIds: () => string,
  ) {
    const pairs: [string, string][] = [[MessageProperty.CLUSTER, config.brokerClusterName]];
    this.since5 = config.brokerVersion !== 'V4_9_7';
    if (this.since5) {
      pairs.push([MessageProperty.MSG_REGION, config.regionId]);
      pairs.push([MessageProperty.TRACE_ON, String(config.traceOn)]);
    }
    const text = Buffer.from(encodeProperties(pairs));
    this.added = this.since5 ? text : text.subarray(0, -1);
  }

  /** Room for the properties of a batch, `length` bytes in all, one text behind the other. */
  reserveBatch(count: number, length: number): void {
    this.reserve(length + count * (this.added.length + longestUniquePair));
  }

  /** Takes the properties as they were sent, none at all included. What is to be stored begins at `at`. */
  read(sent: ByteRange | undefined, at = 0): RefusedProperty | undefined {
    this.refused = undefined;
    this.tagsCode = 0;
    this.waitForFlush = true;
    this.wasAscii = true;
    this.delayLevel = 0;
    this.isTimed = false;
    this.isTransaction = false;
    this.uniqueAt = this.uniqueEnd = 0;
    if (at === 0) this.reserve((sent?.length ?? 0) + this.added.length + longestUniquePair);
    const { stored, added } = this;
    let to = sent === undefined ? at : this.takePairs(sent, at);
    if (this.refused !== undefined) return this.refused;
    const { bytes } = stored;
    if (to > at && bytes[to - 1] !== pairEnd) bytes[to++] = pairEnd;
    if (this.uniqueEnd === this.uniqueAt) to = this.addUniqueKey(to);
    for (let i = 0; i < added.length; i++) bytes[to++] = added[i] as number;
    stored.start = at;
    stored.end = to;
    return undefined;
  }

  private reserve(needed: number): void {
    const { stored } = this;
    if (stored.bytes.length < needed) stored.bytes = Buffer.allocUnsafeSlow(needed);
  }

  /** Copies pair after pair; the next one goes over one that is not kept. Returns where they end. */
  private takePairs({ bytes, start, end }: ByteRange, target: number): number {
    const out = this.stored.bytes;
    this.input = bytes;
    let to = target;
    let all = 0;
    for (let at = start; at < end;) {
      const from = at;
      const first = to;
      let byte = 0;
      while (at < end && byte !== pairEnd) {
        byte = bytes[at++] as number;
        all |= byte;
        out[to++] = byte;
      }
      const valueEnd = byte === pairEnd ? at - 1 : at;
      if (!this.inspect(from, valueEnd, first)) to = first;
    }
    this.wasAscii = all < 0x80;
    return to;
  }

  private addUniqueKey(at: number): number {
    const { bytes } = this.stored;
    const { uniqueKey } = heads;
    this.uniqueAt = at + uniqueKey.copy(bytes, at);
    this.uniqueEnd = this.uniqueAt + bytes.write(this.uniqueIds(), this.uniqueAt, 'latin1');
    bytes[this.uniqueEnd] = pairEnd;
    return this.uniqueEnd + 1;
  }

  /** One pair, [at, end), copied to `copy`; whether it is kept. The first letter decides which names it can be. */
  private inspect(at: number, end: number, copy: number): boolean {
    switch (this.input[at]) {
      case 0x54: // T
        if (this.begins(at, end, heads.tags)) this.tagsCode = this.hash(at + heads.tags.length, end);
        else if (this.begins(at, end, heads.transaction)) {
          this.isTransaction = this.isTrue(at + heads.transaction.length, end);
        } else if (this.begins(at, end, heads.traceOn)) return !this.since5;
        else if (this.begins(at, end, heads.timer)) this.isTimed = true;
        return true;
      case 0x55: // U
        if (!this.begins(at, end, heads.uniqueKey)) return true;
        this.uniqueAt = copy + heads.uniqueKey.length;
        this.uniqueEnd = copy + end - at;
        return true;
      case 0x57: // W
        if (!this.begins(at, end, heads.wait)) return true;
        this.waitForFlush = at + heads.wait.length === end || this.isTrue(at + heads.wait.length, end);
        return this.since5;
      case 0x44: // D
        if (this.begins(at, end, heads.delay)) this.takeDelay(at + heads.delay.length, end);
        return true;
      case 0x49: // I
        if (this.begins(at, end, heads.inner)) {
          this.refuse(at, end, 'inner batches and multi dispatch are not served');
        }
        return true;
      case 0x43: // C
        return !this.begins(at, end, heads.cluster);
      case 0x4d: // M
        return !(this.since5 && this.begins(at, end, heads.region));
      case 0x52: // R
        return !this.begins(at, end, heads.realTopic) && !this.begins(at, end, heads.realQueue);
      case 0x50: // P
        return !this.begins(at, end, heads.popCheck);
      default:
        return true;
    }
  }

  private begins(at: number, end: number, name: Buffer): boolean {
    if (end - at < name.length) return false;
    const { input } = this;
    for (let i = 0; i < name.length; i++) if (input[at + i] !== name[i]) return false;
    return true;
  }

  private text(at: number, end: number): string {
    return this.input.toString('utf8', at, end);
  }

  /** Java's hash of the text there. */
  private hash(at: number, end: number): number {
    const { input } = this;
    let hash = 0;
    let all = 0;
    for (let i = at; i < end; i++) {
      const byte = input[i] as number;
      all |= byte;
      hash = (Math.imul(31, hash) + byte) | 0;
    }
    return all < 0x80 ? hash : tagsCode(this.text(at, end));
  }

  private isTrue(at: number, end: number): boolean {
    if (end - at !== trueText.length) return false;
    // Letters differ from their capitals in one bit.
    for (let i = 0; i < trueText.length; i++) if (((this.input[at + i] as number) | 0x20) !== trueText[i]) return false;
    return true;
  }

  private refuse(at: number, end: number, reason: string): void {
    const [name = ''] = this.text(at, end).split('\u0001', 1);
    this.refused = { name: name.slice(0, 64), reason };
  }

  private takeDelay(at: number, end: number): void {
    const level = delayLevelOf(this.text(at, end));
    if (level === undefined) this.refused = { name: MessageProperty.DELAY, reason: 'only whole numbers are taken' };
    else this.delayLevel = level;
  }
}

/** As much as the properties of nearly all messages take. */
const smallest = 1024;
/** UNIQ_KEY, its separators and an id, that of an IPv6 sender included. */
const longestUniquePair = 80;
