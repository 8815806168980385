/*
 * HOT PATH (reading). Copies nothing and allocates one view a read. Benchmark: send.
 *
 * One buffer serves all connections of a server: what a connection has to say is read into it and handled before the next
 * one is read. Chunks of their own, as sockets make them, are memory that the kernel fills while it is in nobody's cache,
 * and that the garbage collector has to look for: at 4 KiB a message it ran all the time.
 */
import { Socket } from 'node:net';

/** As much as one read takes. */
const capacity = 256 * 1024;

/** What the handle of an accepted socket can do, in all versions of Node so far; it is no public interface. */
interface ReadingHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

export class ReceiveBuffer {
  private readonly bytes = Buffer.allocUnsafeSlow(capacity);

  /**
   * A socket in place of `accepted`, which must be paused, that hands what it reads to `receive`: bytes that are
   * overwritten as soon as that returns. Undefined when this version of Node offers no way; `accepted` is as it was then.
   */
  socketFor(accepted: Socket, receive: (chunk: Buffer) => void): Socket | undefined {
    const holder = accepted as unknown as { _handle?: Partial<ReadingHandle> | null };
    const handle = holder._handle;
    if (typeof handle?.useUserBuffer !== 'function') return undefined;
    const { bytes } = this;
    const onread = {
      buffer: bytes,
      callback(length: number): boolean {
        receive(bytes.subarray(0, length));
        return true;
      },
    };
    // The options of a socket that connects, for one that is connected: declared for the former only.
    const socket = new Socket({ handle, onread, readable: true, writable: true } as object);
    holder._handle = null;
    // The server counts the socket it knows.
    socket.once('close', () => accepted.destroy());
    return socket;
  }
}
