/*
 * HOT PATH (received to readFrames, sendFrame, flush). Copies and allocates nothing itself. Calls: the frame reader and the
 * decoder once a frame, the router once a request, the out buffer once a reply; the socket once a tick. Benchmark: send.
 */
import type { Socket } from 'node:net';
import { messageOf, RocketMQError, type Clock, type Logger } from '../../common/src/index.js';
import {
  CommandFlag,
  DeclaredHeader,
  isResponse,
  keptCommand,
  plainDialect,
  type Command,
  type CommandHead,
  type Declaration,
  type ExtSource,
  type Fields,
  type HeaderInput,
  type HeaderOf,
  type ReplyDecoder,
  type SerializerCode,
} from '../../protocol/src/index.js';
import { formatAddress } from './address.js';
import type { CallOptions, CodedReply, ReplyReceiver } from './connection.js';
import { FrameReader } from './frame-reader.js';
import { InFlightTable } from './in-flight-table.js';
import { OutBuffer } from './out-buffer.js';
import { AwaitedReply } from './pending-call.js';
import { emptyBody, type ReplyChannel } from './request-exchange.js';
import type { Router } from './router.js';

/** What all connections of one server or client share. */
export interface Endpoint {
  readonly clock: Clock;
  readonly log: Logger;
  readonly router: Router;
  readonly replies: ReplyDecoder;
  readonly language: number;
  readonly version: number;
  readonly serializer: SerializerCode;
  readonly maxInFlight: number;
  readonly maxPendingBytes: number;
  nextConnectionId(): number;
}

export interface ConnectionOptions {
  /** How messages name the other side: the configured address where there is one. */
  readonly peer?: string;
  /** Chunks come through `received`, in memory that is overwritten afterwards. */
  readonly lendsFrames?: boolean;
}

/** One established TCP connection and the state machine around it: open, then closed, for good. */
export class SocketConnection implements ReplyChannel {
  readonly id: number;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly language: number;
  readonly version: number;
  closed = false;
  unmatchedResponses = 0;
  /** Sweeps since the last frame in either direction; kept by the idle sweep. */
  idleSweeps = 0;

  private readonly lendsFrames: boolean;
  private readonly reader: FrameReader;
  private readonly peer: string;
  private readonly out: OutBuffer;
  private readonly inFlight: InFlightTable;
  private readonly closeListeners: ((reason: string) => void)[] = [];
  private closeReason = '';
  private socketError: string | undefined;
  private flushPlanned = false;
  private framesSinceYield = 0;
  /** Answers on their way that are not in `out` yet: replies from the disk. */
  private answering = 0;
  /** Not reading: for a turn of the event loop, or because the peer does not read either. */
  private paused: 'no' | 'yielding' | 'stalled' = 'no';

  constructor(
    private readonly socket: Socket,
    private readonly endpoint: Endpoint,
    { peer, lendsFrames = false }: ConnectionOptions = {},
  ) {
    this.id = endpoint.nextConnectionId();
    this.remoteAddress = formatAddress(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0);
    this.localAddress = formatAddress(socket.localAddress ?? 'unknown', socket.localPort ?? 0);
    this.language = endpoint.language;
    this.version = endpoint.version;
    this.peer = peer ?? this.remoteAddress;
    this.lendsFrames = lendsFrames;
    this.reader = new FrameReader(lendsFrames);
    this.inFlight = new InFlightTable(endpoint.clock, endpoint.maxInFlight, this.peer);
    this.out = new OutBuffer(socket, () => this.wrote());
    if (!lendsFrames) {
      socket.on('data', (chunk: Buffer) => this.received(chunk));
      socket.resume();
    }
    socket.on('error', (error) => (this.socketError = messageOf(error)));
    socket.on('close', () => this.finish(this.socketError ?? 'the peer closed the connection'));
  }

