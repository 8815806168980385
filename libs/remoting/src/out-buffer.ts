/*
 * HOT PATH (add, flush). Copies: heads and bodies up to 8 KiB, once, into a buffer that is used again. Allocates: one view a
 * write. Calls: the head encoder once a frame, the socket once a tick. Benchmarks: send, pull.
 */
import type { Socket } from 'node:net';
import { ByteSink, HeadEncoder, type CommandHead, type ExtSource } from '../../protocol/src/index.js';

/**
 * What goes out on one connection. Frames of a tick are gathered in one buffer and leave in one socket write. The buffer
 * is used again at once when the kernel took all of it; while the kernel is still busy with it, a second one gathers.
 * Bodies above 8 KiB are not copied: they go by reference, between two stretches of the buffer, in one writev.
 */
export class OutBuffer {
  private sink: ByteSink | undefined;
  private spare: ByteSink | undefined;
  /** The sink the kernel has not taken yet. */
  private leaving: ByteSink | undefined;
  private busy = false;
  private readonly heads = new HeadEncoder();
  /** Bodies by reference, and where in the sink each belongs. */
  private readonly slices: Buffer[] = [];
  private readonly cuts: number[] = [];
  private sliceBytes = 0;
  private readonly onWritten = (): void => this.written();

  constructor(
    private readonly socket: Socket,
    /** Runs when the kernel has caught up. */
    private readonly onProgress: () => void,
  ) {}

  /** Bytes that the kernel has not taken. */
  get pending(): number {
    return this.socket.writableLength + this.gathered;
  }

  /** Bytes that the socket has not been handed yet. */
  get gathered(): number {
    return (this.sink?.position ?? 0) + this.sliceBytes;
  }

  /**
   * Adds a frame. Body buffers above 8 KiB must stay unchanged until sent, unless they are not lasting.
   *
   * @throws RocketMQError ARGUMENT_INVALID when the frame is longer than any peer accepts; nothing is added then.
   */
  add(head: CommandHead, ext: ExtSource, body: Buffer | readonly Buffer[], isLasting = true): void {
    this.sink ??= this.spare ?? new ByteSink(smallestSink);
    if (this.sink === this.spare) this.spare = undefined;
    const { sink } = this;
    const start = sink.position;
    try {
      this.heads.encode(sink, head, ext, bodyLength(body));
    } catch (error) {
      sink.position = start;
      throw error;
    }
    const upTo = isLasting ? largestCopy : Infinity;
    if (Buffer.isBuffer(body)) this.append(sink, body, upTo);
    else for (const part of body) this.append(sink, part, upTo);
  }

  /** Hands everything to the socket, unless it is busy: then that happens as soon as it is not. */
  flush(): void {
    const { sink, socket } = this;
    if (this.busy || sink === undefined || (sink.position === 0 && this.slices.length === 0)) return;
    if (this.slices.length === 0) socket.write(sink.written(), this.onWritten);
    else this.writeSlices(sink);
    // Zero already: the kernel took it all within the call, and the bytes are ours again.
    if (socket.writableLength === 0) sink.clear();
    else {
      this.busy = true;
      this.leaving = sink;
      this.sink = undefined;
    }
  }

  /** Gives memory back; for connections with nothing to say. */
  shrink(): void {
    this.spare = undefined;
    if (this.sink?.position === 0 && this.slices.length === 0) this.sink = undefined;
  }

  private append(sink: ByteSink, body: Buffer, copiedUpTo: number): void {
    if (body.length <= copiedUpTo) {
      if (body.length > 0) sink.buffer(body);
      return;
    }
    this.cuts.push(sink.position);
    this.slices.push(body);
    this.sliceBytes += body.length;
  }

  private writeSlices(sink: ByteSink): void {
    const { socket, slices, cuts } = this;
    socket.cork();
    let from = 0;
    for (let i = 0; i < slices.length; i++) {
      const cut = cuts[i] as number;
      if (cut > from) socket.write(sink.bytes.subarray(from, cut));
      from = cut;
      const isLast = i === slices.length - 1 && from === sink.position;
      socket.write(slices[i] as Buffer, isLast ? this.onWritten : undefined);
    }
    if (sink.position > from) socket.write(sink.bytes.subarray(from, sink.position), this.onWritten);
    slices.length = 0;
    cuts.length = 0;
    this.sliceBytes = 0;
    socket.uncork();
  }

  private written(): void {
    // Also called for a write that had ended at once, perhaps while a later one is under way.
    if (!this.busy || this.socket.writableLength > 0) return;
    this.busy = false;
    const { leaving } = this;
    this.leaving = undefined;
    if (leaving !== undefined) {
      if (this.sink === undefined) this.sink = leaving;
      else this.spare = leaving;
      leaving.clear();
    }
    this.flush();
    this.onProgress();
  }
}

const smallestSink = 1024;
/** Up to here copying is cheaper than one more entry of a writev. */
const largestCopy = 8 * 1024;

function bodyLength(body: Buffer | readonly Buffer[]): number {
  if (Buffer.isBuffer(body)) return body.length;
  let length = 0;
  for (const part of body) length += part.length;
  return length;
}