  call<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q> = {},
  ): Promise<CodedReply<HeaderOf<R>, P>> {
    return new Promise((replied, failed) => this.request(declaration, header, options, { replied, failed }));
  }

  oneWay<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: Pick<CallOptions<Q>, 'body' | 'extra'> = {},
  ): boolean {
    if (this.closed || this.out.pending > this.endpoint.maxPendingBytes) return false;
    this.sendRequest(declaration, header, options, this.inFlight.nextOpaque(), CommandFlag.ONE_WAY);
    return true;
  }

  request<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q>,
    receiver: ReplyReceiver<HeaderOf<R>, P>,
  ): void {
    const { inFlight, peer } = this;
    const { signal } = options;
    try {
      signal?.throwIfAborted();
      this.checkRoom(declaration.name);
      const opaque = inFlight.nextOpaque();
      this.sendRequest(declaration, header, options, opaque, 0);
      const call = new AwaitedReply(opaque, declaration, options, this.endpoint.clock.monotonic(), receiver, peer);
      inFlight.add(call);
      if (signal !== undefined) call.failOnAbort(signal, () => inFlight.take(opaque));
    } catch (error) {
      receiver.failed(error);
    }
  }

  sendFrame(head: CommandHead, ext: ExtSource, body: Buffer | readonly Buffer[], isLasting = true): void {
    this.out.add(head, ext, body, isLasting);
    this.idleSweeps = 0;
    if (this.flushPlanned) return;
    this.flushPlanned = true;
    // After this callback and the promises it settled: what they all send leaves in one write.
    process.nextTick(flushPlanned, this);
  }

  flush(): void {
    this.flushPlanned = false;
    if (this.closed) return;
    this.out.flush();
    // Held replies are not bounded by what we read; a peer that takes none of them is let go.
    if (this.out.pending > 4 * this.endpoint.maxPendingBytes) this.close('the peer does not read');
  }

  onClose(listener: (reason: string) => void): void {
    if (this.closed) listener(this.closeReason);
    else this.closeListeners.push(listener);
  }

  close(reason: string): void {
    if (this.closed) return;
    this.out.flush();
    this.finish(reason);
    // What the kernel took is delivered; a peer that does not read is not waited for.
    if (this.socket.writableLength === 0) this.socket.destroySoon();
    else this.socket.destroy();
  }

  /** Called by the idle sweep. */
  shrink(): void {
    this.out.shrink();
  }

  endedError(): RocketMQError {
    return new RocketMQError('CONNECTION_FAILED', `the connection to ${this.peer} ended: ${this.closeReason}`);
  }

  /** @throws RocketMQError CONNECTION_FAILED, TOO_MANY_REQUESTS */
  private checkRoom(name: string): void {
    if (this.closed) throw this.endedError();
    this.inFlight.checkRoom(name);
    if (this.out.pending <= this.endpoint.maxPendingBytes) return;
    const text = `${name} to ${this.peer}: ${this.out.pending} bytes wait for it to read`;
    throw new RocketMQError('TOO_MANY_REQUESTS', text);
  }

  private sendRequest<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: Pick<CallOptions<Q>, 'body' | 'extra'>,
    opaque: number,
    flag: number,
  ): void {
    const { language, version, serializer } = this.endpoint;
    const ext = new DeclaredHeader(declaration.headerWriter, header, options.extra);
    const body = options.body === undefined ? emptyBody : declaration.requestBody.encode(options.body, plainDialect);
    this.sendFrame({ code: declaration.code, language, version, opaque, flag, remark: '', serializer }, ext, body);
    // The peer begins with these while we make the others of this tick: it need not fall asleep and be woken for each tick.
    if (this.out.gathered >= enoughForPeer) this.out.flush();
  }

  /** More bytes from the peer: called by the socket, or by whoever owns the memory they lie in. */
  received(chunk: Buffer): void {
    if (this.closed) return;
    this.reader.push(chunk);
    if (this.paused === 'no') this.readFrames();
    this.reader.keepRest();
  }

  private readFrames(): void {
    const { reader } = this;
    const { router } = this.endpoint;
    try {
      while (!this.closed) {
        if (this.out.pending > this.endpoint.maxPendingBytes || this.answering >= mostAnswering) return this.stall();
        if (this.framesSinceYield >= framesPerYield) return this.yieldTurn();
        if (!reader.advance()) return;
        this.framesSinceYield++;
        this.idleSweeps = 0;
        const command = this.reply() ?? router.decoder.decode(reader.bytes, reader.start, reader.end);
        if (isResponse(command)) this.settle(this.lendsFrames ? keptCommand(command) : command);
        else router.dispatch(this, command);
      }
    } catch (error) {
      this.violated(messageOf(error));
    }
  }

  /** The frame as the reply to a call under way, if it looks like one. */
  private reply(): Command | undefined {
    if (this.inFlight.size === 0) return undefined;
    const { bytes, start, end } = this.reader;
    const frame = bytes.subarray(start, end);
    const { replies } = this.endpoint;
    const call = this.inFlight.get(replies.opaqueOf(frame));
    return call === undefined ? undefined : replies.decode(frame, call.declaration);
  }

  private settle(response: Command): void {
    const call = this.inFlight.take(response.opaque);
    if (call === undefined) this.unmatchedResponses++;
    else call.succeed(response);
  }

  /** Others have their turn before this connection goes on. */
  private yieldTurn(): void {
    this.paused = 'yielding';
    this.socket.pause();
    setImmediate(() => {
      this.framesSinceYield = 0;
      this.resume();
    });
  }

  /** The peer asks and does not take the answers: no more of its requests until it does. */
  private stall(): void {
    this.paused = 'stalled';
    this.socket.pause();
    this.out.flush();
    this.wrote();
  }

  answerBegan(): void {
    this.answering++;
  }

  answerEnded(): void {
    this.answering--;
    this.wrote();
  }

  private wrote(): void {
    if (this.paused !== 'stalled' || this.answering > mostAnswering / 2) return;
    if (this.out.pending <= this.endpoint.maxPendingBytes / 2) this.resume();
  }

  private resume(): void {
    if (this.closed) return;
    this.paused = 'no';
    this.readFrames();
    if (this.mayRead()) this.socket.resume();
  }

  /** Asked after frames were read, which may have paused or closed again. */
  private mayRead(): boolean {
    return this.paused === 'no' && !this.closed;
  }

  private violated(reason: string): void {
    this.endpoint.log.warn('closing a connection that does not speak the protocol', { peer: this.peer, reason });
    this.finish(reason);
    this.socket.destroy();
  }

  private finish(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.closeReason = reason;
    for (const listener of this.closeListeners.splice(0)) {
      try {
        listener(reason);
      } catch (error) {
        this.endpoint.log.error('a close listener failed', { peer: this.peer, reason: messageOf(error) });
      }
    }
    // Last: whoever asks again at once must not find this connection.
    this.inFlight.failAll(this.endedError());
  }
}

/** Bytes of requests: some twenty sends. With less, a write costs more than the head start is worth. */
const enoughForPeer = 8 * 1024;
/** Bounds how long one busy connection keeps the others waiting. */
const framesPerYield = 512;
/** A pull's answer takes 256 KiB: so many are what may wait to be sent unless configured. */
const mostAnswering = 64;

function flushPlanned(connection: SocketConnection): void {
  connection.flush();
}
